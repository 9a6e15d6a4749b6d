//! The pages, lists and records of an export.

use super::{
    ExportError,
    collect::{Collected, Track},
    folder::Folder,
    search,
};
use crate::pages::{
    addresses::{Addresses, Link, List},
    album, app, artist, assets, cover,
    embed::{self, Embed, Size},
    fan,
    feeds::{Listing, MAX_TRACKS},
    genre, home, library,
    network::Section,
    not_found, oembed,
    release::{Release, releases},
    search as search_page,
    track::{self, TrackPage},
    view::{TrackView, short_did},
};
use maud::Markup;
use osp_core::{did::Did, text::normalise};
use osp_store::Counts;
use std::collections::BTreeMap;

/// Releases on one page of the first pages.
const PER_PAGE: usize = 24;

/// Writes everything that is made here.
///
/// # Errors
/// [`ExportError::Io`].
pub(super) fn render(
    at: &Addresses,
    only: Option<&Did>,
    found: &Collected,
    folder: &mut Folder,
) -> Result<(), ExportError> {
    let by_key = found.tracks.iter().map(|track| (&*track.view.key, track)).collect();
    let mut by_artist: BTreeMap<&str, Vec<&Track>> = BTreeMap::new();
    for track in &found.tracks {
        by_artist.entry(&track.view.did).or_default().push(track);
    }
    let site = Site { at, found, by_key, by_artist };
    site.tracks(folder)?;
    site.albums(folder)?;
    site.artists(folder)?;
    site.genres(folder)?;
    match only {
        Some(did) => put(folder, "index.html", &site.artist(at, &did.to_string()))?,
        None => site.home(folder)?,
    }
    put(folder, at.search().path(), &search_page::by_script(at))?;
    search::write(at, &found.tracks, folder)?;
    put(folder, at.fan().path(), &fan::fan(at, fan::Place::Site))?;
    put(folder, at.fan_frame().path(), &fan::fan(at, fan::Place::Frame))?;
    let nowhere = match at.from_anywhere() {
        Some(at) => not_found::not_found(&at),
        None => not_found::alone(at),
    };
    put(folder, "404.html", &nowhere)?;
    put(folder, at.library().path(), &library::library(at))?;
    put(folder, at.offline().path(), &library::offline(at))?;
    let name = only.and_then(|did| site.name_of(&did.to_string())).unwrap_or(app::NAME);
    let manifest = serde_json::to_vec_pretty(&app::content(at, name)).expect("texts and numbers are JSON");
    folder.put("manifest.webmanifest", &manifest)?;
    for (path, bytes) in app::icon_files() {
        folder.put(&path, bytes)?;
    }
    for (path, bytes) in assets::files() {
        folder.put(&path, &bytes)?;
    }
    // Without it, GitHub's pages go through a program that leaves some names out.
    folder.put(".nojekyll", b"")
}

struct Site<'a> {
    at: &'a Addresses,
    found: &'a Collected,
    by_key: BTreeMap<&'a str, &'a Track>,
    by_artist: BTreeMap<&'a str, Vec<&'a Track>>,
}

impl Site<'_> {
    fn views(&self, places: &[usize]) -> Vec<TrackView> {
        places.iter().map(|place| self.found.tracks[*place].view.clone()).collect()
    }

    /// The album of a track in order, as a page shows it.
    fn release(&self, places: &[usize]) -> Option<Release> {
        releases(self.views(places)).into_iter().next()
    }

    fn tracks(&self, folder: &mut Folder) -> Result<(), ExportError> {
        let albums = self.found.albums();
        for Track { view, record, .. } in &self.found.tracks {
            let page = self.at.track(&view.key);
            let at = self.at.from(page.path());
            let album = view.album.as_deref().map(|album| (view.did.clone(), normalise(album)));
            let release = album.and_then(|album| self.release(albums.get(&album)?));
            let album = release.map(|release| release.tracks).unwrap_or_default();
            let about = TrackPage { track: view.clone(), album, newer: None };
            put(folder, page.path(), &track::track(&at, &about))?;
            folder.put(self.at.record(view).path(), record)?;
            for size in Size::ALL {
                self.embed(folder, view, Vec::new(), size)?;
            }
            self.oembed(folder, &page, view, false)?;
            if view.artwork.is_none()
                && let Some(svg) = cover::drawn(&view.seed)
            {
                folder.put(self.at.cover(view).path(), svg.as_bytes())?;
            }
        }
        Ok(())
    }

    fn embed(
        &self,
        folder: &mut Folder,
        track: &TrackView,
        album: Vec<TrackView>,
        size: Size,
    ) -> Result<(), ExportError> {
        let link = self.at.embed(track, !album.is_empty(), size);
        let about = Embed { track: track.clone(), album, size, start: None };
        put(folder, link.path(), &embed::embed(&self.at.from(link.path()), &about))
    }

    /// How programs find the player of a page. They ask at the address that the page names, and can name no size there.
    fn oembed(
        &self,
        folder: &mut Folder,
        page: &Link,
        track: &TrackView,
        album: bool,
    ) -> Result<(), ExportError> {
        let (Some(link), Some(url)) = (self.at.oembed(page), page.whole()) else { return Ok(()) };
        let asked = oembed::Asked { url: url.to_owned(), maxwidth: None, maxheight: None, format: None };
        let answer = oembed::rich(self.at, track, album, &asked);
        folder.put(link.path(), &serde_json::to_vec(&answer).expect("texts and numbers are JSON"))
    }

    fn albums(&self, folder: &mut Folder) -> Result<(), ExportError> {
        for places in self.found.albums().values() {
            let Some(release) = self.release(places) else { continue };
            let lead = release.lead();
            let Some(list) = lead.as_album() else { continue };
            let page = self.at.list(&list);
            put(folder, page.path(), &album::album(&self.at.from(page.path()), &release, &list))?;
            self.oembed(folder, &page, lead, true)?;
            self.embed(folder, lead, release.tracks.clone(), Size::Card)?;
            let listing = Listing {
                title: release.title().to_owned(),
                description: album::description(self.at, &release),
                author: Some(lead.artist.clone()),
                list,
                image: Some(self.at.cover(lead)),
                tracks: self.entries(&release.tracks),
            };
            self.lists(folder, &listing)?;
        }
        Ok(())
    }

    fn artists(&self, folder: &mut Folder) -> Result<(), ExportError> {
        for did in self.found.artists() {
            let list = List::Artist(did.clone());
            let page = self.at.list(&list);
            put(folder, page.path(), &self.artist(&self.at.from(page.path()), &did))?;
            let profile = self.found.profiles.get(&did);
            if let Some(profile) = profile {
                folder.put(&format!("{}/profile.json", self.at.folder(&list)), &profile.record)?;
                for (key, follow) in &profile.follows {
                    folder.put(&format!("{}/follows/{key}.json", self.at.folder(&list)), follow)?;
                }
            }
            let tracks = self.in_order(self.of_artist(&did));
            let Some(first) = tracks.first() else { continue };
            let name = profile.map_or(&first.artist, |profile| &profile.view.name);
            let avatar = profile.and_then(|profile| profile.view.avatar_at(self.at));
            let listing = Listing {
                title: name.clone(),
                description: (self.at.t().artist.description)(name, &short_did(&did)),
                author: Some(name.clone()),
                image: avatar.or_else(|| Some(self.at.cover(first))),
                tracks: self.entries(&tracks),
                list,
            };
            self.lists(folder, &listing)?;
        }
        Ok(())
    }

    /// The page of an artist, from wherever `at` is.
    fn artist(&self, at: &Addresses, did: &str) -> Markup {
        let profile = self.found.profiles.get(did).map(|profile| &profile.view);
        artist::artist(at, did, profile, self.of_artist(did), None, &Section::None)
    }

    /// An artist's name, as their profile says it, else their music.
    fn name_of(&self, did: &str) -> Option<&str> {
        let profile = self.found.profiles.get(did).map(|profile| &*profile.view.name);
        profile.or_else(|| self.by_artist.get(did)?.first().map(|track| &*track.view.artist))
    }

    fn of_artist(&self, did: &str) -> Vec<TrackView> {
        let own = self.by_artist.get(did).into_iter().flatten();
        own.map(|track| track.view.clone()).collect()
    }

    fn in_order(&self, tracks: Vec<TrackView>) -> Vec<TrackView> {
        releases(tracks).into_iter().flat_map(|release| release.tracks).collect()
    }

    fn genres(&self, folder: &mut Folder) -> Result<(), ExportError> {
        let mut counted: Vec<(String, u64)> = Vec::new();
        for (name, places) in &self.found.genres() {
            counted.push((name.clone(), places.len() as u64));
            let (list, tracks) = (List::Genre(name.clone()), self.views(places));
            let page = self.at.list(&list);
            put(folder, page.path(), &genre::genre(&self.at.from(page.path()), name, tracks.clone(), None))?;
            let listing = Listing {
                title: name.clone(),
                description: (self.at.t().genre.feed)(name),
                author: None,
                list,
                image: tracks.first().map(|track| self.at.cover(track)),
                tracks: self.entries(&tracks),
            };
            self.lists(folder, &listing)?;
        }
        counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        put(folder, self.at.genres().path(), &genre::all(self.at, &counted))
    }

    /// Everything, the newest first, on as many pages as that takes.
    fn home(&self, folder: &mut Folder) -> Result<(), ExportError> {
        let found = self.found;
        let mut genres: Vec<_> =
            found.genres().into_iter().map(|(name, places)| (name, places.len() as u64)).collect();
        genres.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        genres.truncate(genre::ON_HOME);
        let counts = Counts {
            tracks: found.tracks.len() as u64,
            artists: found.artists().len() as u64,
            ..Counts::default()
        };
        let all = releases(found.tracks.iter().map(|track| track.view.clone()).collect());
        let pages: Vec<_> = all.chunks(PER_PAGE).collect();
        for number in 1..=pages.len().max(1) {
            let releases = pages.get(number - 1).copied().unwrap_or_default();
            let tracks = releases.iter().flat_map(|release| release.tracks.clone()).collect();
            let older = (number < pages.len()).then(|| self.at.page(number + 1));
            let genres = if number == 1 { &genres[..] } else { &[] };
            let page = home::home(self.at, tracks, counts, genres, older, number == 1);
            put(folder, self.at.page(number).path(), &page)?;
        }
        Ok(())
    }

    fn entries(&self, tracks: &[TrackView]) -> Vec<crate::pages::feeds::Entry> {
        let known = tracks.iter().filter_map(|view| self.by_key.get(view.key.as_str()));
        known.take(MAX_TRACKS).map(|track| track.entry()).collect()
    }

    /// A list for other programs, in each of the forms that are possible.
    fn lists(&self, folder: &mut Folder, listing: &Listing) -> Result<(), ExportError> {
        for format in self.at.formats() {
            let link = self.at.list_file(&listing.list, *format);
            folder.put(link.path(), &format.write(&self.at.from(link.path()), listing))?;
        }
        Ok(())
    }
}

fn put(folder: &mut Folder, path: &str, page: &Markup) -> Result<(), ExportError> {
    folder.put(path, page.0.as_bytes())
}

//! Where things live: a page asks here for every address it contains, so the same templates serve a node and a folder of plain
//! files.
//!
//! ```text
//!                    a node                                 files of an export
//!  home              /                                      index.html
//!  a track           /track/KEY                             track/KEY.html
//!  its record        /api/v1/tracks/KEY                     track/KEY.json
//!  its audio         /api/v1/tracks/KEY/audio               audio/CID.opus
//!  an artist         /artist/DID                            artist/did-key-z6Mk….html
//!  an album          /artist/DID/album/NAME                 artist/did-key-z6Mk…/album/name-1a2b3c4d.html
//!  a list            …/feed.xml below artist, album, genre  the same, below the page's name without .html
//!  a picture         /ipfs/CID                              content/CID.jpg
//! ```
//!
//! A static host knows a file's media type by its ending and nothing else, and may have put the folder anywhere: so files have
//! endings, and lead to each other by relative addresses. Their names are of letters, digits, dots and hyphens only, whatever
//! stands in a record.

use super::{
    embed::Size,
    feeds::Format,
    language::Language,
    messages::Messages,
    view::{TrackView, segment},
};
use crate::filename;
use maud::{Markup, PreEscaped, Render, html};
use osp_core::{content, media::http_content_type, text::normalise};
use std::{collections::HashMap, sync::Arc};

/// The address of one thing, as seen from one page. It renders as what stands in `href` and `src`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    path: String,
    href: String,
    whole: Option<String>,
}

impl Link {
    /// From the root of the site, without a slash in front; for files the file's name.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// For `href` and `src`.
    #[must_use]
    pub fn href(&self) -> &str {
        &self.href
    }

    /// With scheme and host, for programs elsewhere; `None` where nobody said how the site is reached.
    #[must_use]
    pub fn whole(&self) -> Option<&str> {
        self.whole.as_deref()
    }

    /// With scheme and host where known.
    #[must_use]
    pub fn best(&self) -> &str {
        self.whole().unwrap_or(&self.href)
    }

    /// A place on the page, or a query.
    #[must_use]
    pub fn with(mut self, rest: &str) -> Self {
        self.href.push_str(rest);
        if let Some(whole) = &mut self.whole {
            whole.push_str(rest);
        }
        self
    }
}

impl Render for Link {
    fn render(&self) -> Markup {
        html! { (self.href) }
    }
}

/// A list of tracks with a page and with files for other programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// Everything of one artist.
    Artist(String),
    /// An album of an artist, by DID and name.
    Album(String, String),
    /// A genre.
    Genre(String),
}

/// Picture files of an export: the ending that a CID's bytes call for, as `.jpg`.
pub type Endings = HashMap<String, &'static str>;

#[derive(Clone, Debug)]
enum Shape {
    Node,
    Files(Arc<Endings>),
}

/// The addresses that stand in one page, and the language that the page is in: what every template has to know of its
/// surroundings.
#[derive(Clone, Debug)]
pub struct Addresses {
    shape: Shape,
    language: Language,
    /// Without a trailing slash.
    public_url: Option<Arc<str>>,
    /// What leads from the page to the root.
    root: Arc<str>,
}

impl Addresses {
    /// Of a node that is reached at `public_url`.
    #[must_use]
    pub fn node(public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').into();
        let language = Language::default();
        Self { shape: Shape::Node, language, public_url: Some(public_url), root: "/".into() }
    }

    /// Of a file in the root of an export; `public_url` is where its folder will be found, if that is known.
    #[must_use]
    pub fn files(public_url: Option<&str>, pictures: Endings) -> Self {
        let public_url = public_url.map(|url| url.trim_end_matches('/').into());
        let language = Language::default();
        Self { shape: Shape::Files(Arc::new(pictures)), language, public_url, root: "".into() }
    }

    /// The same for pages in another language.
    #[must_use]
    pub fn speaking(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// What the page says.
    pub(crate) fn t(&self) -> &'static Messages {
        self.language.texts()
    }

    /// The same for the file at `path` of the export.
    #[must_use]
    pub fn from(&self, path: &str) -> Self {
        Self { root: "../".repeat(path.matches('/').count()).into(), ..self.clone() }
    }

    /// The same for a page that hosts show at any path: nothing in it may be relative. Without a public address this is
    /// `None`.
    #[must_use]
    pub fn from_anywhere(&self) -> Option<Self> {
        let root = format!("{}/", self.public_url.as_deref()?);
        Some(Self { root: root.into(), ..self.clone() })
    }

    /// Whether there is no node behind the pages.
    #[must_use]
    pub fn is_files(&self) -> bool {
        matches!(self.shape, Shape::Files(_))
    }

    /// What leads from the page to the root: `/`, or `../` as often as needed.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Where the site is reached, without a trailing slash.
    #[must_use]
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// A file with the same path everywhere: scripts, styles, the icon.
    #[must_use]
    pub fn file(&self, path: &str) -> Link {
        let whole = self.public_url.as_ref().map(|url| format!("{url}/{path}"));
        Link { path: path.to_owned(), href: format!("{}{path}", self.root), whole }
    }

    fn either(&self, node: impl FnOnce() -> String, files: impl FnOnce() -> String) -> Link {
        self.file(&if self.is_files() { files() } else { node() })
    }

    /// The first page.
    #[must_use]
    pub fn home(&self) -> Link {
        let mut link = self.either(String::new, || "index.html".to_owned());
        link.whole = self.public_url.as_ref().map(|url| format!("{url}/"));
        link
    }

    /// The result page of searches.
    #[must_use]
    pub fn search(&self) -> Link {
        self.either(|| "search".to_owned(), || "search.html".to_owned())
    }

    /// Everything of a genre, as a search that can be narrowed down; files have no such page.
    #[must_use]
    pub fn search_genre(&self, genre: &str) -> Option<Link> {
        (!self.is_files()).then(|| self.search().with(&format!("?genre={}", segment(genre))))
    }

    /// What the description of the interface is at; files have none.
    #[must_use]
    pub fn interface(&self) -> Option<Link> {
        (!self.is_files()).then(|| self.file("api/v1/openapi.json"))
    }

    /// The `number`th page of the newest music; those of a node go on from cursors.
    #[must_use]
    pub fn page(&self, number: usize) -> Link {
        if number <= 1 { self.home() } else { self.file(&format!("page-{number}.html")) }
    }

    /// The page that opens sealed files.
    #[must_use]
    pub fn fan(&self) -> Link {
        self.either(|| "fan".to_owned(), || "fan.html".to_owned())
    }

    /// The same inside other people's pages.
    #[must_use]
    pub fn fan_frame(&self) -> Link {
        self.either(|| "fan/frame".to_owned(), || "fan-frame.html".to_owned())
    }

    /// The same with a sealed file of this site.
    #[must_use]
    pub fn fan_with(&self, track: &TrackView) -> Link {
        self.fan().with(&self.asks_for(track))
    }

    /// The same to be framed in the track's own page.
    #[must_use]
    pub fn fan_frame_with(&self, track: &TrackView) -> Link {
        self.fan_frame().with(&self.asks_for(track))
    }

    fn asks_for(&self, track: &TrackView) -> String {
        // Seen from the root, which is what the page reads it from.
        let node = matches!(self.shape, Shape::Node);
        let file = format!("{}{}", if node { "/" } else { "" }, self.audio(track).path());
        format!("#url={}&artist={}", segment(&file), segment(&track.did))
    }

    /// What is kept on the listener's device.
    #[must_use]
    pub fn library(&self) -> Link {
        self.either(|| "library".to_owned(), || "library.html".to_owned())
    }

    /// What is shown where there is no connection.
    #[must_use]
    pub fn offline(&self) -> Link {
        self.either(|| "offline".to_owned(), || "offline.html".to_owned())
    }

    /// All genres.
    #[must_use]
    pub fn genres(&self) -> Link {
        self.either(|| "genres".to_owned(), || "genres.html".to_owned())
    }

    /// The page of a list.
    #[must_use]
    pub fn list(&self, list: &List) -> Link {
        let ending = if self.is_files() { ".html" } else { "" };
        self.file(&format!("{}{ending}", self.folder(list)))
    }

    /// A list for other programs.
    #[must_use]
    pub fn list_file(&self, list: &List, format: Format) -> Link {
        self.file(&format!("{}/{}", self.folder(list), format.file()))
    }

    /// In which forms lists are written: feeds need whole addresses in them.
    #[must_use]
    pub fn formats(&self) -> &'static [Format] {
        if self.public_url.is_some() { &Format::ALL } else { &[Format::M3u, Format::Json] }
    }

    /// The page of a list without ending; what is below it begins with this.
    pub(crate) fn folder(&self, list: &List) -> String {
        let name: fn(&str) -> String = if self.is_files() { file_name } else { segment };
        match list {
            List::Artist(did) => format!("artist/{}", name(did)),
            List::Album(did, album) => format!("artist/{}/album/{}", name(did), name(album)),
            List::Genre(genre) => format!("genre/{}", name(genre)),
        }
    }

    /// An artist's page.
    #[must_use]
    pub fn artist(&self, did: &str) -> Link {
        self.list(&List::Artist(did.to_owned()))
    }

    /// The page of the album that a track is on.
    #[must_use]
    pub fn album(&self, track: &TrackView) -> Option<Link> {
        track.as_album().map(|list| self.list(&list))
    }

    /// A genre's page.
    #[must_use]
    pub fn genre(&self, genre: &str) -> Link {
        self.list(&List::Genre(genre.to_owned()))
    }

    /// A track's page, by its key.
    #[must_use]
    pub fn track(&self, key: &str) -> Link {
        let key = segment(key);
        self.either(|| format!("track/{key}"), || format!("track/{key}.html"))
    }

    /// A track's bare record.
    #[must_use]
    pub fn record(&self, track: &TrackView) -> Link {
        let key = segment(&track.key);
        self.either(|| format!("api/v1/tracks/{key}"), || format!("track/{key}.json"))
    }

    /// A track's audio.
    #[must_use]
    pub fn audio(&self, track: &TrackView) -> Link {
        self.either(
            || format!("api/v1/tracks/{}/audio", segment(&track.key)),
            || audio_file(&track.cid, &track.format),
        )
    }

    /// A track's torrent, where it is a file beside the page; a node makes it when it is asked for.
    #[must_use]
    pub fn torrent(&self, track: &TrackView) -> Option<Link> {
        self.is_files().then(|| self.file(&format!("track/{}.torrent", segment(&track.key))))
    }

    /// Artwork, or the drawn cover.
    #[must_use]
    pub fn cover(&self, track: &TrackView) -> Link {
        match &track.artwork {
            Some(cid) => self.picture(cid),
            None => self.file(&format!("cover/{}.svg", track.seed)),
        }
    }

    /// A picture by its CID.
    #[must_use]
    pub fn picture(&self, cid: &str) -> Link {
        match &self.shape {
            Shape::Node => self.file(&format!("ipfs/{}", segment(cid))),
            Shape::Files(endings) => self.file(&picture_file(cid, endings.get(cid).unwrap_or(&".bin"))),
        }
    }

    /// Where the bytes of the waveform are.
    #[must_use]
    pub fn waveform(&self, track: &TrackView) -> Option<Link> {
        let cid = track.waveform.as_deref()?;
        Some(self.either(|| format!("ipfs/{}", segment(cid)), || waveform_file(cid)))
    }

    /// Where the words are.
    #[must_use]
    pub fn lyrics(&self, track: &TrackView) -> Option<Link> {
        let cid = track.lyrics.as_deref()?;
        Some(self.either(|| format!("ipfs/{}", segment(cid)), || lyrics_file(cid)))
    }

    /// A player for other people's pages.
    #[must_use]
    pub fn embed(&self, track: &TrackView, album: bool, size: Size) -> Link {
        let (key, size) = (segment(&track.key), size.name());
        if self.is_files() {
            return self.file(&format!("embed/{key}-{size}{}.html", if album { "-album" } else { "" }));
        }
        let list = if album { "&list=album" } else { "" };
        self.file(&format!("embed/{key}")).with(&format!("?size={size}{list}"))
    }

    /// What tells programs how to embed `page`; there is none where nobody said how the site is reached.
    #[must_use]
    pub fn oembed(&self, page: &Link) -> Option<Link> {
        let whole = page.whole()?;
        Some(match self.shape {
            Shape::Node => self.file("oembed").with(&format!("?url={}", segment(whole))),
            Shape::Files(_) => self.file(&format!("{}.oembed.json", page.path().trim_end_matches(".html"))),
        })
    }

    /// What pages that run without a node tell their scripts: where the root is, seen from here.
    #[must_use]
    pub fn head(&self) -> Markup {
        match self.shape {
            Shape::Node => PreEscaped(String::new()),
            Shape::Files(_) => html! { meta name="osp-files" content=(self.root); },
        }
    }
}

/// The file of audio in an export.
#[must_use]
pub fn audio_file(cid: &str, format: &str) -> String {
    format!("audio/{}{}", segment(cid), filename::extension(http_content_type(format)))
}

/// The file of a picture in an export; `ending` with its dot.
#[must_use]
pub fn picture_file(cid: &str, ending: &str) -> String {
    format!("content/{}{ending}", segment(cid))
}

/// The file of a waveform in an export.
#[must_use]
pub fn waveform_file(cid: &str) -> String {
    format!("content/{}.waveform.bin", segment(cid))
}

/// The file of lyrics in an export.
#[must_use]
pub fn lyrics_file(cid: &str) -> String {
    format!("content/{}.lyrics.txt", segment(cid))
}

/// A file's name for any text: what can be read of it, and enough of its hash to tell it from others. DIDs of keys are their own
/// names, but for the colon that some systems lack.
fn file_name(text: &str) -> String {
    /// Letters and digits that are kept of a text.
    const READABLE: usize = 48;
    if let Some(key) = text.strip_prefix("did:key:")
        && key.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        return format!("did-key-{key}");
    }
    let same = normalise(text);
    let words = same.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join("-");
    name.truncate(READABLE);
    let hash = data_encoding::HEXLOWER.encode(&content::sha256(same.as_bytes())[..4]);
    format!("{}{hash}", if name.is_empty() { name } else { format!("{}-", name.trim_end_matches('-')) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_harmless_and_differ_where_texts_do() {
        assert_eq!(file_name("did:key:z6MkA"), "did-key-z6MkA");
        for text in
            ["../../etc/passwd", "AC/DC: Live?", "音楽", "", "did:key:../x", "did:web:a%3A1:b", "con."]
        {
            let name = file_name(text);
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{name}"
            );
            assert!(!name.is_empty() && !name.starts_with('-'), "{name}");
        }
        assert_ne!(file_name("a b"), file_name("a-b"));
        assert_ne!(file_name("音楽"), file_name("音"));
        assert!(file_name(&"a".repeat(1000)).len() < 80);
    }

    #[test]
    fn a_file_leads_to_others_from_where_it_is() {
        let files = Addresses::files(Some("https://max.example/music/"), Endings::new());
        let list = List::Album("did:key:z6MkA".into(), "One".into());
        let page = files.list(&list);
        let there = files.from(page.path());
        assert!(page.path().starts_with("artist/did-key-z6MkA/album/one-"), "{}", page.path());
        assert_eq!(there.home().href(), "../../../index.html");
        assert_eq!(there.home().whole(), Some("https://max.example/music/"));
        assert_eq!(there.track("bafk").href(), "../../../track/bafk.html");
        assert_eq!(there.track("bafk").whole(), Some("https://max.example/music/track/bafk.html"));
        assert_eq!(Addresses::files(None, Endings::new()).track("bafk").whole(), None);
    }

    #[test]
    fn a_node_has_its_routes() {
        let node = Addresses::node("http://n.example");
        assert_eq!(node.home().href(), "/");
        assert_eq!(node.home().whole(), Some("http://n.example/"));
        assert_eq!(
            node.list_file(&List::Album("did:web:a%3A1".into(), "A/B".into()), Format::Rss).href(),
            "/artist/did:web:a%253A1/album/A%2FB/feed.xml"
        );
        assert_eq!(
            node.oembed(&node.track("k")).map(|link| link.href().to_owned()).as_deref(),
            Some("/oembed?url=http:%2F%2Fn.example%2Ftrack%2Fk")
        );
    }
}

//! From a request to an album, a genre, their feeds, and to players for other people's pages.

use super::{
    addresses::{Addresses, List},
    album,
    embed::{self, Embed, Size},
    feeds::{Entry, Format, Listing, MAX_TRACKS},
    genre,
    handlers::{PER_PAGE, Page, Params, failed, nothing, profile, view, view_of, views},
    home,
    language::Language,
    not_found, oembed,
    release::Release,
    security,
    view::{TrackView, short_did},
};
use crate::http::AppState;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use osp_core::{did::Did, record::Record};
use osp_store::{Query as Find, StoreError, StoredRecord};
use serde::Deserialize;

/// Genres that are listed.
const MAX_GENRES: usize = 500;

/// `GET /artist/{did}/album/{album}`
pub async fn album(
    State(state): State<AppState>,
    at: Addresses,
    Path((did, name)): Path<(String, String)>,
) -> Page {
    let Some(found) = found_album(&state, &did, &name).await.map_err(failed(&at))? else {
        return Ok(nothing(&at));
    };
    let release = Release { tracks: found.into_iter().map(|entry| entry.view).collect() };
    let Some(list) = release.lead().as_album() else { return Ok(nothing(&at)) };
    Ok(album::album(&at, &release, &list).into_response())
}

/// `GET /artist/{did}/album/{album}/{file}`
pub async fn of_album(
    State(state): State<AppState>,
    at: Addresses,
    Path((did, name, file)): Path<(String, String, String)>,
) -> Page {
    let Some(format) = Format::of_file(&file) else { return Ok(nothing(&at)) };
    let at = for_programs(at);
    let Some(tracks) = found_album(&state, &did, &name).await.map_err(failed(&at))? else {
        return Ok(nothing(&at));
    };
    let release = Release { tracks: tracks.iter().map(|entry| entry.view.clone()).collect() };
    let lead = release.lead();
    let Some(list) = lead.as_album() else { return Ok(nothing(&at)) };
    let listing = Listing {
        title: release.title().to_owned(),
        description: album::description(&at, &release),
        author: Some(lead.artist.clone()),
        list,
        image: Some(at.cover(lead)),
        tracks,
    };
    Ok(written(&at, format, &listing))
}

/// `GET /artist/{did}/{file}`
pub async fn of_artist(
    State(state): State<AppState>,
    at: Addresses,
    Path((did, file)): Path<(String, String)>,
) -> Page {
    let (Some(format), Ok(artist)) = (Format::of_file(&file), Did::parse(&did)) else {
        return Ok(nothing(&at));
    };
    let at = for_programs(at);
    let profile = profile(&state, &artist).await.map_err(failed(&at))?;
    let find = Find { artist: Some(artist), ..Find::default() };
    let tracks = entries(&state, find).await.map_err(failed(&at))?;
    let Some(first) = tracks.first().map(|entry| entry.view.clone()) else { return Ok(nothing(&at)) };
    let name = profile.as_ref().map_or(first.artist.clone(), |profile| profile.name.clone());
    let listing = Listing {
        description: (at.t().artist.description)(&name, &short_did(&did)),
        author: Some(name.clone()),
        title: name,
        image: profile.and_then(|profile| profile.avatar_at(&at)).or_else(|| Some(at.cover(&first))),
        list: List::Artist(first.did),
        tracks,
    };
    Ok(written(&at, format, &listing))
}

/// `GET /genres`
pub async fn genres(State(state): State<AppState>, at: Addresses) -> Page {
    let genres = state.node.records().genres(MAX_GENRES).await.map_err(failed(&at))?;
    Ok(genre::all(&at, &genres).into_response())
}

/// `GET /genre/{genre}`
pub async fn genre(
    State(state): State<AppState>,
    at: Addresses,
    Path(genre): Path<String>,
    Query(params): Query<Params>,
) -> Page {
    let find = Find { genre: Some(genre.clone()), limit: PER_PAGE, cursor: params.cursor, ..Find::default() };
    let page = state.node.records().search(&find).await.map_err(failed(&at))?;
    let tracks = views(&state, &page.records).await.map_err(failed(&at))?;
    let status = if tracks.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let older = home::older(at.genre(&genre), &[], page.next.as_deref());
    let page = genre::genre(&at, &genre, tracks, older);
    Ok((status, page).into_response())
}

/// `GET /genre/{genre}/{file}`
pub async fn of_genre(
    State(state): State<AppState>,
    at: Addresses,
    Path((genre, file)): Path<(String, String)>,
) -> Page {
    let Some(format) = Format::of_file(&file) else { return Ok(nothing(&at)) };
    let at = for_programs(at);
    let find = Find { genre: Some(genre.clone()), ..Find::default() };
    let tracks = entries(&state, find).await.map_err(failed(&at))?;
    if tracks.is_empty() {
        return Ok(nothing(&at));
    }
    let listing = Listing {
        description: (at.t().genre.feed)(&genre),
        author: None,
        list: List::Genre(genre.clone()),
        image: tracks.first().map(|entry| at.cover(&entry.view)),
        title: genre,
        tracks,
    };
    Ok(written(&at, format, &listing))
}

/// Query parameters of an embed.
#[derive(Debug, Default, Deserialize)]
pub struct EmbedParams {
    #[serde(default)]
    size: String,
    #[serde(default)]
    list: String,
    /// Seconds, or `1m08s`, or `1:08`.
    #[serde(default)]
    t: String,
}

/// `GET /embed/{key}`
pub async fn embed(
    State(state): State<AppState>,
    at: Addresses,
    Path(key): Path<String>,
    Query(params): Query<EmbedParams>,
) -> Page {
    let policy = [(header::CONTENT_SECURITY_POLICY, security::EMBED_POLICY)];
    let Some(track) = playable(&state, &key).await.map_err(failed(&at))? else {
        let page = not_found::not_found(&at);
        return Ok((StatusCode::NOT_FOUND, policy, page).into_response());
    };
    let mut album = Vec::new();
    if params.list == "album"
        && let Some(name) = &track.album
    {
        let found = found_album(&state, &track.did, name).await.map_err(failed(&at))?;
        album = found.into_iter().flatten().map(|entry| entry.view).collect();
    }
    let about =
        Embed { track, album, size: Size::named(&params.size), start: super::time::seconds(&params.t) };
    Ok((policy, embed::embed(&at, &about)).into_response())
}

/// `GET /oembed`
pub async fn oembed(
    State(state): State<AppState>,
    at: Addresses,
    Query(asked): Query<oembed::Asked>,
) -> Page {
    if asked.format.as_deref().is_some_and(|format| format != "json") {
        let text = "only format=json is offered\n";
        return Ok((StatusCode::NOT_IMPLEMENTED, text).into_response());
    }
    let found = asked_for(&state, &asked.url).await.map_err(failed(&at))?;
    let Some((track, album)) = found else {
        return Ok((StatusCode::NOT_FOUND, "no such track or album on this node\n").into_response());
    };
    Ok(Json(oembed::rich(&at, &track, album, &asked)).into_response())
}

/// Which track or album a URL of this node names.
async fn asked_for(state: &AppState, url: &str) -> Result<Option<(TrackView, bool)>, StoreError> {
    let Some(path) = url.strip_prefix(&*state.public_url) else { return Ok(None) };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<String> = path
        .trim_start_matches('/')
        .split('/')
        .map(|part| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    match &parts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["track", key] => Ok(playable(state, key).await?.map(|track| (track, false))),
        ["artist", did, "album", name] => {
            let found = found_album(state, did, name).await?;
            Ok(found.and_then(|tracks| tracks.into_iter().next()).map(|entry| (entry.view, true)))
        }
        _ => Ok(None),
    }
}

/// A track that may be played: current and not blocked.
async fn playable(state: &AppState, key: &str) -> Result<Option<TrackView>, StoreError> {
    let Some(stored) = state.node.records().get(key).await? else { return Ok(None) };
    let Ok(record) = Record::parse(&stored.json) else { return Ok(None) };
    if stored.withdrawn.is_some() || state.node.records().is_blocked(&record).await? {
        return Ok(None);
    }
    match record.as_track() {
        Some(track) => view_of(state, track).await.map(Some),
        None => Ok(None),
    }
}

/// An album in order; `None` when nothing here is of it.
async fn found_album(state: &AppState, did: &str, name: &str) -> Result<Option<Vec<Entry>>, StoreError> {
    let Ok(artist) = Did::parse(did) else { return Ok(None) };
    let find = Find { artist: Some(artist), album: Some(name.to_owned()), ..Find::default() };
    let tracks = entries(state, find).await?;
    Ok((!tracks.is_empty()).then_some(tracks))
}

/// All pages of a search, up to what a list holds.
async fn entries(state: &AppState, mut find: Find) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    loop {
        find.limit = MAX_TRACKS - entries.len();
        let page = state.node.records().search(&find).await?;
        for stored in &page.records {
            entries.extend(entry(state, stored).await?);
        }
        find.cursor = page.next;
        if find.cursor.is_none() || entries.len() >= MAX_TRACKS {
            return Ok(entries);
        }
    }
}

async fn entry(state: &AppState, stored: &StoredRecord) -> Result<Option<Entry>, StoreError> {
    Ok(view(state, stored).await?.map(|view| Entry { view, record: stored.json.clone() }))
}

/// A program fetches a list for everybody who reads it there, so its language is not that of who happened to ask first.
fn for_programs(at: Addresses) -> Addresses {
    at.speaking(Language::default())
}

fn written(at: &Addresses, format: Format, listing: &Listing) -> Response {
    ([(header::CONTENT_TYPE, format.media_type())], format.write(at, listing)).into_response()
}

//! From a request to a page: asks the node, fills a template.

use super::{
    addresses::Addresses,
    artist, fan, genre, home, library,
    network::Section,
    not_found,
    profile::ProfileView,
    search::{self, Asked},
    search_events, security,
    track::{self, TrackPage},
    view::TrackView,
};
use crate::{
    discovery::search::wanted,
    http::{self, ApiError, AppState},
    social::trust_ranks,
};
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use osp_core::{
    Cid,
    content::parse_cid,
    did::Did,
    record::{Record, TrackRecord},
};
use osp_media::Cover;
use osp_store::{Query as Find, Social as _, StoreError, StoredRecord, Withdrawn};
use serde::Deserialize;
use std::time::Duration;

/// Tracks on a page.
pub(super) const PER_PAGE: usize = 48;
/// Tracks of an album that are listed below one of them.
const ALBUM_TRACKS: usize = 200;
/// Bytes by which a picture is known.
const PICTURE_HEAD: u64 = 32;
/// Longest search that is passed on, in characters; what follows is left off.
const MAX_WORDS: usize = 200;
/// How long a page waits for the network.
const NETWORK_WAIT: Duration = Duration::from_secs(4);

/// Query parameters of all pages.
#[derive(Debug, Default, Deserialize)]
pub struct Params {
    #[serde(default)]
    q: String,
    #[serde(default)]
    genre: String,
    pub(super) cursor: Option<String>,
    /// Set to have the network searched before the page is made.
    network: Option<String>,
}

impl Params {
    fn asked(self) -> Asked {
        let text = |text: &str| text.trim().chars().take(MAX_WORDS).collect::<String>();
        Asked { q: text(&self.q), genre: text(&self.genre), cursor: self.cursor }
    }
}

/// Why there is no page; becomes one all the same.
pub struct Failed {
    at: Addresses,
    error: StoreError,
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        if let StoreError::Cursor(_) = self.error {
            return (StatusCode::BAD_REQUEST, not_found::no_such_place(&self.at)).into_response();
        }
        tracing::error!(error = %self.error, "a page could not be made");
        (StatusCode::INTERNAL_SERVER_ERROR, not_found::broken(&self.at)).into_response()
    }
}

pub(super) type Page = Result<Response, Failed>;

/// `GET /`
pub async fn home(State(state): State<AppState>, at: Addresses, Query(params): Query<Params>) -> Page {
    let records = state.node.records();
    let find = Find { limit: PER_PAGE, cursor: params.cursor.clone(), ..Find::default() };
    let page = records.search(&find).await.map_err(failed(&at))?;
    let counts = records.counts().await.map_err(failed(&at))?;
    let tracks = views(&state, &page.records).await.map_err(failed(&at))?;
    let first = params.cursor.is_none();
    let genres = if first { records.genres(genre::ON_HOME).await.map_err(failed(&at))? } else { Vec::new() };
    let older = home::older(at.home(), &[], page.next.as_deref());
    Ok(home::home(&at, tracks, counts, &genres, older, first).into_response())
}

/// `GET /search`
pub async fn search(
    State(state): State<AppState>,
    at: Addresses,
    Query(params): Query<Params>,
    parts: Parts,
) -> Page {
    let now = params.network.is_some();
    let asked = params.asked();
    let find = Find { trust: Some(trust_ranks(&state.node).await.map_err(failed(&at))?), ..find_of(&asked) };
    let page = state.node.records().search(&find).await.map_err(failed(&at))?;
    let tracks = views(&state, &page.records).await.map_err(failed(&at))?;
    let network = network(&state, &parts, &find, now).await.map_err(failed(&at))?;
    let query = [("q", &*asked.q), ("genre", &asked.genre)];
    let older = home::older(at.search(), &query, page.next.as_deref());
    Ok(search::search(&at, &asked, &tracks, older, &network).into_response())
}

fn find_of(asked: &Asked) -> Find {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Find {
        text: given(&asked.q),
        genre: given(&asked.genre),
        limit: PER_PAGE,
        cursor: asked.cursor.clone(),
        ..Find::default()
    }
}

/// What the network adds to a search: an offer, or with `now` what it finds while the page waits.
async fn network(state: &AppState, parts: &Parts, find: &Find, now: bool) -> Result<Section, StoreError> {
    let first = find.cursor.is_none() && !wanted::keys(find).is_empty();
    let network = if first { state.node.network().await } else { None };
    // A node that is alone offers nothing that it cannot do.
    match network {
        Some(network) if network.knows_somebody().await => {}
        _ => return Ok(Section::None),
    }
    if !now {
        return Ok(Section::Offered);
    }
    let Ok(merged) = http::search::merged(state, parts, find, NETWORK_WAIT).await else {
        return Ok(Section::Busy);
    };
    let mut found = Vec::new();
    for one in merged.ranking.top(usize::MAX).into_iter().filter(|one| !one.peers.is_empty()) {
        if let Ok(Record::Track(track)) = Record::parse(&one.json) {
            found.push((view_of(state, &track).await?, one.peers.len()));
        }
    }
    Ok(Section::Searched(found))
}

/// `GET /search/events`
///
/// # Errors
/// As the HTTP interface: 503 when too many searches run.
pub async fn search_events(
    State(state): State<AppState>,
    at: Addresses,
    Query(params): Query<Params>,
    parts: Parts,
) -> Result<Response, ApiError> {
    let search = http::search::begin(&state, &parts, &find_of(&params.asked())).await?;
    Ok(search_events::answer(state, at, search).await?)
}

/// `GET /artist/{did}`
pub async fn artist(
    State(state): State<AppState>,
    at: Addresses,
    Path(did): Path<String>,
    Query(params): Query<Params>,
    parts: Parts,
) -> Page {
    let Ok(artist) = Did::parse(&did) else { return Ok(nothing(&at)) };
    let profile = profile(&state, &artist).await.map_err(failed(&at))?;
    let find = Find { cursor: params.cursor, ..find_artist(artist) };
    let page = state.node.records().search(&find).await.map_err(failed(&at))?;
    let mut tracks = views(&state, &page.records).await.map_err(failed(&at))?;
    // Nothing of somebody is here: the page waits, because there is no other.
    let now = params.network.is_some() || tracks.is_empty();
    let mut network = network(&state, &parts, &find, now).await.map_err(failed(&at))?;
    if tracks.is_empty()
        && let Section::Searched(found) = network
    {
        tracks = found.into_iter().map(|(track, _)| track).collect();
        network = Section::None;
    }
    if tracks.is_empty() && profile.is_none() {
        return Ok(nothing(&at));
    }
    let older = home::older(at.artist(&did), &[], page.next.as_deref());
    let page = artist::artist(&at, &did, profile.as_ref(), tracks, older, &network);
    Ok(page.into_response())
}

fn find_artist(artist: Did) -> Find {
    Find { artist: Some(artist), limit: PER_PAGE, ..Find::default() }
}

/// `GET /artist/{did}/events`
///
/// # Errors
/// As [`search_events()`]; 400 for what is no DID.
pub async fn artist_events(
    State(state): State<AppState>,
    at: Addresses,
    Path(did): Path<String>,
    parts: Parts,
) -> Result<Response, ApiError> {
    let artist = Did::parse(&did).map_err(|e| ApiError::usage(e.to_string()))?;
    let search = http::search::begin(&state, &parts, &find_artist(artist)).await?;
    Ok(search_events::answer(state, at, search).await?)
}

/// `GET /track/{key}`
pub async fn track(
    State(state): State<AppState>,
    at: Addresses,
    Path(key): Path<String>,
    parts: Parts,
) -> Page {
    let records = state.node.records();
    let mut known = records.get(&key).await.map_err(failed(&at))?.or_else(|| state.node.shelved(&key));
    if known.is_none() {
        let client = state.tracker.client(&parts);
        http::lookup::find(&state, &key, client).await;
        known = state.node.shelved(&key);
    }
    let Some(stored) = known else { return Ok(nothing(&at)) };
    // What the store holds was verified before it was stored; a retraction's id names no page.
    let Ok(record) = Record::parse(&stored.json) else { return Ok(nothing(&at)) };
    let Some(of) = record.as_track() else { return Ok(nothing(&at)) };
    if records.is_blocked(&record).await.map_err(failed(&at))? {
        return Ok((StatusCode::GONE, not_found::blocked(&at)).into_response());
    }
    let newer = match &stored.withdrawn {
        Some(Withdrawn::Retracted(retraction)) => {
            let reason = reason_of(retraction);
            let page = not_found::retracted(&at, reason.as_deref());
            return Ok((StatusCode::GONE, page).into_response());
        }
        Some(Withdrawn::Superseded(id)) => Some(at.track(id.cid_text())),
        None => None,
    };
    let mut album = Vec::new();
    if let Some(name) = of.text("album") {
        let find = Find {
            artist: Some(of.artist()),
            album: Some(name.to_owned()),
            limit: ALBUM_TRACKS,
            ..Find::default()
        };
        let page = records.search(&find).await.map_err(failed(&at))?;
        album = views(&state, &page.records).await.map_err(failed(&at))?;
    }
    let view = view(&state, &stored).await.map_err(failed(&at))?;
    let Some(view) = view else { return Ok(nothing(&at)) };
    let about = TrackPage { track: view, album, newer };
    Ok(track::track(&at, &about).into_response())
}

/// `GET /library`
pub async fn library(at: Addresses) -> Response {
    library::library(&at).into_response()
}

/// `GET /offline`
pub async fn offline(at: Addresses) -> Response {
    library::offline(&at).into_response()
}

/// `GET /fan`
pub async fn fan(at: Addresses) -> Response {
    let policy = [(header::CONTENT_SECURITY_POLICY, security::FAN_POLICY)];
    (policy, fan::fan(&at, fan::Place::Site)).into_response()
}

/// `GET /fan/frame`
pub async fn fan_frame(at: Addresses) -> Response {
    let policy = [(header::CONTENT_SECURITY_POLICY, security::FAN_FRAME_POLICY)];
    (policy, fan::fan(&at, fan::Place::Frame)).into_response()
}

/// Every other address.
pub async fn nowhere(at: Addresses) -> Response {
    nothing(&at)
}

pub(super) fn nothing(at: &Addresses) -> Response {
    (StatusCode::NOT_FOUND, not_found::not_found(at)).into_response()
}

pub(super) fn failed(at: &Addresses) -> impl FnOnce(StoreError) -> Failed + use<> {
    let at = at.clone();
    move |error| Failed { at, error }
}

pub(super) async fn views(state: &AppState, stored: &[StoredRecord]) -> Result<Vec<TrackView>, StoreError> {
    let mut views = Vec::with_capacity(stored.len());
    for record in stored {
        views.extend(view(state, record).await?);
    }
    Ok(views)
}

/// A stored track for the templates, without artwork (the drawn cover takes its place), waveform and lyrics that are
/// not in this store or must not be served.
pub(super) async fn view(state: &AppState, stored: &StoredRecord) -> Result<Option<TrackView>, StoreError> {
    match Record::parse(&stored.json) {
        Ok(Record::Track(track)) => view_of(state, &track).await.map(Some),
        _ => Ok(None),
    }
}

/// As [`view`], of a track that need not be stored.
pub(super) async fn view_of(state: &AppState, track: &TrackRecord) -> Result<TrackView, StoreError> {
    let mut view = TrackView::new(track);
    for beside in [&mut view.artwork, &mut view.waveform, &mut view.lyrics] {
        if let Some(cid) = beside.as_deref().and_then(|cid| parse_cid(cid).ok())
            && (state.node.blobs().find(&cid).await?.is_none()
                || state.node.records().is_content_blocked(&[cid]).await?)
        {
            *beside = None;
        }
    }
    Ok(view)
}

/// An artist's profile for the template, without pictures that are not here or are none.
pub(super) async fn profile(state: &AppState, artist: &Did) -> Result<Option<ProfileView>, StoreError> {
    let Some(stored) = state.node.store().profile(artist).await? else { return Ok(None) };
    let Ok(Record::Profile(profile)) = Record::parse(&stored.json) else { return Ok(None) };
    let mut view = ProfileView::new(&profile);
    for picture in [&mut view.avatar, &mut view.banner] {
        let cid = picture.as_deref().and_then(|cid| parse_cid(cid).ok());
        let shown = match cid {
            Some(cid) => is_picture(state, &cid).await?,
            None => false,
        };
        if !shown {
            *picture = None;
        }
    }
    Ok(Some(view))
}

/// Whether this content is here, may be served, and begins as a picture that browsers show.
async fn is_picture(state: &AppState, cid: &Cid) -> Result<bool, StoreError> {
    let Some(blob) = state.node.blobs().find(cid).await? else { return Ok(false) };
    if state.node.records().is_content_blocked(&[*cid]).await? {
        return Ok(false);
    }
    let head = state.node.blobs().read(&blob, 0..blob.size.min(PICTURE_HEAD)).await?;
    Ok(Cover::from_bytes(head.to_vec()).is_some())
}

fn reason_of(retraction: &[u8]) -> Option<String> {
    match Record::parse(retraction) {
        Ok(Record::Retraction(retraction)) => retraction.reason().map(str::to_owned),
        _ => None,
    }
}

//! The HTML a listener sees, rendered here first so that title, metadata and a plain `<audio>` work without
//! JavaScript; TypeScript islands (web/) come on top.
//!
//! | path | page | module |
//! |---|---|---|
//! | `/` | newest tracks by album | [`home`] |
//! | `/search?q=&genre=` | results; with `network=1` those of the network, too | [`search`], [`network`] |
//! | `/search/events?q=&genre=` | those of the network, as they are found | `search_events` |
//! | `/track/{cid part of the id}` | one track | [`track`] |
//! | `/artist/{did}` | an artist's albums and tracks | [`artist`] |
//! | `/artist/{did}/events` | what else the network has of them, as it is found | `search_events` |
//! | `/artist/{did}/album/{album}` | one album | [`album`] |
//! | `/genres`, `/genre/{genre}` | music by genre | [`genre`] |
//! | `feed.xml`, `tracks.m3u8`, `tracks.json` below an artist, an album, a genre | the list for other programs | [`feeds`] |
//! | `/embed/{id}?size=&list=album&t=` | a player for other people's pages | [`embed`] |
//! | `/oembed?url=` | how programs find that player | [`oembed`] |
//! | `/library`, `/offline` | what is kept on this device; what is shown without a network | [`library`] |
//! | `/manifest.webmanifest`, `/icons/…`, `/sw.js` | what makes an app of the site | [`app`] |
//! | `/fan` | opens sealed files in the browser | [`fan`] |
//! | `/fan/frame` | the same, for frames in other people's pages | [`fan`] |
//! | `/fan/…` | its service worker and workers, from the binary | [`assets`] |
//! | `/swarm/…` | the workers of listening together, from the binary | [`assets`] |
//! | `/assets/…` | the files Vite built, from the binary | [`assets`] |
//! | `/cover/{seed}.svg` | a drawn cover for tracks without artwork | [`cover`] |
//! | anything else | 404 | [`not_found`] |
//!
//! Where all of these are, in a node and in a folder of plain files (`osp site export`), is said in [`addresses`] alone.
//!
//! The modules named above are templates: values in, markup out. What they are filled with is fetched in
//! [`handlers`] and [`lists`]; what a record means to a reader is decided in [`view`].
//!
//! What we say ourselves stands in [`messages`], in every language; which one a page is in is decided in [`language`].
//!
//! Everything that comes from a record is hostile text: maud escapes it, `<bdi>` keeps its direction marks from
//! reordering what stands beside it, and the policy in [`security`] lets no script run but ours.

pub mod addresses;
pub mod album;
pub mod app;
pub mod artist;
pub mod assets;
pub mod cover;
pub mod embed;
pub mod fan;
pub mod feeds;
pub mod genre;
pub mod handlers;
pub mod home;
pub mod language;
pub mod layout;
mod lead;
pub mod library;
pub mod license;
pub mod lists;
pub(crate) mod messages;
pub mod network;
pub mod not_found;
pub mod oembed;
pub mod offers;
pub mod profile;
pub mod release;
pub mod row;
pub mod search;
mod search_events;
pub mod security;
mod time;
pub mod track;
pub mod view;

use crate::http::AppState;
use axum::{Router, middleware, routing::get};

/// The pages' routes; the fallback is the 404 page.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(handlers::home))
        .route("/search", get(handlers::search))
        .route("/search/events", get(handlers::search_events))
        .route("/track/{key}", get(handlers::track))
        .route("/artist/{did}", get(handlers::artist))
        .route("/artist/{did}/events", get(handlers::artist_events))
        .route("/artist/{did}/{file}", get(lists::of_artist))
        .route("/artist/{did}/album/{album}", get(lists::album))
        .route("/artist/{did}/album/{album}/{file}", get(lists::of_album))
        .route("/genres", get(lists::genres))
        .route("/genre/{genre}", get(lists::genre))
        .route("/genre/{genre}/{file}", get(lists::of_genre))
        .route("/embed/{key}", get(lists::embed))
        .route("/oembed", get(lists::oembed))
        .route("/library", get(handlers::library))
        .route("/offline", get(handlers::offline))
        .route("/fan", get(handlers::fan))
        .route("/fan/frame", get(handlers::fan_frame))
        .fallback(handlers::nowhere)
        .layer(middleware::from_fn(security::page_headers))
        .route("/assets/{*path}", get(assets::serve))
        .route("/fan/{*path}", get(assets::serve_fan))
        .route("/swarm/{*path}", get(assets::serve_swarm))
        .route("/cover/{file}", get(cover::serve))
        .route("/favicon.svg", get(assets::icon))
        .route("/manifest.webmanifest", get(app::manifest))
        .route("/icons/{file}", get(app::icon))
        .route("/sw.js", get(app::service_worker))
}

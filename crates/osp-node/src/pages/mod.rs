//! The HTML a listener sees, rendered here first so that title, metadata and a plain `<audio>` work without
//! JavaScript; TypeScript islands (web/) come on top.
//!
//! | path | page |
//! |---|---|
//! | `/` | newest tracks, search box |
//! | `/search?q=` | results |
//! | `/track/{cid part of the id}` | one track |
//! | `/artist/{did}` | an artist's albums and tracks |
//! | `/assets/…` | the files Vite built, from the binary |

use crate::http::AppState;
use axum::Router;

/// The pages' routes.
pub fn router() -> Router<AppState> {
    Router::new()
}

//! `/search/events`: rows of a search page as the network finds them.

use super::{addresses::Addresses, handlers::view_of, row::found_row};
use crate::{
    discovery::search::{Event, FoundTrack, NetworkSearch, Ranking},
    http::{
        AppState,
        events::{self, Teller, Unheard},
        searches::Turn,
    },
    social::trust_ranks,
};
use axum::response::Response;
use osp_store::StoreError;
use std::collections::HashSet;

/// Most rows that the network adds to a page, for a moment twice as many.
pub(super) const MAX_ROWS: usize = 100;

/// The answer: rows until the search ends. Without a search, its end.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn answer(
    state: AppState,
    at: Addresses,
    search: Option<(NetworkSearch, Turn)>,
) -> Result<Response, StoreError> {
    let ranks = trust_ranks(&state.node).await?;
    let ranking = Ranking::new(&state.node, &ranks, MAX_ROWS);
    let stopping = state.feed_waiting.stopping();
    Ok(events::answer(stopping, |teller| async move {
        let mut rows = Rows { state, at, ranking, shown: HashSet::new(), teller };
        if let Some((search, _turn)) = search {
            rows.follow(search).await?;
        }
        rows.say("done", &serde_json::json!({"text": (rows.at.t().network.found)(rows.shown.len() as u64)}))
            .await
    }))
}

/// The rows of one page.
struct Rows {
    state: AppState,
    at: Addresses,
    ranking: Ranking,
    shown: HashSet<String>,
    teller: Teller,
}

impl Rows {
    async fn follow(&mut self, mut search: NetworkSearch) -> Result<(), Unheard> {
        while let Some(event) = search.next().await {
            match event {
                Event::Track(found) => self.add(&found).await?,
                Event::Also { id, peer } if self.ranking.also(&id, peer) => {
                    let text = self.held(self.ranking.peers(&id).unwrap_or_default());
                    self.say("held", &serde_json::json!({"id": id, "text": text})).await?;
                }
                Event::Also { .. } => {}
                Event::Gone { id } => self.take_away(&id).await?,
                Event::Done(_) => break,
            }
        }
        Ok(())
    }

    async fn add(&mut self, found: &FoundTrack) -> Result<(), Unheard> {
        self.ranking.add(found);
        let id = found.record.id().as_str().to_owned();
        // It may be one too many itself, or push others out.
        if self.ranking.peers(&id).is_some()
            && let Some(track) = found.record.as_track()
            && let Ok(view) = view_of(&self.state, track).await
        {
            let html = found_row(&self.at, &view, &self.held(1)).into_string();
            let before = self.ranking.after(&id, usize::MAX);
            self.shown.insert(id.clone());
            self.say("row", &serde_json::json!({"id": id, "html": html, "before": before})).await?;
        }
        let over = self.shown.iter().filter(|id| self.ranking.peers(id).is_none());
        for id in over.cloned().collect::<Vec<_>>() {
            self.take_away(&id).await?;
        }
        Ok(())
    }

    /// How many have it.
    fn held(&self, peers: usize) -> String {
        (self.at.t().network.held)(peers as u64)
    }

    async fn take_away(&mut self, id: &str) -> Result<(), Unheard> {
        self.ranking.remove(id);
        match self.shown.remove(id) {
            true => self.say("gone", &serde_json::json!({"id": id})).await,
            false => Ok(()),
        }
    }

    async fn say(&self, event: &str, data: &serde_json::Value) -> Result<(), Unheard> {
        self.teller.say(event, data.to_string().as_bytes()).await
    }
}

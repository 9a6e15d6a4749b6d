//! What a seeding node tells.

use crate::Node;
use osp_core::{Cid, record::Record};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SeedEventKind {
    /// It was here already, and is seeded.
    Seeding,
    /// It was fetched, and is seeded from now on.
    Kept,
    /// There is no room for it.
    Refused,
    /// It was given up to make room.
    Evicted,
    /// It was retracted by its artist or blocked by the operator, and is gone.
    Dropped,
    /// It could not be had.
    Failed,
}

/// Content, and the track that it belongs to, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Titled {
    /// The content.
    pub cid: Option<String>,
    /// The track's id.
    pub id: Option<String>,
    /// The track's title.
    pub title: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
}

/// One line of `osp seed --json` (`spec/schemas/seed.json`).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SeedEvent {
    /// What happened.
    pub event: SeedEventKind,
    /// The REF that led to it; `None` for what was not followed.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// To what. A REF that could not be expanded has none of it.
    #[serde(flatten)]
    pub what: Titled,
    /// Why, for what was refused, dropped or failed.
    pub reason: Option<String>,
    /// Last copies that hold the room, the least wanted first, at most [`MAX_NAMED`].
    pub last_copies: Vec<Titled>,
}

/// Last copies that one event names.
pub const MAX_NAMED: usize = 32;

impl Titled {
    /// What is known of stored content, or of content that was stored.
    pub(super) async fn of(node: &Node, cid: &Cid, size: u64) -> Self {
        let roots = match node.blobs().find(cid).await {
            Ok(Some(blob)) => blob.roots.clone(),
            _ => vec![*cid],
        };
        Self::of_roots(node, cid, &roots, size).await
    }

    pub(super) async fn of_roots(node: &Node, cid: &Cid, roots: &[Cid], size: u64) -> Self {
        let users = node.records().using_content(roots).await.unwrap_or_default();
        let record = users.first().and_then(|stored| Record::parse(&stored.json).ok());
        let mut titled = Self { cid: Some(cid.to_string()), size: Some(size), ..Self::default() };
        if let Some(record) = record {
            titled.title = record.as_track().map(|track| track.title().to_owned());
            titled.id = Some(record.id().as_str().to_owned());
        }
        titled
    }

    /// As people read it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.title.as_deref().or(self.id.as_deref()).or(self.cid.as_deref()).unwrap_or("it")
    }
}

impl std::fmt::Display for SeedEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.event {
            SeedEventKind::Seeding => "seeding",
            SeedEventKind::Kept => "kept",
            SeedEventKind::Refused => "no room",
            SeedEventKind::Evicted => "given up",
            SeedEventKind::Dropped => "dropped",
            SeedEventKind::Failed => "failed",
        };
        let name = match (&self.what.cid, &self.reference) {
            (None, Some(reference)) => reference.as_str(),
            _ => self.what.name(),
        };
        write!(f, "{verb}: {name}")?;
        if let Some(reason) = &self.reason {
            write!(f, ": {reason}")?;
        }
        if !self.last_copies.is_empty() {
            let names: Vec<&str> = self.last_copies.iter().map(Titled::name).collect();
            write!(f, " (last copies: {})", names.join(", "))?;
        }
        Ok(())
    }
}

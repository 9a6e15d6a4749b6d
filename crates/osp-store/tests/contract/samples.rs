//! Records and files to test with.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

use bytes::Bytes;
use osp_core::{
    json::Json,
    key::ArtistKey,
    record::{Record, RecordId, Retraction, TrackDraft, Verified},
    torrent::{PieceHasher, TorrentInfo, piece_length},
    unixfs::{Importer, Layout, Profile},
};
use osp_store::{BlobMeta, BlobStore};
use std::sync::Arc;

pub fn artist(n: u8) -> ArtistKey {
    ArtistKey::from_seed(&[n; 32])
}

/// Bytes that differ everywhere and between seeds.
pub fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

pub fn layout(profile: Profile, bytes: &[u8]) -> Layout {
    let mut importer = Importer::new(profile);
    importer.update(bytes);
    importer.finish_layout()
}

pub fn torrent(bytes: &[u8], layout: &Layout) -> TorrentInfo {
    let mut pieces = PieceHasher::new(piece_length(bytes.len() as u64));
    pieces.update(bytes);
    TorrentInfo::new(bytes.len() as u64, &layout.root, pieces.finish())
}

/// Stores `bytes` under these profiles, ours first.
pub async fn store(store: &dyn BlobStore, bytes: &[u8], profiles: &[Profile]) -> Arc<BlobMeta> {
    let mut writer = store.writer().await.unwrap();
    for part in bytes.chunks(300_000) {
        writer.write(Bytes::copy_from_slice(part)).await.unwrap();
    }
    let layouts: Vec<Layout> = profiles.iter().map(|p| layout(*p, bytes)).collect();
    let torrent = torrent(bytes, &layouts[0]);
    writer.commit(layouts, torrent).await.unwrap()
}

/// A track under construction.
pub struct Track(TrackDraft);

pub fn track(title: &str) -> Track {
    let cid = layout(Profile::V1_2025, title.as_bytes()).root;
    Track(TrackDraft {
        title: title.to_owned(),
        format: "audio/opus".to_owned(),
        cid: cid.to_string(),
        ..TrackDraft::default()
    })
}

impl Track {
    pub fn text(mut self, member: &str, value: &str) -> Self {
        self.0.set(member, Json::String(value.to_owned()));
        self
    }
    pub fn number(mut self, member: &str, value: f64) -> Self {
        self.0.set(member, Json::Number(value));
        self
    }
    pub fn genre(mut self, genres: &[&str]) -> Self {
        self.0.set("genre", Json::Array(genres.iter().map(|g| Json::String((*g).to_owned())).collect()));
        self
    }
    pub fn content(mut self, cid: &osp_core::Cid) -> Self {
        self.0.cid = cid.to_string();
        self
    }
    pub fn supersedes(self, id: &RecordId) -> Self {
        self.text("supersedes", id.as_str())
    }
    pub fn sign(self, key: &ArtistKey) -> Verified<Record> {
        self.0.sign(key, None).unwrap()
    }
}

pub fn retraction(track: &RecordId, key: &ArtistKey) -> Verified<Record> {
    Retraction::sign(track, Some("wrong file"), key).unwrap()
}

/// All orders of `items`.
pub fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.len() <= 1 {
        return vec![items.to_vec()];
    }
    (0..items.len())
        .flat_map(|i| {
            let mut rest = items.to_vec();
            let first = rest.remove(i);
            permutations(&rest).into_iter().map(move |mut order| {
                order.insert(0, first.clone());
                order
            })
        })
        .collect()
}

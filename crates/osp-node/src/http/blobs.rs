//! `PUT /api/v1/blobs/{cid}`: content handed in, kept only if it is what the CID names.
//!
//! The bytes go to the disk as they come and are hashed on the way, under every profile that can give a CID of
//! this form; nothing of them is visible before the CID is found to be right.
//!
//! From then on `/ipfs/{cid}` serves them, though no record may name them yet: only who holds the node's token can
//! hand content in, and content comes before the record that names it.

use super::{
    ApiError, AppState, auth::Authorized, body::Incoming, extract::PathParams, lookup, state::BODY_IDLE,
};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{DAG_PB, RAW, digest_of, parse_cid, same_block},
    torrent::{PieceHasher, TorrentInfo, piece_length},
    unixfs::{Importer, Layout, Profile},
};
use osp_store::{BlobMeta, ContentStanding, Custody as _, StoreError};

/// The handler.
///
/// # Errors
/// 401; 400 for what is no CID of a file; 411 without a length; 413 over the node's limit; 403 blocked; 422 when
/// the bytes are not that content.
pub(super) async fn put(
    _: Authorized,
    State(state): State<AppState>,
    PathParams(text): PathParams<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let cid = parse_cid(&text).map_err(|e| ApiError::usage(e.to_string()))?;
    if digest_of(&cid).is_none() || (cid.codec() != RAW && cid.codec() != DAG_PB) {
        return Err(ApiError::usage("this node can verify sha2-256 over raw and dag-pb only"));
    }
    let size = content_length(&headers)?;
    if size > state.max_blob {
        return Err(ApiError::too_large(
            "limit",
            format!("this node takes at most {} bytes", state.max_blob),
        ));
    }
    let known = lookup::blob(&state, &cid).await?;
    let roots = known.as_ref().map_or_else(|| vec![cid], |blob| blob.roots.clone());
    // Withheld for its records only, it is taken: the artist may be about to publish it anew.
    if state.node.records().content_standing(&roots).await? == ContentStanding::Blocked {
        return Err(ApiError::refused_by_operator());
    }
    if let Some(known) = known
        && is_whole(&state, &known).await?
    {
        // What somebody hands in is to stay, even if it was fetched before.
        state.node.store().make_own(&known.cid).await?;
        return Ok(answer(StatusCode::OK, &text, known.size));
    }
    let mut incoming = Incoming::new(body, BODY_IDLE);
    let mut hashes = Some(Hashes::new(&cid, size));
    let mut writer = state.node.blobs().writer().await?;
    let mut received = 0u64;
    while let Some(bytes) = incoming.next().await? {
        received += bytes.len() as u64;
        if let Some(now) = hashes.take() {
            let chunk = bytes.clone();
            hashes = Some(off_the_reactor(move || now.update(&chunk)).await?);
        }
        writer.write(bytes).await?;
    }
    let hashes = hashes.ok_or_else(ApiError::internal)?;
    if received != size {
        return Err(ApiError::usage(format!("Content-Length said {size} bytes, {received} came")));
    }
    match off_the_reactor(move || hashes.finish()).await? {
        Imported::Match { layouts, torrent } => {
            let blob = writer.commit(layouts, torrent).await?;
            state.node.store().make_own(&blob.cid).await?;
            Ok(answer(StatusCode::CREATED, &text, size))
        }
        Imported::Other(found) => Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "content",
            format!("these bytes are {found}, not {cid}"),
        )
        .hint("«osp cid FILE» prints the CID of a file")),
    }
}

/// Whether the stored copy still is what its CID names. A damaged one is replaced by what comes now: whoever hands
/// content in must be able to rely on the answer.
async fn is_whole(state: &AppState, blob: &BlobMeta) -> Result<bool, ApiError> {
    match state.node.blobs().scrub(&blob.cid).await {
        Ok(report) => Ok(report.damaged.is_empty()),
        // Removed this moment.
        Err(StoreError::NotStored { .. }) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

fn answer(status: StatusCode, cid: &str, size: u64) -> Response {
    (status, Json(serde_json::json!({ "cid": cid, "size": size }))).into_response()
}

/// The size comes first, because the length of a torrent's pieces follows from it.
fn content_length(headers: &HeaderMap) -> Result<u64, ApiError> {
    let missing = || {
        ApiError::new(StatusCode::LENGTH_REQUIRED, "usage", "content is handed in with its Content-Length")
            .hint("send it from a file, not from a pipe")
    };
    let value = headers.get(header::CONTENT_LENGTH).ok_or_else(missing)?;
    value.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(missing)
}

async fn off_the_reactor<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| {
        tracing::error!(error = %e, "hashing failed");
        ApiError::internal()
    })
}

/// Everything computed of the bytes in one pass.
struct Hashes {
    wanted: Cid,
    size: u64,
    /// unixfs-v1-2025 first: it names the blob.
    importers: Vec<Importer>,
    pieces: PieceHasher,
}

enum Imported {
    /// One of the roots is the CID asked for.
    Match { layouts: Vec<Layout>, torrent: TorrentInfo },
    /// None is; this is what the bytes are.
    Other(Cid),
}

impl Hashes {
    fn new(wanted: &Cid, size: u64) -> Self {
        let others = Profile::candidates(wanted).iter().copied().filter(|p| *p != Profile::V1_2025);
        let mut importers = vec![Importer::new(Profile::V1_2025)];
        importers.extend(others.map(Importer::new));
        Self { wanted: *wanted, size, importers, pieces: PieceHasher::new(piece_length(size)) }
    }

    fn update(mut self, bytes: &Bytes) -> Self {
        for importer in &mut self.importers {
            importer.update(bytes);
        }
        self.pieces.update(bytes);
        self
    }

    fn finish(self) -> Imported {
        let mut layouts = self.importers.into_iter().map(Importer::finish_layout);
        let Some(primary) = layouts.next() else { return Imported::Other(self.wanted) };
        let name = primary.root;
        let torrent = TorrentInfo {
            length: self.size,
            name: name.to_string(),
            piece_length: piece_length(self.size),
            pieces: self.pieces.finish(),
        };
        if self.wanted == name {
            return Imported::Match { layouts: vec![primary], torrent };
        }
        match layouts.find(|layout| same_block(&layout.root, &self.wanted)) {
            Some(asked) => Imported::Match { layouts: vec![primary, asked], torrent },
            None => Imported::Other(name),
        }
    }
}

//! From a REF to verified records and bytes.
//!
//! What is here already is used as it is; what is not is asked of the nodes the caller names (`--from`), then of
//! the mirrors the artist signed, and of the network of nodes, if this process takes part in it: who needs no address
//! names none. Nothing is believed: records are verified, bytes are hashed against the CID of
//! the record, and a source that sends something else is named, left out, and the next one tried. What was
//! fetched is kept in the store, so that this node can serve it on.

mod content;
mod locate;
pub mod names;
mod output;

use crate::Node;
use bytes::Bytes;
use osp_core::{
    Cid,
    record::{Record, RecordId, Verified},
    reference::Reference,
    torrent::Magnet,
};
use osp_delivery::{
    Attempt, DeliveryError, Outcome,
    download::{DownloadRequest, Finished},
};
use osp_store::StoreError;
use std::{path::PathBuf, sync::Arc};

/// What to resolve.
#[derive(Clone, Debug)]
pub struct ResolveRequest {
    /// The REF.
    pub reference: Reference,
    /// Base URLs of nodes or gateways to ask, in order.
    pub from: Vec<String>,
    /// Where the audio goes: a file, or a folder when the REF names several tracks. `None`: the store only.
    pub output: Option<PathBuf>,
    /// Replace files that are there.
    pub force: bool,
}

/// Bytes by the kind of source they came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BytesBySource {
    /// The own store.
    pub local: u64,
    /// Nodes, gateways and mirrors over HTTP.
    pub http: u64,
    /// BitTorrent peers, over TCP and uTP.
    pub bittorrent: u64,
    /// WebTorrent peers, over WebRTC.
    pub webtorrent: u64,
    /// Bitswap peers.
    pub ipfs: u64,
}

/// One thing that was resolved.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The record; `None` when the REF names content that no known record does.
    pub record: Option<Verified<Record>>,
    /// The content.
    pub cid: Cid,
    /// The file written, if one was asked for.
    pub path: Option<PathBuf>,
    /// Where the bytes came from.
    pub sources: BytesBySource,
}

/// A step of a running resolve, for a progress bar.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ResolveEvent<'a> {
    /// The audio of one track is being fetched.
    Fetching {
        /// Its title or CID.
        title: &'a str,
        /// Verified bytes so far.
        done: u64,
        /// Bytes in all, where known.
        total: Option<u64>,
    },
    /// A source sent something that does not verify and is not asked again.
    Lied {
        /// Its URL.
        source: &'a str,
        /// What it sent.
        what: &'a str,
    },
}

/// Why a REF was not resolved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// Nobody has it.
    #[error("{what} was found neither here nor at {}", asked(.tried))]
    NotFound {
        /// What was looked for.
        what: String,
        /// Who was asked, and what each said.
        tried: Vec<Attempt>,
    },
    /// Whoever answered sent something false, and nobody sent the real thing.
    #[error("{what} was offered only in forms that do not verify: {}", asked(.tried))]
    Lied {
        /// What was looked for.
        what: String,
        /// Who was asked, and what each said.
        tried: Vec<Attempt>,
    },
    /// Its artist withdrew it.
    #[error("{id} was retracted by its artist{}", .reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    Retracted {
        /// The track.
        id: RecordId,
        /// What the artist said.
        reason: Option<String>,
    },
    /// A node shows a withdrawal, and nobody sent the record that would tell whether its signer is the artist.
    #[error(
        "the nodes asked say that {by} withdrew {id}, and none sent the record that would show whether {by} is its \
         artist; ask another node with --from"
    )]
    SaidRetracted {
        /// The track.
        id: RecordId,
        /// Who signed the withdrawal.
        by: String,
    },
    /// The operator of this home blocks it.
    #[error("{0} is on this node's block list; «osp block remove» takes it off")]
    Blocked(String),
    /// A REF of a kind that cannot be resolved.
    #[error("{0}")]
    Unsupported(String),
    /// Content that is no file, too large, or of a kind that cannot be verified here; or a failing of our own.
    #[error("{0}")]
    Unusable(String),
    /// The output is there already.
    #[error("{0} is there already; name another file, or use --force to replace it")]
    Exists(PathBuf),
    /// The output cannot be written.
    #[error("cannot write {path}: {source}")]
    Output {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was fetched could not be kept.
    #[error(transparent)]
    Keep(Arc<DeliveryError>),
}

fn asked(tried: &[Attempt]) -> String {
    if tried.is_empty() {
        return "any other place, since none was named; name a node that has it with --from URL, or a member of the \
                network to begin with, with --bootstrap MULTIADDR"
            .to_owned();
    }
    tried.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What is said of the network when content was looked for there too, and nobody sent it.
fn nobody_in_the_network() -> Attempt {
    let reason =
        "nobody there who announced it gives it now; try again later, or name a node with --from URL";
    Attempt { source: "the network".to_owned(), outcome: Outcome::Absent(reason.to_owned()) }
}

/// A record or content that a REF names, before its bytes are there.
pub(crate) struct Target {
    pub(crate) record: Option<Verified<Record>>,
    pub(crate) cid: Cid,
    /// The magnet the artist signed, for its mirrors (`ws=`): learned addresses, so guarded.
    magnet: Option<Magnet>,
    /// Nodes to ask, in order.
    from: Vec<String>,
    /// Where the file itself is said to be, by the page whose address was typed.
    files: Vec<osp_fetch::Target>,
    /// What had to be fetched to know the CID.
    fetched: Option<Arc<Finished>>,
}

impl Target {
    /// What to fetch it with.
    pub(crate) fn request(&self, node: &Node) -> DownloadRequest {
        content::request(node, self)
    }
}

/// The node and the REF in the address of a node's page or interface; `None` for an address of another kind.
pub(crate) fn understand(address: &str) -> Option<(String, Reference)> {
    locate::understand(address)
}

/// What a REF names, before any audio is fetched.
///
/// # Errors
/// [`ResolveError`].
pub(crate) async fn find(
    node: &Node,
    request: &ResolveRequest,
    progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
) -> Result<Vec<Target>, ResolveError> {
    Ok(locate::locate(node, request, progress).await?.targets)
}

/// Resolves; `each` is called with every track as it is done, in order.
///
/// # Errors
/// [`ResolveError`] of the first track that failed; those before it are done.
pub async fn resolve(
    node: &Node,
    request: &ResolveRequest,
    progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
    each: &mut (dyn FnMut(Resolved) + Send),
) -> Result<(), ResolveError> {
    let located = locate::locate(node, request, progress).await?;
    let several = located.several;
    let mut names = crate::filename::Distinct::default();
    for target in located.targets {
        let path = request.output.as_ref().map(|out| {
            if several {
                out.join(names.take(names::file_name(target.record.as_ref(), &target.cid)))
            } else {
                out.clone()
            }
        });
        if let Some(path) = &path {
            output::check(path, request.force)?;
        }
        let (blob, sources) = content::ensure(node, &target, progress).await?;
        content::ensure_beside(node, &target).await;
        if let Some(path) = &path {
            output::write(node, &blob, path, request.force).await?;
        }
        each(Resolved { record: target.record, cid: target.cid, path, sources });
    }
    Ok(())
}

/// Keeps a fetched record, so that this node can serve it on.
async fn keep(node: &Node, record: &Verified<Record>) -> Result<(), StoreError> {
    node.records().put(std::slice::from_ref(record)).await.map(|_| ())
}

/// Bytes of a record as they are stored.
#[must_use]
pub fn record_json(record: &Record) -> Bytes {
    Bytes::from(record.to_bytes())
}

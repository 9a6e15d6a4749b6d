//! Makes sure that a track's audio is in the store.

use super::{BytesBySource, ResolveError, ResolveEvent, Target};
use crate::Node;
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    content::same_block,
    torrent::{PieceHasher, Sha1Digest, TorrentInfo, piece_length},
    unixfs::{Importer, Layout, Profile},
};
use osp_delivery::{DeliveryError, HttpSource, SinkError, SourceKind, VerifiedSink, Want};
use osp_store::{BlobMeta, BlobStore, BlobWriter, StoreError};
use std::sync::Arc;
use tokio::{sync::mpsc, task::JoinHandle};

/// Blocks that wait for the hashing thread: a slow disk or core holds the network back instead of filling memory.
const QUEUE: usize = 8;
/// A file of each size class, for the piece lengths of a file whose size is not known beforehand.
const SIZE_CLASSES: [u64; 4] = [0, 8 << 20 | 1, 64 << 20 | 1, 512 << 20 | 1];

/// The blob, fetched where it was not here, and where its bytes came from.
pub(super) async fn ensure(
    node: &Node,
    target: &Target,
    progress: &(dyn Fn(ResolveEvent<'_>) + Send + Sync),
) -> Result<(Arc<BlobMeta>, BytesBySource), ResolveError> {
    if let Some(blob) = node.blobs().find(&target.cid).await? {
        // Read once from the disk: resolving is also how damage is found, and healed where somebody has the bytes.
        if node.blobs().scrub(&blob.cid).await?.damaged.is_empty() {
            let sources = BytesBySource { local: blob.size, ..BytesBySource::default() };
            return Ok((blob, sources));
        }
        tracing::warn!(cid = %blob.cid, "the stored copy is damaged and is fetched again");
        if sources(target).is_empty() {
            return Err(StoreError::Corrupt { cid: blob.cid }.into());
        }
    }
    if node.records().is_content_blocked(&[target.cid]).await? {
        return Err(ResolveError::Blocked(target.cid.to_string()));
    }
    let track = target.record.as_ref().and_then(|r| r.as_track());
    let title = track.map_or_else(|| target.cid.to_string(), |t| t.title().to_owned());
    // A hint for the progress bar; the CID decides.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let size = track.and_then(|t| t.number("size")).map(|n| n as u64);
    let want = Want::new(target.cid).with_size(size);
    let sources = sources(target);
    let mut sink = StoreSink::new(node.blobs(), &title, size, progress).await?;
    let fetched = node.delivery().fetch(&want, &sources, &mut sink).await.map_err(|e| failed(&title, e))?;
    for attempt in fetched.attempts.iter().filter(|a| a.outcome.is_lie()) {
        progress(ResolveEvent::Lied { source: &attempt.source, what: attempt.outcome.reason() });
    }
    let mut by_source = BytesBySource::default();
    for part in &fetched.bytes_by_source {
        match part.kind {
            SourceKind::Http => by_source.http += part.bytes,
            _ => by_source.local += part.bytes,
        }
    }
    Ok((sink.commit(fetched.layout).await?, by_source))
}

/// Fetches the cover as well, so that this node's pages show it. A track without its cover is whole all the same:
/// what goes wrong here is only logged.
pub(super) async fn ensure_cover(node: &Node, target: &Target) {
    let Some(cid) = target.record.as_ref().and_then(|r| r.as_track()).and_then(|t| t.artwork()) else {
        return;
    };
    let fetched: Result<(), ResolveError> = async {
        let known = node.blobs().find(&cid).await?.is_some();
        if known || target.from.is_empty() || node.records().is_content_blocked(&[cid]).await? {
            return Ok(());
        }
        let want = Want { max_size: osp_media::image::MAX_COVER_BYTES, ..Want::new(cid) };
        let cover = Target { record: None, cid, magnet: None, from: target.from.clone() };
        let mut sink = StoreSink::new(node.blobs(), "cover", None, &|_| {}).await?;
        let fetched = node.delivery().fetch(&want, &sources(&cover), &mut sink).await;
        let fetched = fetched.map_err(|e| failed("cover", e))?;
        sink.commit(fetched.layout).await.map(|_| ())
    }
    .await;
    if let Err(error) = fetched {
        tracing::info!(%cid, %error, "the cover was not fetched");
    }
}

/// Who to ask: the nodes that were named (typed), then the artist's mirrors (learned). Addresses that cannot be
/// used are passed over; nobody may be left.
fn sources(target: &Target) -> Vec<HttpSource> {
    let nodes = target.from.iter().filter_map(|url| osp_fetch::Target::typed(url).ok()).map(HttpSource::Node);
    let mut sources: Vec<HttpSource> = nodes.collect();
    if let Some(magnet) = &target.magnet {
        sources.extend(HttpSource::mirrors(magnet, &target.cid).filter_map(Result::ok));
    }
    sources
}

fn failed(title: &str, error: DeliveryError) -> ResolveError {
    let what = format!("the audio of «{title}»");
    match error {
        DeliveryError::NotFound { attempts, .. } => ResolveError::NotFound { what, tried: attempts },
        DeliveryError::Lied { attempts, .. } => ResolveError::Lied { what, tried: attempts },
        DeliveryError::Local(e) => match e.downcast::<StoreError>() {
            Ok(store) => ResolveError::Store(*store),
            Err(other) => ResolveError::Unusable(other.to_string()),
        },
        other => ResolveError::Unusable(other.to_string()),
    }
}

/// What the hashing thread found: our own layout of the file, and its pieces by piece length.
type Hashes = (Layout, Vec<(u32, Vec<Sha1Digest>)>);

/// Hashes what goes by into our own layout and torrent, whatever the form of the CID that was asked for.
struct Hashing {
    blocks: mpsc::Sender<Bytes>,
    result: JoinHandle<Hashes>,
}

impl Hashing {
    fn start(size: Option<u64>) -> Self {
        let (blocks, mut queue) = mpsc::channel::<Bytes>(QUEUE);
        let result = tokio::task::spawn_blocking(move || {
            let classes = size.map_or_else(|| SIZE_CLASSES.to_vec(), |s| vec![s]);
            let mut pieces: Vec<(u32, PieceHasher)> =
                classes.into_iter().map(piece_length).map(|n| (n, PieceHasher::new(n))).collect();
            let mut importer = Importer::new(Profile::V1_2025);
            while let Some(block) = queue.blocking_recv() {
                importer.update(&block);
                pieces.iter_mut().for_each(|(_, hasher)| hasher.update(&block));
            }
            let pieces = pieces.into_iter().map(|(n, hasher)| (n, hasher.finish())).collect();
            (importer.finish_layout(), pieces)
        });
        Self { blocks, result }
    }
}

/// Writes verified bytes into a blob that becomes visible only with [`StoreSink::commit`].
struct StoreSink<'a> {
    blobs: Arc<dyn BlobStore>,
    writer: Box<dyn BlobWriter>,
    hashing: Option<Hashing>,
    /// The size as the verified DAG tells it.
    size: Option<u64>,
    /// The size as the record tells it, for the progress bar.
    hint: Option<u64>,
    done: u64,
    title: &'a str,
    progress: &'a (dyn Fn(ResolveEvent<'_>) + Send + Sync),
}

impl<'a> StoreSink<'a> {
    async fn new(
        blobs: &Arc<dyn BlobStore>,
        title: &'a str,
        hint: Option<u64>,
        progress: &'a (dyn Fn(ResolveEvent<'_>) + Send + Sync),
    ) -> Result<Self, StoreError> {
        let writer = blobs.writer().await?;
        Ok(Self {
            blobs: Arc::clone(blobs),
            writer,
            hashing: None,
            size: None,
            hint,
            done: 0,
            title,
            progress,
        })
    }

    async fn take(&mut self, bytes: Bytes) -> Result<(), SinkError> {
        let size = self.size;
        let hashing = self.hashing.get_or_insert_with(|| Hashing::start(size));
        hashing.blocks.send(bytes.clone()).await.map_err(|_| "the hashing thread stopped")?;
        self.done += bytes.len() as u64;
        self.writer.write(bytes).await?;
        let total = self.size.or(self.hint);
        (self.progress)(ResolveEvent::Fetching { title: self.title, done: self.done, total });
        Ok(())
    }

    /// Makes the blob visible under its own CID and the one it was asked for by.
    async fn commit(self, asked: Layout) -> Result<Arc<BlobMeta>, ResolveError> {
        let hashing = self.hashing.unwrap_or_else(|| Hashing::start(Some(0)));
        drop(hashing.blocks);
        let stopped = |e: tokio::task::JoinError| ResolveError::Unusable(format!("hashing stopped: {e}"));
        let (own, pieces) = hashing.result.await.map_err(stopped)?;
        let wanted = piece_length(own.size);
        let pieces = pieces.into_iter().find_map(|(n, pieces)| (n == wanted).then_some(pieces));
        let pieces = pieces.ok_or_else(|| {
            ResolveError::Unusable("the file's size is not what its source said".to_owned())
        })?;
        let torrent =
            TorrentInfo { length: own.size, name: own.root.to_string(), piece_length: wanted, pieces };
        let mut layouts = vec![own];
        if !same_block(&layouts[0].root, &asked.root) {
            layouts.push(asked);
        }
        Ok(self.writer.commit(layouts, torrent).await?)
    }
}

#[async_trait]
impl VerifiedSink for StoreSink<'_> {
    fn size(&mut self, bytes: u64) {
        self.size = Some(bytes);
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), SinkError> {
        self.take(bytes).await
    }

    async fn spool(&mut self, bytes: Bytes) -> Result<(), SinkError> {
        // The writer's file is seen by nobody before the commit, which comes after the verification.
        self.take(bytes).await
    }

    async fn restart(&mut self) -> Result<(), SinkError> {
        self.writer = self.blobs.writer().await?;
        (self.hashing, self.size, self.done) = (None, None, 0);
        Ok(())
    }
}

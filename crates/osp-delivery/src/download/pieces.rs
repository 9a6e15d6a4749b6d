//! The pieces of one download: where they are kept and by what they are proven.
//!
//! ```text
//!  piece from the engine --> info dictionary known?  SHA-1 of the piece                        good | bad
//!                            else: written, *held*   until every leaf that overlaps it is whole
//!                                                    leaf hashes to its CID?                   all good | one of them is bad
//! ```
//!
//! A leaf of 1 MiB covers many small pieces: they wait for each other. Pieces that are held while no proof is known
//! at all wait for one. Held bytes lie in the partial file like the others, but nobody reads them: only what is in
//! the bitfield is given out.

use super::{leaves::Leaves, partial::Partial};
use crate::torrent::{Content, piece_is};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use osp_swarm::{Bitfield, Geometry, PieceIndex, Verdict};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{oneshot, watch};

/// See the module's text.
pub(crate) struct Pieces {
    geometry: Geometry,
    partial: Partial,
    state: Mutex<State>,
    /// Judging reads held bytes and decides over them: one at a time.
    judging: tokio::sync::Mutex<()>,
    /// Counts changes of anything that readers wait for.
    tick: watch::Sender<u64>,
}

struct State {
    have: Bitfield,
    info: Option<Arc<TorrentInfo>>,
    leaves: Option<Arc<Leaves>>,
    /// Leaves whose bytes were found to be good; forgotten when some of them are discarded.
    good_leaves: Vec<bool>,
    /// Pieces that are being checked: no other bytes of theirs are taken meanwhile.
    busy: BTreeSet<PieceIndex>,
    /// Our own failing, if bytes could not be kept or read back.
    failure: Option<io::Error>,
    /// Pieces that are written and wait for a verdict.
    held: BTreeMap<PieceIndex, oneshot::Sender<Verdict>>,
}

impl Pieces {
    pub(crate) fn new(geometry: Geometry, partial: Partial, tick: watch::Sender<u64>) -> Self {
        let state = State {
            have: Bitfield::none(geometry.pieces()),
            info: None,
            leaves: None,
            good_leaves: Vec::new(),
            busy: BTreeSet::new(),
            failure: None,
            held: BTreeMap::new(),
        };
        Self { geometry, partial, state: Mutex::new(state), judging: tokio::sync::Mutex::default(), tick }
    }

    pub(crate) fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub(crate) fn partial(&self) -> &Partial {
        &self.partial
    }

    /// Whether every piece is verified.
    pub(crate) fn is_complete(&self) -> bool {
        self.lock().have.is_complete()
    }

    /// Verified bytes.
    pub(crate) fn verified(&self) -> u64 {
        let have = &self.lock().have;
        let last = PieceIndex(self.geometry.pieces().saturating_sub(1));
        let full = u64::from(have.count()) * u64::from(self.geometry.piece_length());
        let short = self.geometry.piece_length() - self.geometry.piece_len(last);
        if have.has(last) { full - u64::from(short) } else { full }
    }

    /// The end of the verified bytes that begin at `from`, at most `until`; `from` when there are none.
    pub(crate) fn verified_from(&self, from: u64, until: u64) -> u64 {
        let have = &self.lock().have;
        let mut at = from;
        while at < until
            && let Some(piece) = self.geometry.piece_at(at)
            && have.has(piece)
        {
            at = self.geometry.range(piece).end;
        }
        at.min(until).max(from)
    }

    /// The verified pieces.
    pub(crate) fn have(&self) -> Bitfield {
        self.lock().have.clone()
    }

    /// Lets go of pieces that wait for a proof.
    pub(crate) fn let_go(&self) {
        let held: Vec<PieceIndex> = self.lock().held.keys().copied().collect();
        held.into_iter().for_each(|piece| self.decide(piece, Verdict::Lost));
        self.lock().good_leaves.fill(false);
    }

    /// Why bytes could not be kept or read back, if that has happened.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.lock().failure.take()
    }

    /// Whether pieces can be judged.
    pub(crate) fn has_proof(&self) -> bool {
        let state = self.lock();
        state.info.is_some() || state.leaves.is_some()
    }

    /// The info dictionary, if it is the proof.
    pub(crate) fn known_info(&self) -> Option<Arc<TorrentInfo>> {
        self.lock().info.clone()
    }

    /// The leaves, if they are known.
    pub(crate) fn known_leaves(&self) -> Option<Arc<Leaves>> {
        self.lock().leaves.clone()
    }

    /// The leaf with the byte at `offset`, if leaves are the proof.
    pub(crate) fn leaf_around(&self, offset: u64) -> Option<Range<u64>> {
        let state = self.lock();
        let leaves = state.leaves.as_ref().filter(|_| state.info.is_none())?;
        let index = leaves.over(&(offset..offset.saturating_add(1))).start;
        leaves.leaves.get(index).map(super::leaves::Leaf::range)
    }

    /// Proves pieces by their SHA-1 from now on. `false` when it is cut otherwise.
    pub(crate) async fn prove_by_info(&self, info: Arc<TorrentInfo>) -> bool {
        if Geometry::of(&info) != Some(self.geometry) {
            return false;
        }
        self.lock().info = Some(info);
        self.judge(0..self.geometry.length()).await;
        true
    }

    /// Proves pieces by the leaves, unless the info dictionary is known. `false` when they are of a file of another
    /// size.
    pub(crate) async fn prove_by_leaves(&self, leaves: Arc<Leaves>) -> bool {
        if leaves.size != self.geometry.length() {
            return false;
        }
        {
            let mut state = self.lock();
            if state.leaves.is_some() {
                return true;
            }
            state.good_leaves = vec![false; leaves.leaves.len()];
            state.leaves = Some(leaves);
        }
        self.judge(0..self.geometry.length()).await;
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pieces that overlap a range.
    fn over(&self, range: &Range<u64>) -> impl Iterator<Item = PieceIndex> + use<> {
        let first = self.geometry.piece_at(range.start).map_or(0, |p| p.0);
        let last = self.geometry.piece_at(range.end.saturating_sub(1)).map_or(0, |p| p.0 + 1);
        (if range.is_empty() { 0..0 } else { first..last }).map(PieceIndex)
    }

    /// Judges the pieces that are held in a range, as far as that is possible now.
    async fn judge(&self, range: Range<u64>) {
        let _judging = self.judging.lock().await;
        let (info, leaves) = {
            let state = self.lock();
            (state.info.clone(), state.leaves.clone())
        };
        match (info, leaves) {
            (Some(info), _) => self.judge_by_info(&info, range).await,
            (None, Some(leaves)) => self.judge_by_leaves(&leaves, range).await,
            (None, None) => {}
        }
    }

    async fn judge_by_info(&self, info: &TorrentInfo, range: Range<u64>) {
        for piece in self.over(&range) {
            if !self.lock().held.contains_key(&piece) {
                continue;
            }
            let wanted = info.pieces.get(piece.0 as usize).copied().unwrap_or_default();
            let verdict = match self.partial.read(self.geometry.range(piece)).await {
                Ok(bytes) if piece_is(std::slice::from_ref(&bytes), wanted).await => Verdict::Good,
                Ok(_) => Verdict::Bad,
                Err(error) => self.lost(error),
            };
            self.decide(piece, verdict);
        }
    }

    /// Judges the leaves whose bytes are all there, then the pieces that waited for them.
    async fn judge_by_leaves(&self, leaves: &Leaves, range: Range<u64>) {
        for index in leaves.over(&range) {
            let Some(leaf) = leaves.leaves.get(index) else { continue };
            if !self.is_whole(index, &leaf.range()) {
                continue;
            }
            let read = self.partial.read(leaf.range()).await;
            let leaf = *leaf;
            let held = move || read.map(|data| leaf.kind_of(&data).is_some());
            match tokio::task::spawn_blocking(held).await.map_err(io::Error::other).and_then(|holds| holds) {
                Ok(true) => self.lock().good_leaves[index] = true,
                Ok(false) => self.fail(leaves, &leaf.range(), self.bad_leaf(&leaf.range())),
                Err(error) => self.fail(leaves, &leaf.range(), self.lost(error)),
            }
        }
        let held: Vec<PieceIndex> = self.lock().held.keys().copied().collect();
        for piece in held {
            let proven = leaves.over(&self.geometry.range(piece));
            if proven.into_iter().all(|leaf| self.lock().good_leaves[leaf]) {
                self.decide(piece, Verdict::Good);
            }
        }
    }

    /// Whether a leaf is not judged yet and all its bytes are there.
    fn is_whole(&self, index: usize, range: &Range<u64>) -> bool {
        let state = self.lock();
        !state.good_leaves[index]
            && self.over(range).all(|piece| state.have.has(piece) || state.held.contains_key(&piece))
    }

    /// The verdict on the pieces of a bad leaf: who sent one of them may be as honest as can be.
    fn bad_leaf(&self, range: &Range<u64>) -> Verdict {
        let mut over = self.over(range);
        match (over.next(), over.count()) {
            (Some(first), more @ 1..) => Verdict::BadAmong { first, count: more as u32 + 1 },
            _ => Verdict::Bad,
        }
    }

    /// Discards the held pieces of a range.
    fn fail(&self, leaves: &Leaves, range: &Range<u64>, verdict: Verdict) {
        for piece in self.over(range) {
            if self.lock().held.contains_key(&piece) {
                // Its other leaves have lost some of their bytes, too.
                for leaf in leaves.over(&self.geometry.range(piece)) {
                    self.lock().good_leaves[leaf] = false;
                }
                self.decide(piece, verdict);
            }
        }
    }

    fn decide(&self, piece: PieceIndex, verdict: Verdict) {
        let Some(waiting) = self.lock().held.remove(&piece) else { return };
        self.settle(piece, verdict);
        // Nobody may be waiting any more: the bytes are good or not all the same.
        let _ = waiting.send(verdict);
    }

    /// Our own failing: it ends the download.
    fn lost(&self, error: io::Error) -> Verdict {
        self.lock().failure.get_or_insert(error);
        self.tick.send_modify(|n| *n += 1);
        Verdict::Lost
    }

    fn settle(&self, piece: PieceIndex, verdict: Verdict) {
        let mut state = self.lock();
        state.busy.remove(&piece);
        if verdict == Verdict::Good {
            state.have.set(piece);
            drop(state);
            self.tick.send_modify(|n| *n += 1);
        }
    }
}

#[async_trait]
impl Content for Pieces {
    async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        if self.verified_from(range.start, range.end) != range.end {
            return Err(io::Error::new(io::ErrorKind::NotFound, "these bytes are not there yet"));
        }
        self.partial.read(range).await
    }

    async fn put(&self, piece: PieceIndex, blocks: Vec<Bytes>) -> Verdict {
        let range = self.geometry.range(piece);
        let len: u64 = blocks.iter().map(|b| b.len() as u64).sum();
        if range.is_empty() || len != range.end - range.start {
            return Verdict::Bad;
        }
        {
            let mut state = self.lock();
            if state.have.has(piece) {
                return Verdict::Good;
            }
            if !state.busy.insert(piece) {
                return Verdict::Lost;
            }
        }
        let info = self.lock().info.clone();
        if let Some(info) = info {
            let wanted = info.pieces.get(piece.0 as usize).copied().unwrap_or_default();
            let verdict = if piece_is(&blocks, wanted).await {
                self.partial
                    .write(range.start, blocks)
                    .await
                    .map_or_else(|e| self.lost(e), |()| Verdict::Good)
            } else {
                Verdict::Bad
            };
            self.settle(piece, verdict);
            return verdict;
        }
        if let Err(error) = self.partial.write(range.start, blocks).await {
            self.settle(piece, Verdict::Lost);
            return self.lost(error);
        }
        let (waiting, verdict) = oneshot::channel();
        self.lock().held.insert(piece, waiting);
        self.judge(range).await;
        verdict.await.unwrap_or(Verdict::Lost)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{
        torrent::PieceHasher,
        unixfs::{Importer, Layout, Profile},
    };

    const LEN: usize = 2_500_000;

    fn song() -> Vec<u8> {
        (0..LEN as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
    }

    fn layout(profile: Profile, bytes: &[u8]) -> Layout {
        let mut importer = Importer::new(profile);
        importer.update(bytes);
        importer.finish_layout()
    }

    fn leaves(layout: &Layout) -> Arc<Leaves> {
        Arc::new(Leaves::of_layout(layout))
    }

    fn info(bytes: &[u8]) -> Arc<TorrentInfo> {
        let mut hasher = PieceHasher::new(65_536);
        hasher.update(bytes);
        let root = layout(Profile::V1_2025, bytes).root;
        Arc::new(TorrentInfo::new(bytes.len() as u64, &root, hasher.finish()))
    }

    struct Bench {
        pieces: Arc<Pieces>,
        _folder: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let partial = Partial::new(folder.path(), Some(LEN as u64)).unwrap();
            let pieces =
                Arc::new(Pieces::new(Geometry::by_rule(LEN as u64).unwrap(), partial, watch::Sender::new(0)));
            Self { pieces, _folder: folder }
        }

        fn put(&self, song: &[u8], piece: u32) -> tokio::task::JoinHandle<Verdict> {
            let range = self.pieces.geometry().range(PieceIndex(piece));
            let part = &song[range.start as usize..range.end as usize];
            let blocks = part.chunks(16_384).map(Bytes::copy_from_slice).collect();
            let pieces = Arc::clone(&self.pieces);
            tokio::spawn(async move { pieces.put(PieceIndex(piece), blocks).await })
        }

        async fn all(&self, song: &[u8]) -> Vec<Verdict> {
            let puts: Vec<_> = (0..self.pieces.geometry().pieces()).map(|p| self.put(song, p)).collect();
            let mut verdicts = Vec::new();
            for put in puts {
                verdicts.push(put.await.unwrap());
            }
            verdicts
        }
    }

    #[tokio::test]
    async fn leaves_of_each_kind_prove_the_pieces_under_them() {
        let song = song();
        for profile in Profile::ALL {
            let (bench, layout) = (Bench::new(), layout(profile, &song));
            assert!(bench.pieces.prove_by_leaves(leaves(&layout)).await);
            assert!(bench.all(&song).await.iter().all(|v| *v == Verdict::Good));
            assert!(bench.pieces.is_complete());
            assert_eq!(bench.pieces.verified(), LEN as u64);
            let read = bench.pieces.read(5..LEN as u64).await.unwrap();
            assert!(read[..] == song[5..]);
        }
    }

    #[tokio::test]
    async fn pieces_wait_for_their_leaf_and_fall_with_it() {
        let mut song = song();
        let bench = Bench::new();
        bench.pieces.prove_by_leaves(leaves(&layout(Profile::V1_2025, &song))).await;
        song[100] ^= 1;
        let puts: Vec<_> = (0..15).map(|p| bench.put(&song, p)).collect();
        tokio::task::yield_now().await;
        assert!(bench.pieces.read(0..10).await.is_err(), "held bytes are given to nobody");
        let last = bench.put(&song, 15);
        let together = Verdict::BadAmong { first: PieceIndex(0), count: 16 };
        for put in puts {
            assert_eq!(put.await.unwrap(), together);
        }
        assert_eq!(last.await.unwrap(), together);
        assert_eq!(bench.pieces.verified(), 0);
        // The same pieces come again, sound.
        song[100] ^= 1;
        assert!(bench.all(&song).await.iter().all(|v| *v == Verdict::Good));
    }

    #[tokio::test]
    async fn what_is_held_without_a_proof_is_judged_when_one_comes() {
        let mut song = song();
        let bench = Bench::new();
        let info = info(&song);
        song[70_000] ^= 1;
        let puts: Vec<_> = (0..3).map(|p| bench.put(&song, p)).collect();
        tokio::task::yield_now().await;
        assert!(!bench.pieces.has_proof());
        assert!(bench.pieces.prove_by_info(info).await);
        let mut verdicts = Vec::new();
        for put in puts {
            verdicts.push(put.await.unwrap());
        }
        assert_eq!(verdicts, [Verdict::Good, Verdict::Bad, Verdict::Good]);
        assert_eq!(bench.pieces.verified_from(0, 1 << 20), 65_536);
        assert_eq!(bench.pieces.verified_from(70_000, 1 << 20), 70_000);
        assert_eq!(bench.pieces.verified_from(140_000, 150_000), 150_000);
    }

    #[tokio::test]
    async fn proofs_of_other_files_and_pieces_of_other_lengths_are_refused() {
        let song = song();
        let bench = Bench::new();
        assert!(!bench.pieces.prove_by_info(info(&song[1..])).await);
        assert!(!bench.pieces.prove_by_leaves(leaves(&layout(Profile::V1_2025, &song[1..]))).await);
        assert_eq!(bench.pieces.put(PieceIndex(0), vec![Bytes::from_static(b"short")]).await, Verdict::Bad);
        assert_eq!(bench.pieces.put(PieceIndex(999), vec![]).await, Verdict::Bad);
    }
}

//! Keeping what is followed, for as long as the program runs.

mod tell;

use super::{
    GiveWay, Room, SeedEvent, SeedEventKind, SeenCopies, Titled,
    expand::{self, Wanted},
    now, plays, trim, weed,
};
use crate::{Node, home::NodeLock, resolve::ResolveError};
use osp_core::Cid;
use osp_delivery::{
    DeliveryError,
    download::{Download, Finished},
};
use osp_store::{Custody as _, Followed, StoreError, custody::rank_after};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// How often the store is asked what is followed now.
const LOOK: Duration = Duration::from_millis(500);
/// Tracks that are fetched at once.
const FETCHES: usize = 3;
/// REFs that are asked about at once.
const EXPANSIONS: usize = 4;
/// Tracks that wait to be fetched; further ones come with the next refresh.
const MAX_QUEUE: usize = 10_000;
/// How often is looked whether the quota is exceeded.
const TRIM: Duration = Duration::from_secs(5);
/// After how long it is tried again to come back within it.
const TRIM_AGAIN: Duration = Duration::from_secs(60);
/// How long the lock of another process is waited for before it is tried again.
const LOCKED: Duration = Duration::from_secs(1);

/// How a catalogue is kept.
#[derive(Clone, Debug)]
pub struct SeedSettings {
    /// Bytes for guests.
    pub quota: u64,
    /// How often each REF is looked at again.
    pub refresh: Duration,
    /// Addresses of this node itself: a mirror there is no other copy.
    pub own: Vec<String>,
    /// End as soon as everything that fits is here.
    pub once: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeedReport {
    /// Contents that were fetched.
    pub kept: u64,
    /// Contents that were here already.
    pub here: u64,
    /// Contents there is no room for.
    pub refused: u64,
    /// Contents and REFs that could not be had.
    pub failed: u64,
    /// Of these, those that somebody offered in a form that does not verify.
    pub lied: u64,
}

/// Keeps what is followed, with the home's `lock`; without it waits while another process on this home does. Ends with [`SeedSettings::once`] only.
///
/// # Errors
/// [`StoreError`], with `once` only: otherwise it is logged and tried again.
pub async fn run(
    node: Arc<Node>,
    settings: SeedSettings,
    lock: Option<NodeLock>,
    tell: impl Fn(&SeedEvent) + Send + Sync,
) -> Result<SeedReport, StoreError> {
    node.tally().quota.store(settings.quota, Relaxed);
    let mut lock = lock;
    while lock.is_none() {
        tokio::time::sleep(LOCKED).await;
        match node.home().lock_seeding() {
            Ok(now) => lock = now,
            Err(error) => tracing::warn!(%error, "cannot keep what is followed"),
        }
    }
    let copies = SeenCopies::new(Arc::clone(&node), &[], &settings.own);
    let (refresh, once) = (settings.refresh, settings.once);
    let mut seeder = Seeder {
        node: Arc::clone(&node),
        settings,
        tell,
        copies,
        seen: HashMap::new(),
        queue: VecDeque::new(),
        tasks: JoinSet::new(),
        expansions: 0,
        busy: HashMap::new(),
        fresh: HashMap::new(),
        told: HashMap::new(),
        generation: None,
        full: None,
        trim_at: Instant::now(),
        report: SeedReport::default(),
    };
    let keep = async {
        loop {
            match seeder.step().await {
                Ok(true) if once => return Ok(seeder.report),
                Ok(_) => {}
                Err(error) if once => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "cannot keep what is followed; it is tried again");
                    tokio::time::sleep(LOCKED).await;
                }
            }
        }
    };
    tokio::select! {
        ended = keep => ended,
        () = plays::keep_writing(&node, refresh) => Ok(SeedReport::default()),
    }
}

/// Writes down what was played and is not written yet, before the program ends.
pub async fn settle(node: &Node) {
    if let Err(error) = plays::write(node).await {
        tracing::warn!(%error, "cannot count what was played");
    }
}

/// A followed REF, as it was last seen.
struct Seen {
    followed: Followed,
    due: Instant,
    running: bool,
    expanded: bool,
}

/// What a task has done.
enum Done {
    Expanded(String, Result<Vec<Wanted>, ResolveError>),
    /// The size, of what had none.
    Measured(Box<Wanted>, Download, Result<u64, Arc<DeliveryError>>),
    Fetched(Box<Wanted>, Result<Arc<Finished>, Arc<DeliveryError>>),
}

struct Seeder<T> {
    node: Arc<Node>,
    settings: SeedSettings,
    tell: T,
    copies: SeenCopies,
    seen: HashMap<String, Seen>,
    queue: VecDeque<Wanted>,
    tasks: JoinSet<Done>,
    expansions: usize,
    /// Contents that wait or are fetched, and the room that is set aside for each.
    busy: HashMap<Cid, u64>,
    /// New releases that are not here yet, and when they were first seen.
    fresh: HashMap<Cid, u64>,
    /// What was last told of a content or a REF.
    told: HashMap<String, (SeedEventKind, Option<String>)>,
    generation: Option<u64>,
    /// The smallest size there lately was no room for, and when, and what was said.
    full: Option<(u64, Instant, Room)>,
    trim_at: Instant,
    report: SeedReport,
}

impl<T: Fn(&SeedEvent) + Send + Sync> Seeder<T> {
    /// One turn. `true` when there is nothing left to do for now.
    async fn step(&mut self) -> Result<bool, StoreError> {
        self.look().await?;
        self.weed().await?;
        self.trim().await?;
        while self.tasks.len() - self.expansions < FETCHES
            && let Some(wanted) = self.queue.pop_front()
        {
            self.begin(wanted).await?;
        }
        let idle = self.tasks.is_empty() && self.queue.is_empty();
        if idle && self.seen.values().all(|seen| seen.expanded) {
            if !self.settings.once {
                tokio::time::sleep(LOOK).await;
            }
            return Ok(true);
        }
        tokio::select! {
            Some(done) = self.tasks.join_next() => match done {
                Ok(done) => self.done(done).await?,
                Err(error) => tracing::error!(%error, "a task of seeding failed"),
            },
            () = tokio::time::sleep(LOOK) => {}
        }
        Ok(false)
    }

    /// What is followed now, and what of it is due.
    async fn look(&mut self) -> Result<(), StoreError> {
        let all = self.node.store().followed().await?;
        let names: HashSet<&str> = all.iter().map(|followed| followed.reference.as_str()).collect();
        self.seen.retain(|reference, _| names.contains(reference.as_str()));
        self.queue.retain(|wanted| names.contains(wanted.reference.as_str()));
        let now = Instant::now();
        for followed in all {
            let reference = followed.reference.clone();
            match self.seen.get_mut(&reference) {
                Some(seen) if seen.followed == followed => {}
                Some(seen) => {
                    seen.followed = followed;
                    seen.due = now;
                }
                None => {
                    let seen = Seen { followed, due: now, running: false, expanded: false };
                    self.seen.insert(reference, seen);
                }
            }
        }
        for (reference, seen) in &mut self.seen {
            if self.expansions >= EXPANSIONS || seen.running || seen.due > now {
                continue;
            }
            seen.running = true;
            self.expansions += 1;
            let (node, followed, reference) =
                (Arc::clone(&self.node), seen.followed.clone(), reference.clone());
            self.tasks
                .spawn(async move { Done::Expanded(reference, expand::expand(&node, &followed).await) });
        }
        // What waits or runs is in these; the rest of what was planned is planned again with the next refresh.
        let queued: HashSet<Cid> = self.queue.iter().map(|wanted| wanted.cid).collect();
        self.busy.retain(|cid, room| *room > 0 || queued.contains(cid));
        Ok(())
    }

    async fn done(&mut self, done: Done) -> Result<(), StoreError> {
        match done {
            Done::Expanded(reference, found) => {
                self.expansions -= 1;
                self.full = None;
                self.expanded(reference, found).await
            }
            Done::Measured(wanted, download, Ok(size)) => {
                self.busy.remove(&wanted.cid);
                if self.make_room(&wanted, size).await? {
                    self.wait(*wanted, download, size);
                }
                Ok(())
            }
            Done::Measured(wanted, _, Err(error)) | Done::Fetched(wanted, Err(error)) => {
                self.busy.remove(&wanted.cid);
                self.failed(&wanted, &error);
                Ok(())
            }
            Done::Fetched(wanted, Ok(finished)) => {
                self.busy.remove(&wanted.cid);
                self.fresh.remove(&wanted.cid);
                self.report.kept += 1;
                if wanted.pinned {
                    self.node.store().pin(&finished.cid, true).await?;
                }
                self.tell(&wanted, SeedEventKind::Kept, Some(finished.size), None, Vec::new());
                self.plan_beside(&wanted).await
            }
        }
    }

    async fn expanded(
        &mut self,
        reference: String,
        found: Result<Vec<Wanted>, ResolveError>,
    ) -> Result<(), StoreError> {
        // Unfollowed meanwhile.
        let Some(seen) = self.seen.get_mut(&reference) else { return Ok(()) };
        seen.expanded = true;
        seen.running = false;
        seen.due = Instant::now() + self.settings.refresh;
        let wanted = match found {
            Ok(wanted) => wanted,
            Err(error) => {
                let lied = matches!(error, ResolveError::Lied { .. });
                self.fail(&reference, None, error.to_string(), lied);
                return Ok(());
            }
        };
        // A catalogue of which nothing was known is no news.
        let catalogue = wanted.iter().all(|wanted| wanted.new);
        for mut wanted in wanted {
            if wanted.new && !catalogue && self.fresh.len() < MAX_QUEUE {
                self.fresh.entry(wanted.cid).or_insert_with(now);
            }
            wanted.new = self.fresh.contains_key(&wanted.cid);
            self.plan(wanted).await?;
        }
        Ok(())
    }

    /// Has it fetched, unless it is here.
    async fn plan(&mut self, wanted: Wanted) -> Result<(), StoreError> {
        let Some(blob) = self.node.blobs().find(&wanted.cid).await? else {
            let blocked = self.node.records().is_content_blocked(&[wanted.cid]).await?;
            if !blocked && self.queue.len() < MAX_QUEUE && !self.busy.contains_key(&wanted.cid) {
                self.busy.insert(wanted.cid, 0);
                // News first: the rest of a catalogue shall not take the room that it may make.
                if wanted.new { self.queue.push_front(wanted) } else { self.queue.push_back(wanted) }
            }
            return Ok(());
        };
        self.fresh.remove(&wanted.cid);
        if wanted.pinned && self.node.store().guest(&blob.cid).await?.is_some_and(|guest| !guest.pinned) {
            self.node.store().pin(&blob.cid, true).await?;
        }
        if !matches!(
            self.told.get(&wanted.cid.to_string()),
            Some((SeedEventKind::Kept | SeedEventKind::Seeding, _))
        ) {
            self.report.here += 1;
        }
        self.tell(&wanted, SeedEventKind::Seeding, Some(blob.size), None, Vec::new());
        self.plan_beside(&wanted).await
    }

    async fn plan_beside(&mut self, track: &Wanted) -> Result<(), StoreError> {
        for beside in expand::beside(track) {
            Box::pin(self.plan(beside)).await?;
        }
        Ok(())
    }

    /// Makes room and fetches; where the size is not known, that is asked first.
    async fn begin(&mut self, mut wanted: Wanted) -> Result<(), StoreError> {
        let quota = self.settings.quota;
        match wanted.request.size {
            Some(size) => {
                self.busy.remove(&wanted.cid);
                if self.make_room(&wanted, size).await? {
                    // What a record says may be false: no more than there is room for.
                    wanted.request.max_size = size;
                    let request = self.node.with_network(wanted.request.clone()).await;
                    let download = self.node.downloads().open(request);
                    self.wait(wanted, download, size);
                }
            }
            None => {
                wanted.request.max_size = wanted.max_size.min(quota);
                self.busy.insert(wanted.cid, 1);
                let request = self.node.with_network(wanted.request.clone()).await;
                let download = self.node.downloads().open(request);
                self.tasks.spawn(async move {
                    let size = download.size().await;
                    Done::Measured(Box::new(wanted), download, size)
                });
            }
        }
        Ok(())
    }

    fn wait(&mut self, wanted: Wanted, download: Download, size: u64) {
        self.busy.insert(wanted.cid, size.max(1));
        self.tasks.spawn(async move {
            let finished = download.finished().await;
            Done::Fetched(Box::new(wanted), finished)
        });
    }

    /// Whether there is room now; tells when there is none, and what was given up.
    async fn make_room(&mut self, wanted: &Wanted, size: u64) -> Result<bool, StoreError> {
        let who = match self.fresh.get(&wanted.cid) {
            Some(seen) => GiveWay::Older(*seen),
            None if wanted.pinned => GiveWay::Any,
            None => GiveWay::WantedLess(rank_after(None, 1.0, wanted.since)),
        };
        if size > self.settings.quota {
            let reason = format!("it is larger than the quota of {} bytes", self.settings.quota);
            self.refuse(wanted, size, reason, Vec::new());
            return Ok(false);
        }
        let tried = match &self.full {
            Some((least, _, room)) if size >= *least && matches!(who, GiveWay::WantedLess(_)) => {
                Some(room.clone())
            }
            _ => None,
        };
        let room = match tried {
            Some(room) => room,
            None => {
                let reserved: u64 = self.busy.values().sum();
                let incoming = size.saturating_add(reserved);
                trim::room_in(&self.node, &self.copies, self.settings.quota, incoming, who).await?
            }
        };
        self.evicted(&room).await;
        if room.missing == 0 {
            return Ok(true);
        }
        let reason = format!(
            "{} more bytes are needed within the quota of {} bytes, and what is here {}",
            room.missing,
            self.settings.quota,
            if room.last_copies.is_empty() { "is wanted as much or is pinned" } else { "has no other copy" }
        );
        let last_copies = self.named(&room).await;
        if matches!(who, GiveWay::WantedLess(_)) {
            self.full = Some((size, Instant::now(), room));
        }
        self.refuse(wanted, size, reason, last_copies);
        Ok(false)
    }

    /// Comes back within the quota: it may have become smaller, or others on this home fetch, too.
    async fn trim(&mut self) -> Result<(), StoreError> {
        if Instant::now() < self.trim_at {
            return Ok(());
        }
        self.trim_at = Instant::now() + TRIM;
        let quota = self.settings.quota;
        if self.node.store().guest_totals().await?.bytes <= quota {
            self.told.remove(tell::QUOTA);
            return Ok(());
        }
        let room = trim::room_in(&self.node, &self.copies, quota, 0, GiveWay::Any).await?;
        self.evicted(&room).await;
        if room.missing > 0 {
            self.trim_at = Instant::now() + TRIM_AGAIN;
            let why = "what is here is pinned or has no other copy";
            let event = SeedEvent {
                event: SeedEventKind::Refused,
                reference: None,
                what: Titled::default(),
                reason: Some(format!(
                    "the quota of {quota} bytes is exceeded by {} bytes: {why}",
                    room.missing
                )),
                last_copies: self.named(&room).await,
            };
            self.say(tell::QUOTA, event);
        }
        Ok(())
    }

    async fn weed(&mut self) -> Result<(), StoreError> {
        let generation = self.node.records().generation().await?;
        if self.generation.replace(generation) == Some(generation) {
            return Ok(());
        }
        for (blob, why) in weed::weed(&self.node).await? {
            let what = Titled { cid: Some(blob.cid.to_string()), size: Some(blob.size), ..Titled::default() };
            (self.tell)(&SeedEvent {
                event: SeedEventKind::Dropped,
                reference: None,
                what,
                reason: Some(why.to_owned()),
                last_copies: Vec::new(),
            });
        }
        Ok(())
    }
}

//! What a seeding node tells, each thing once.

use super::{MAX_QUEUE, Seeder};
use crate::seeding::{MAX_NAMED, Room, SeedEvent, SeedEventKind, Titled, expand::Wanted};
use osp_delivery::DeliveryError;

/// Under what it is remembered that the quota is exceeded.
pub(super) const QUOTA: &str = "quota";

impl<T: Fn(&SeedEvent) + Send + Sync> Seeder<T> {
    pub(super) fn refuse(&mut self, wanted: &Wanted, size: u64, reason: String, last_copies: Vec<Titled>) {
        if self.tell(wanted, SeedEventKind::Refused, Some(size), Some(reason), last_copies) {
            self.report.refused += 1;
        }
    }

    pub(super) async fn evicted(&mut self, room: &Room) {
        for blob in &room.evicted {
            self.full = None;
            let what = Titled::of_roots(&self.node, &blob.cid, &blob.roots, blob.size).await;
            // Not told under the CID of the record: whether it comes again is told anew.
            self.told.retain(|cid, _| !blob.roots.iter().any(|root| root.to_string() == *cid));
            (self.tell)(&SeedEvent {
                event: SeedEventKind::Evicted,
                reference: None,
                what,
                reason: None,
                last_copies: Vec::new(),
            });
        }
    }

    pub(super) async fn named(&self, room: &Room) -> Vec<Titled> {
        let mut named = Vec::new();
        for guest in room.last_copies.iter().take(MAX_NAMED) {
            named.push(Titled::of(&self.node, &guest.cid, guest.size).await);
        }
        named
    }

    pub(super) fn failed(&mut self, wanted: &Wanted, error: &DeliveryError) {
        let lied = matches!(error, DeliveryError::Lied { .. });
        self.fail(&wanted.reference.clone(), Some(wanted), error.to_string(), lied);
    }

    pub(super) fn fail(&mut self, reference: &str, wanted: Option<&Wanted>, reason: String, lied: bool) {
        let told = match wanted {
            Some(wanted) => self.tell(wanted, SeedEventKind::Failed, None, Some(reason), Vec::new()),
            None => self.say(
                reference,
                SeedEvent {
                    event: SeedEventKind::Failed,
                    reference: Some(reference.to_owned()),
                    what: Titled::default(),
                    reason: Some(reason),
                    last_copies: Vec::new(),
                },
            ),
        };
        if told {
            self.report.failed += 1;
            self.report.lied += u64::from(lied);
        }
    }

    pub(super) fn tell(
        &mut self,
        wanted: &Wanted,
        event: SeedEventKind,
        size: Option<u64>,
        reason: Option<String>,
        last_copies: Vec<Titled>,
    ) -> bool {
        let cid = wanted.cid.to_string();
        let what = Titled {
            cid: Some(cid.clone()),
            id: wanted.id.clone(),
            title: wanted.title.clone(),
            size: size.or(wanted.request.size),
        };
        let reference = Some(wanted.reference.clone());
        self.say(&cid, SeedEvent { event, reference, what, reason, last_copies })
    }

    /// Tells what was not told before. `false` if it was.
    pub(super) fn say(&mut self, key: &str, event: SeedEvent) -> bool {
        let here = |kind| matches!(kind, SeedEventKind::Kept | SeedEventKind::Seeding);
        match self.told.get(key) {
            Some((kind, _)) if here(*kind) && here(event.event) => return false,
            // Numbers and reasons vary from time to time; that it is refused is said once.
            Some((SeedEventKind::Refused, _)) if event.event == SeedEventKind::Refused => return false,
            Some((kind, reason)) if *kind == event.event && *reason == event.reason => return false,
            _ => {}
        }
        if self.told.len() >= 2 * MAX_QUEUE {
            self.told.clear();
        }
        self.told.insert(key.to_owned(), (event.event, event.reason.clone()));
        (self.tell)(&event);
        true
    }
}

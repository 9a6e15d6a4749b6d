//! The other way: one source after another, in order, each judged alone.

use super::Drive;
use crate::{
    Delivery, DeliveryError, HttpSource, Want,
    download::{Finished, leaves::Leaves, prefix::Prefix, shared::Body, whole},
};
use std::sync::Arc;

impl Drive {
    pub(super) async fn in_order(&mut self) -> Result<Finished, DeliveryError> {
        let Some(cid) = self.request.cid else { return Err(self.nameless()) };
        let left = self.places.iter().filter(|place| !self.shared.ledger.has_lied(&place.name));
        let sources: Vec<HttpSource> = left.map(|place| place.source.clone()).collect();
        let want = Want { max_size: self.request.max_size, ..Want::new(cid) }.with_size(self.request.size);
        let prefix = Arc::new(Prefix::new(self.config.folder.clone(), self.shared.tick.clone()));
        self.shared.set_body(Body::Prefix(Arc::clone(&prefix)));
        let delivery = Delivery::new(self.config.fetcher.clone());
        let mut sources = delivery.places(&sources);
        sources.extend(self.peers_in_order());
        let fetched = delivery.fetch_from(&want, &sources, &mut prefix.sink()).await;
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(DeliveryError::NotFound { attempts, .. } | DeliveryError::Lied { attempts, .. }) => {
                for attempt in attempts {
                    self.shared.ledger.note(&attempt.source, attempt.outcome);
                }
                return Err(self.exhausted());
            }
            Err(other) => return Err(other),
        };
        for attempt in fetched.attempts {
            self.shared.ledger.note(&attempt.source, attempt.outcome);
        }
        self.shared.set_in_order(fetched.bytes_by_source);
        let (partial, size) = prefix.finish().map_err(super::local)?;
        let leaves = Arc::new(Leaves::of_layout(&fetched.layout));
        match whole::judge(partial, size, cid, Some(leaves)).await.map_err(super::local)? {
            Some(whole) => self.finish(whole).await,
            // It was verified a moment ago.
            None => Err(super::local(std::io::Error::other("what was downloaded has changed on the disk"))),
        }
    }

    /// The end of everything: whoever was tried is named.
    fn exhausted(&self) -> DeliveryError {
        let (attempts, cid) = (self.shared.ledger.attempts(), self.request.cid.unwrap_or_default());
        if attempts.iter().any(|attempt| attempt.outcome.is_lie()) {
            DeliveryError::Lied { cid, attempts }
        } else {
            DeliveryError::NotFound { cid, attempts }
        }
    }

    fn nameless(&self) -> DeliveryError {
        let magnet = self.request.magnet.as_ref();
        DeliveryError::NoMetadata {
            infohash: magnet.map(osp_core::torrent::Magnet::infohash_hex).unwrap_or_default(),
            attempts: self.shared.ledger.attempts(),
        }
    }
}

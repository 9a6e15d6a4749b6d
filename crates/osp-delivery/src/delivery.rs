//! Trying sources in turn until the file is there.

use crate::{
    Attempt, DeliveryError, Fault, HttpSource, Job, Outcome, Source, SourceKind, VerifiedSink, Want,
    gateway::Gateway, mirror::Mirror,
};
use osp_core::{
    content::{DAG_PB, RAW, digest_of},
    unixfs::Layout,
};
use osp_fetch::Fetcher;

/// Fetches content. Cheap to clone.
#[derive(Clone)]
pub struct Delivery {
    fetcher: Fetcher,
}

/// Content that was delivered: the sink has all of it, and every byte is verified.
#[derive(Debug)]
pub struct Fetched {
    /// The DAG as its CID says it is, under the CID as it was asked for, so that it can be stored and served on.
    pub layout: Layout,
    /// Who sent how many bytes of the file.
    pub bytes_by_source: Vec<Contribution>,
    /// Sources that were tried and did not deliver all of it; liars among them.
    pub attempts: Vec<Attempt>,
}

/// Bytes of the file that came from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The source, as shown to people.
    pub source: String,
    /// What it is counted as.
    pub kind: SourceKind,
    /// Verified bytes of file.
    pub bytes: u64,
}

impl Delivery {
    /// Deliveries through this client.
    #[must_use]
    pub fn new(fetcher: Fetcher) -> Self {
        Self { fetcher }
    }

    /// Fetches `want` from nodes, then mirrors, each in the order given, into `sink`.
    ///
    /// Nodes come first whatever the order, since what they send is verified block by block.
    ///
    /// # Errors
    /// [`DeliveryError`]; the sink then holds at most a verified beginning of the file.
    pub async fn fetch(
        &self,
        want: &Want,
        sources: &[HttpSource],
        sink: &mut dyn VerifiedSink,
    ) -> Result<Fetched, DeliveryError> {
        self.fetch_from(want, &self.places(sources), sink).await
    }

    /// The sources that these are: nodes, then mirrors.
    pub(crate) fn places(&self, sources: &[HttpSource]) -> Vec<Box<dyn Source>> {
        let (mut nodes, mut mirrors) = (Vec::<Box<dyn Source>>::new(), Vec::<Box<dyn Source>>::new());
        for source in sources {
            let fetcher = self.fetcher.clone();
            match source {
                HttpSource::Node(base) => nodes.push(Box::new(Gateway { fetcher, base: base.clone() })),
                HttpSource::Mirror(url) => mirrors.push(Box::new(Mirror { fetcher, url: url.clone() })),
            }
        }
        nodes.append(&mut mirrors);
        nodes
    }

    /// Fetches `want` from any sources, in the order given.
    ///
    /// # Errors
    /// As [`Delivery::fetch`].
    pub async fn fetch_from(
        &self,
        want: &Want,
        sources: &[Box<dyn Source>],
        sink: &mut dyn VerifiedSink,
    ) -> Result<Fetched, DeliveryError> {
        let cid = want.cid;
        if digest_of(&cid).is_none() || !matches!(cid.codec(), RAW | DAG_PB) {
            let reason = "this program verifies sha2-256 over raw and dag-pb blocks only".to_owned();
            return Err(DeliveryError::NotAFile { cid, reason });
        }
        let mut job = Job::new(want, sink);
        let mut attempts = Vec::new();
        let mut bytes_by_source: Vec<Contribution> = Vec::new();
        for source in sources {
            let before = job.written();
            let result = source.deliver(&mut job).await;
            if job.written() < before {
                bytes_by_source.clear();
            }
            let had: u64 = bytes_by_source.iter().map(|c| c.bytes).sum();
            let (name, kind) = (source.name(), source.kind());
            if job.written() > had {
                bytes_by_source.push(Contribution { source: name.clone(), kind, bytes: job.written() - had });
            }
            match result {
                Ok(()) if job.is_done() => break,
                Ok(()) => attempts.push(failed(name, Outcome::Failed("it sent only a part".to_owned()))),
                Err(Fault::Source(outcome)) => attempts.push(failed(name, outcome)),
                Err(Fault::Content(reason)) => return Err(DeliveryError::NotAFile { cid, reason }),
                Err(Fault::Sink(error)) => return Err(DeliveryError::Local(error)),
            }
        }
        match job.into_layout() {
            Some(layout) => Ok(Fetched { layout, bytes_by_source, attempts }),
            None if attempts.iter().any(|a| a.outcome.is_lie()) => Err(DeliveryError::Lied { cid, attempts }),
            None => Err(DeliveryError::NotFound { cid, attempts }),
        }
    }
}

fn failed(source: String, outcome: Outcome) -> Attempt {
    let attempt = Attempt { source, outcome };
    if attempt.outcome.is_lie() {
        tracing::warn!("{attempt}; it is not asked again for this content");
    } else {
        tracing::debug!("{attempt}");
    }
    attempt
}

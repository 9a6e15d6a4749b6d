//! Nodes and trustless IPFS gateways: a CAR, else block by block, else the plain file.

use crate::{
    Fault, Job, Source, SourceKind,
    car::{CarReader, Section},
    mirror::Mirror,
};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{Cid, content::same_block, unixfs::MAX_BLOCK_BYTES};
use osp_fetch::{FetchError, Fetcher, Limits, Request, Response, StatusCode, Target};
use std::time::Duration;

const CAR: &str = "application/vnd.ipld.car";
const RAW: &str = "application/vnd.ipld.raw";

/// Most bytes of blocks that are not wanted in one CAR: the path to where a resumed file goes on, and repeats.
const MAX_UNWANTED: u64 = 64 * 1024 * 1024;

/// How long the header and the root of a CAR may take; after it the size of the file says how long the rest may.
const ROOT_TIME: Duration = Duration::from_secs(180);

/// A node or gateway at a base URL.
pub(crate) struct Gateway {
    pub(crate) fetcher: Fetcher,
    pub(crate) base: Target,
}

/// Which forms of answer a gateway turned out not to give.
enum Form {
    Car(Box<Response>),
    NoCar,
}

#[async_trait]
impl Source for Gateway {
    fn name(&self) -> String {
        self.base.to_string()
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Http
    }

    async fn deliver(&self, job: &mut Job<'_>) -> Result<(), Fault> {
        if let Form::Car(response) = self.ask_for_car(job).await? {
            self.read_car(*response, job).await?;
        }
        // What a CAR left out (a gateway that sends them in another order, or gives none) is asked for block by
        // block.
        while let Some(next) = job.next() {
            match self.block(&next.cid).await? {
                Some(block) => job.accept(block).await?,
                None => return self.plain_file(job).await,
            }
        }
        Ok(())
    }
}

/// Most bytes of CAR for a file of `size` bytes: blocks weigh a little more than the file, and a flood is cut off
/// long before by what is wanted.
fn car_limit(size: u64) -> u64 {
    size.saturating_add(size / 8).saturating_add(MAX_UNWANTED)
}

impl Gateway {
    fn path(&self, cid: &Cid, query: &str) -> Target {
        self.base.join(&format!("/ipfs/{cid}{query}"))
    }

    async fn ask_for_car(&self, job: &mut Job<'_>) -> Result<Form, Fault> {
        let from = job.offset();
        let part = if from > 0 { format!("&entity-bytes={from}:*") } else { String::new() };
        let target = self.path(&job.want().cid, &format!("?format=car&dag-scope=entity{part}"));
        // A record's size is a hint that may be wrong; the root block, which comes first, tells the truth.
        let limits = Limits::content(car_limit(job.size().unwrap_or(job.want().max_size)));
        let request = Request::get(target, limits)
            .accept("application/vnd.ipld.car; version=1; order=dfs; dups=y, application/vnd.ipld.car;q=0.9");
        let response = self.fetcher.send(request).await?;
        match response.status() {
            StatusCode::OK if response.media_type().as_deref() == Some(CAR) => {
                Ok(Form::Car(Box::new(response)))
            }
            StatusCode::OK => Ok(Form::NoCar),
            status if refuses_form(status) => Ok(Form::NoCar),
            status => Err(Fault::status(status)),
        }
    }

    /// Reads a CAR as far as it is of use. Ends well when the file is done, when the CAR ends before it, and when
    /// its order cannot be followed.
    async fn read_car(&self, mut response: Response, job: &mut Job<'_>) -> Result<(), Fault> {
        let mut car = CarReader::new();
        let mut unwanted = 0_u64;
        let mut bounded = false;
        let root_by = tokio::time::Instant::now() + ROOT_TIME;
        while !job.is_done() {
            if let Some(size) = job.size()
                && !std::mem::replace(&mut bounded, true)
            {
                response.expect_at_most(car_limit(size));
            }
            let chunk = if bounded {
                response.chunk().await?
            } else {
                let chunk = tokio::time::timeout_at(root_by, response.chunk()).await;
                chunk.map_err(|_| Fault::failed("it took too long to send the first block"))??
            };
            let Some(chunk) = chunk else {
                return if car.may_end() { Ok(()) } else { Err(Fault::failed("its CAR is cut off")) };
            };
            car.push(&chunk);
            self.check_root(&mut car, job)?;
            while let Some(section) = car.next_section().map_err(|e| Fault::lied(e.to_string()))? {
                if !self.take(section, job, &mut unwanted).await? {
                    return Ok(());
                }
                if job.is_done() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn check_root(&self, car: &mut CarReader, job: &Job<'_>) -> Result<(), Fault> {
        let wanted = job.want().cid;
        match car.roots().map_err(|e| Fault::lied(e.to_string()))? {
            Some(roots) if !roots.iter().any(|root| same_block(root, &wanted)) => {
                Err(Fault::lied("its CAR is of other content"))
            }
            _ => Ok(()),
        }
    }

    /// Uses one section, or passes over it; `false` when nothing of use can follow.
    async fn take(&self, section: Section, job: &mut Job<'_>, unwanted: &mut u64) -> Result<bool, Fault> {
        let Section { cid, block } = section;
        while let Some(next) = job.next() {
            if same_block(&next.cid, &cid) {
                job.accept(block).await?;
                return Ok(true);
            }
            if !job.was_seen(&next.cid) {
                break;
            }
            // A CAR without duplicates leaves out what it sent before.
            if !job.accept_recent().await? {
                let Some(block) = self.block(&next.cid).await? else { return Ok(false) };
                job.accept(block).await?;
            }
        }
        if job.size().is_none() {
            return Err(Fault::lied("its CAR does not begin with the block that was asked for"));
        }
        *unwanted += block.len() as u64;
        // Before the wanted part of a resumed file stand the nodes above it; anything else is out of order.
        Ok(job.was_seen(&cid) && *unwanted <= MAX_UNWANTED)
    }

    /// One block, not verified; `None` from what is no gateway.
    pub(crate) async fn block(&self, cid: &Cid) -> Result<Option<Bytes>, Fault> {
        let limits = Limits::content(MAX_BLOCK_BYTES as u64);
        let request = Request::get(self.path(cid, "?format=raw"), limits).accept(RAW);
        let response = match self.fetcher.send(request).await {
            // What announces more than a block is the file itself.
            Err(FetchError::TooBig { .. }) => return Ok(None),
            other => other?,
        };
        match response.status() {
            StatusCode::OK if response.media_type().as_deref() == Some(RAW) => {
                Ok(Some(response.bytes().await?))
            }
            StatusCode::OK => Ok(None),
            status if refuses_form(status) => Ok(None),
            status => Err(Fault::status(status)),
        }
    }

    /// What answers with the file whatever it is asked for can still be a mirror.
    async fn plain_file(&self, job: &mut Job<'_>) -> Result<(), Fault> {
        if job.offset() > 0 && !job.knows_its_leaves() {
            // Not worth what is verified already: a mirror would have to begin anew.
            return Err(Fault::failed("it is neither a node nor a gateway"));
        }
        let url = self.path(&job.want().cid, "");
        Mirror { fetcher: self.fetcher.clone(), url }.deliver(job).await
    }
}

/// Statuses of a server that may have the content, though not in the form that was asked for.
fn refuses_form(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::NOT_ACCEPTABLE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::NOT_IMPLEMENTED
    )
}

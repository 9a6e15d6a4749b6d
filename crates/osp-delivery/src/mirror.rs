//! Mirrors: the plain file at a URL (a web seed of the torrent).

use crate::{Fault, Job, Source, SourceKind};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use osp_core::{
    content::{RAW, digest_of},
    unixfs::{Importer, LeafKind, MAX_BLOCK_BYTES},
};
use osp_fetch::{Fetcher, Limits, Request, Response, StatusCode, Target};

/// Bytes of an answer that is no success and is no lie for its length.
const ERROR_PAGE: u64 = 64 * 1024;

/// A file at a URL.
pub(crate) struct Mirror {
    pub(crate) fetcher: Fetcher,
    pub(crate) url: Target,
}

#[async_trait]
impl Source for Mirror {
    fn name(&self) -> String {
        self.url.to_string()
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Http
    }

    async fn deliver(&self, job: &mut Job<'_>) -> Result<(), Fault> {
        if job.knows_its_leaves() && self.leaf_by_leaf(job).await? {
            return Ok(());
        }
        job.restart().await?;
        let result = self.as_a_whole(job).await;
        if !job.is_done() {
            // Nothing of what was spooled may stay.
            job.restart().await?;
        }
        result
    }
}

impl Mirror {
    /// Goes on from the verified part, checking each leaf as it comes. `false` when the blocks to come are not
    /// simply leaves after all.
    async fn leaf_by_leaf(&self, job: &mut Job<'_>) -> Result<bool, Fault> {
        let from = job.offset();
        let mut body = self.open(job, from).await?;
        while let Some(next) = job.next() {
            let data = match next.size {
                Some(size) => body.exactly(size as usize).await?,
                None => body.rest(MAX_BLOCK_BYTES).await?,
            };
            let kinds: &[LeafKind] = if next.cid.codec() == RAW {
                &[LeafKind::Raw]
            } else {
                &[LeafKind::WrappedFile, LeafKind::WrappedRaw]
            };
            let digest = digest_of(&next.cid);
            let Some(kind) = kinds.iter().find(|kind| Some(kind.digest(&data)) == digest) else {
                let at = job.offset();
                return if next.cid.codec() == RAW {
                    Err(Fault::lied(format!(
                        "its file is not {} (a block at byte {at} differs)",
                        job.want().cid
                    )))
                } else {
                    Ok(false)
                };
            };
            let block = if *kind == LeafKind::Raw { data } else { kind.block(&data).into() };
            job.accept(block).await?;
        }
        Ok(true)
    }

    /// Spools the whole file and looks at its end whether it is the one that is wanted.
    async fn as_a_whole(&self, job: &mut Job<'_>) -> Result<(), Fault> {
        let mut body = self.open(job, 0).await?;
        let page = body.response.media_type().as_deref() == Some("text/html");
        let mut importers: Vec<_> = job.want().profiles().iter().map(|p| Importer::new(*p)).collect();
        while let Some(bytes) = body.next().await? {
            importers.iter_mut().for_each(|importer| importer.update(&bytes));
            job.spool(bytes).await?;
        }
        if importers.into_iter().any(|importer| job.adopt(importer.finish_layout())) {
            return Ok(());
        }
        if page {
            return Err(Fault::lied("it sends a web page in place of the file"));
        }
        Err(Fault::lied(format!("its file does not hash to {} by any profile known here", job.want().cid)))
    }

    async fn open(&self, job: &mut Job<'_>, from: u64) -> Result<Body, Fault> {
        let size = job.size().or(job.want().size).unwrap_or(job.want().max_size).min(job.want().max_size);
        let mut request = Request::get(self.url.clone(), Limits::content(size.max(ERROR_PAGE)));
        if from > 0 {
            request = request.range(from, None);
        }
        let response = self.fetcher.send(request).await?;
        match response.status() {
            StatusCode::OK => Body::after(response, from).await,
            StatusCode::PARTIAL_CONTENT if from > 0 => {
                let start = format!("bytes {from}-");
                match response.header("content-range") {
                    Some(range) if range.starts_with(&start) => Body::after(response, 0).await,
                    _ => Err(Fault::failed("it answers with another range than asked for")),
                }
            }
            status => Err(Fault::status(status)),
        }
    }
}

/// A body that can be read in pieces of chosen size.
struct Body {
    response: Response,
    buffer: BytesMut,
}

impl Body {
    /// Passes over `skip` bytes first, for servers that ignore ranges.
    async fn after(response: Response, skip: u64) -> Result<Self, Fault> {
        let mut body = Self { response, buffer: BytesMut::new() };
        let mut left = skip;
        while left > 0 {
            let Some(mut bytes) = body.response.chunk().await? else {
                return Err(Fault::failed("its file ends too early"));
            };
            let now = left.min(bytes.len() as u64);
            left -= now;
            let _ = bytes.split_to(now as usize);
            body.buffer.extend_from_slice(&bytes);
        }
        Ok(body)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        if self.buffer.is_empty() {
            Ok(self.response.chunk().await?)
        } else {
            Ok(Some(self.buffer.split().freeze()))
        }
    }

    async fn exactly(&mut self, len: usize) -> Result<Bytes, Fault> {
        while self.buffer.len() < len {
            let Some(bytes) = self.response.chunk().await? else {
                return Err(Fault::failed("its file ends too early"));
            };
            self.buffer.extend_from_slice(&bytes);
        }
        Ok(self.buffer.split_to(len).freeze())
    }

    async fn rest(&mut self, max: usize) -> Result<Bytes, Fault> {
        while self.buffer.len() <= max {
            let Some(bytes) = self.response.chunk().await? else { return Ok(self.buffer.split().freeze()) };
            self.buffer.extend_from_slice(&bytes);
        }
        Err(Fault::lied("its file is larger than the one block that was asked for"))
    }
}

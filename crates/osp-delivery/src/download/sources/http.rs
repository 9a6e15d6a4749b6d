//! Byte ranges over HTTP: mirrors, nodes and gateways (RFC 9110 section 14; BEP 19).
//!
//! ```text
//!  GET /track.opus            206, Content-Range: bytes 65536-131071/3000000     what was asked for
//!  Range: bytes=65536-131071  200                                               the whole file from byte 0: read once,
//!                                                                               see `spool`
//!                             200, text/html                                    a page in its place: a lie
//! ```
//!
//! An answer that has more than the range is *parked* when that has been read: the next range usually goes on where the
//! last one ended.

use super::spool::Spool;
use crate::{
    Fault, Outcome, SourceKind,
    torrent::{RangeBody, RangeSource},
};
use bytes::Bytes;
use osp_fetch::{FetchError, Fetcher, Limits, Request, Response, StatusCode, Target};
use osp_peers::stream::BoxFuture;
use osp_swarm::WebSeed;
use std::{
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Ranges asked for at once.
const PARALLEL: u8 = 2;
/// Most bytes of an open answer that are read in vain to get to the wanted ones.
const MAX_SKIP: u64 = 1024 * 1024;
/// Bytes asked for when not even the size is known.
const OPENING: u64 = 256 * 1024;

/// A file at a URL. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HttpRanges(Arc<Inner>);

pub(super) struct Inner {
    fetcher: Fetcher,
    url: Target,
    name: String,
    /// Bytes of the file, as far as is known.
    pub(super) size: u64,
    /// Where the file of a server without ranges goes.
    pub(super) folder: PathBuf,
    /// Whether the size is proven; otherwise it is a record's word.
    proven: Arc<AtomicBool>,
    idle: Duration,
    parked: Mutex<Option<Parked>>,
    /// It gives no ranges.
    whole: AtomicBool,
    /// What it gives then.
    spool: tokio::sync::Mutex<Option<Spool>>,
}

/// An open answer.
pub(super) struct Parked {
    pub(super) response: Response,
    /// Where in the file its next byte lies.
    pub(super) at: u64,
    /// Where it ends, if it keeps its word.
    pub(super) end: u64,
    /// Bytes that were read too far.
    pub(super) left: Bytes,
    /// It is the whole file, whatever was asked for.
    whole: bool,
}

/// A first answer, from which the size of a file is learned.
pub(crate) struct Opening {
    /// Bytes of the file, as the server says.
    pub(crate) size: u64,
    parked: Parked,
}

impl HttpRanges {
    /// Asks for the beginning of a file of unknown size, at most `max_size` bytes. `None` when the server says that not
    /// even the first byte is there: the file is empty, then.
    ///
    /// # Errors
    /// [`Outcome`]; a server that does not tell the size cannot be used this way.
    pub(crate) async fn open(
        fetcher: &Fetcher,
        url: &Target,
        max_size: u64,
        idle: Duration,
    ) -> Result<Option<Opening>, Outcome> {
        let limits = Limits { idle, ..Limits::content(max_size) };
        let request = Request::get(url.clone(), limits).range(0, Some(OPENING - 1));
        let response = fetcher.send(request).await?;
        let whole = response.status() == StatusCode::OK;
        let (size, end) = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let part = content_range(&response).filter(|part| part.start == 0);
                let part = part.ok_or_else(|| Outcome::Failed(OTHER_RANGE.to_owned()))?;
                let size = part.total.ok_or_else(|| Outcome::Failed(NO_SIZE.to_owned()))?;
                (size, part.end)
            }
            StatusCode::OK if is_page(&response) => return Err(page()),
            StatusCode::OK => {
                let size = response.content_length().ok_or_else(|| Outcome::Failed(NO_SIZE.to_owned()))?;
                (size, size)
            }
            StatusCode::RANGE_NOT_SATISFIABLE => return Ok(None),
            status => return Err(refused(status)),
        };
        let end = end.min(size);
        Ok(Some(Opening { size, parked: Parked { response, at: 0, end, left: Bytes::new(), whole } }))
    }

    /// A file of `size` bytes. `name` is what people see; `idle` is the longest silence; unfinished files lie in
    /// `folder`.
    pub(crate) fn new(
        fetcher: Fetcher,
        url: Target,
        name: String,
        size: u64,
        folder: PathBuf,
        proven: Arc<AtomicBool>,
        idle: Duration,
    ) -> Self {
        let (parked, whole, spool) = (Mutex::default(), AtomicBool::default(), Default::default());
        Self(Arc::new(Inner { fetcher, url, name, size, folder, proven, idle, parked, whole, spool }))
    }

    /// Goes on from a first answer.
    pub(crate) fn resume(&self, opening: Opening) {
        self.0.park(opening.parked);
    }
}

impl RangeSource for HttpRanges {
    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Http
    }

    fn ability(&self) -> WebSeed {
        WebSeed { align: 1, parallel: PARALLEL, free: false }
    }

    fn fetch(&self, range: Range<u64>) -> BoxFuture<'_, Result<Box<dyn RangeBody>, Outcome>> {
        Box::pin(async move {
            let source = Arc::clone(&self.0);
            if !source.gives_whole() {
                let answer = match source.unpark(range.start) {
                    Some(parked) => parked,
                    None => source.ask(&range).await?,
                };
                if !answer.whole {
                    return Ok(Box::new(Body { source, answer: Some(answer), range }) as Box<dyn RangeBody>);
                }
                source.begin_spool(answer).await?;
            }
            Ok(Box::new(Spooled { source, range }) as Box<dyn RangeBody>)
        })
    }
}

/// Bytes of an answer that is no success and is no lie for its length.
const ERROR_PAGE: u64 = 64 * 1024;
const OTHER_RANGE: &str = "it answers with another range than asked for";
const NO_SIZE: &str = "it does not say how large its file is";

impl Inner {
    fn park(&self, parked: Parked) {
        *self.parked.lock().unwrap_or_else(PoisonError::into_inner) = Some(parked);
    }

    /// The open answer, if it leads to `start` soon.
    fn unpark(&self, start: u64) -> Option<Parked> {
        let mut slot = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        let soon = |p: &Parked| p.whole || (p.at <= start && start - p.at <= MAX_SKIP && start < p.end);
        if slot.as_ref().is_some_and(soon) { slot.take() } else { None }
    }

    fn gives_whole(&self) -> bool {
        self.whole.load(Ordering::Relaxed)
    }

    /// From now on every range comes from one answer. Of two that were asked for at once the first is read.
    async fn begin_spool(&self, answer: Parked) -> Result<(), Outcome> {
        let mut spool = self.spool.lock().await;
        if spool.is_none() {
            *spool = Some(Spool::new(self, answer).await?);
        }
        self.whole.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(super) async fn ask(&self, range: &Range<u64>) -> Result<Parked, Outcome> {
        // Servers without ranges announce the whole file, and a page that says what is wrong may be longer than it.
        let limits = Limits { idle: self.idle, ..Limits::content(self.size.max(ERROR_PAGE)) };
        let request = Request::get(self.url.clone(), limits).range(range.start, Some(range.end - 1));
        let response = match self.fetcher.send(request).await {
            Err(FetchError::TooBig { .. }) => return Err(self.other_size("more")),
            other => other?,
        };
        match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let part = content_range(&response).filter(|part| part.start == range.start);
                let part = part.ok_or_else(|| Outcome::Failed(OTHER_RANGE.to_owned()))?;
                if let Some(total) = part.total.filter(|total| *total != self.size) {
                    return Err(self.other_size(&total.to_string()));
                }
                let (at, end) = (range.start, part.end);
                Ok(Parked { response, at, end, left: Bytes::new(), whole: false })
            }
            StatusCode::OK => {
                if let Some(len) = response.content_length().filter(|len| *len != self.size) {
                    return Err(if is_page(&response) { page() } else { self.other_size(&len.to_string()) });
                }
                Ok(Parked { response, at: 0, end: self.size, left: Bytes::new(), whole: true })
            }
            StatusCode::RANGE_NOT_SATISFIABLE => Err(self.other_size("fewer")),
            status => Err(refused(status)),
        }
    }

    fn other_size(&self, size: &str) -> Outcome {
        let reason = format!("its file has {size} bytes, not {}", self.size);
        if self.proven.load(Ordering::Relaxed) { Outcome::Lied(reason) } else { Outcome::Failed(reason) }
    }
}

/// The bytes of one range, over as many answers as it takes.
struct Body {
    source: Arc<Inner>,
    answer: Option<Parked>,
    /// What is still to come.
    range: Range<u64>,
}

impl RangeBody for Body {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, Outcome>> {
        Box::pin(self.step())
    }
}

impl Body {
    async fn step(&mut self) -> Result<Option<Bytes>, Outcome> {
        while !self.range.is_empty() {
            let mut answer = match self.answer.take() {
                Some(answer) if answer.at < answer.end => answer,
                _ => self.source.ask(&self.range).await?,
            };
            let mut bytes = std::mem::take(&mut answer.left);
            if bytes.is_empty() {
                let chunk = answer.response.chunk().await?;
                bytes = chunk.ok_or_else(|| Outcome::Failed("its file ends too early".to_owned()))?;
            }
            let skip = (self.range.start - answer.at).min(bytes.len() as u64);
            answer.at += skip;
            let mut bytes = bytes.split_off(skip as usize);
            let room = self.range.end - answer.at.max(self.range.start);
            answer.left = bytes.split_off(bytes.len().min(room as usize));
            answer.at += bytes.len() as u64;
            self.range.start += bytes.len() as u64;
            if !self.range.is_empty() {
                self.answer = Some(answer);
            } else if answer.at < answer.end {
                self.source.park(answer);
            }
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

/// The bytes of one range, of a server that gives none.
struct Spooled {
    source: Arc<Inner>,
    /// What is still to come.
    range: Range<u64>,
}

impl RangeBody for Spooled {
    /// No bytes, but an answer, when the file has come nearer to the range.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, Outcome>> {
        Box::pin(async move {
            if self.range.is_empty() {
                return Ok(None);
            }
            let mut spool = self.source.spool.lock().await;
            let Some(spool) = &mut *spool else { return Ok(None) };
            let bytes = spool.read(&self.source, &self.range).await?;
            self.range.start += bytes.len() as u64;
            Ok(Some(bytes))
        })
    }
}

/// A `Content-Range` of bytes.
struct Part {
    start: u64,
    /// Exclusive.
    end: u64,
    total: Option<u64>,
}

/// `bytes 0-99/300` or `bytes 0-99/*`
fn content_range(response: &Response) -> Option<Part> {
    let (part, total) = response.header("content-range")?.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = part.split_once('-')?;
    let (start, end) = (first.trim().parse().ok()?, last.trim().parse::<u64>().ok()?.checked_add(1)?);
    let total = match total.trim() {
        "*" => None,
        digits => Some(digits.parse().ok()?),
    };
    let sound = start < end && total.is_none_or(|total| end <= total);
    sound.then_some(Part { start, end, total })
}

fn is_page(response: &Response) -> bool {
    response.media_type().as_deref() == Some("text/html")
}

fn page() -> Outcome {
    Outcome::Lied("it sends a web page in place of the file".to_owned())
}

fn refused(status: StatusCode) -> Outcome {
    match Fault::status(status) {
        Fault::Source(outcome) => outcome,
        other => Outcome::Failed(other.to_string()),
    }
}

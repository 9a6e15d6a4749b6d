//! A sealed file at an address: read and sought over HTTP, from anything that serves files.
//!
//! What is read in order is one request; a seek is another, with a range. A server that knows no ranges sends everything, of
//! which what lies before is passed over. Nothing is believed of it: whoever reads verifies every chunk.

use bytes::Bytes;
use osp_fetch::{FetchError, Fetcher, Limits, Request, Response, StatusCode, Target};
use smsg::v3::limits::MAX_LICENCE;
use std::io::{self, Read, Seek, SeekFrom};
use tokio::runtime::Handle;

/// Largest file that is read from an address, bytes: what version 3.0 can hold, and some.
const MAX_FILE: u64 = 20 << 30;

/// So much is read on instead of asking again.
const PASSED_OVER: u64 = 256 << 10;

/// A file behind a URL. Its calls block: not for a thread of the runtime.
pub struct WebFile {
    fetcher: Fetcher,
    target: Target,
    runtime: Handle,
    length: u64,
    at: u64,
    stream: Option<Stream>,
}

/// A running answer.
struct Stream {
    response: Response,
    /// Where `rest` begins in the file.
    at: u64,
    rest: Bytes,
}

impl WebFile {
    /// Asks for the file, and learns how long it is.
    ///
    /// # Errors
    /// [`FetchError`], as an error of input; [`io::ErrorKind::NotFound`] for what the server does not have.
    pub fn open(fetcher: Fetcher, url: &str, runtime: Handle) -> io::Result<Self> {
        let target = Target::typed(url).map_err(io::Error::other)?;
        let mut file = Self { fetcher, target, runtime, length: u64::MAX, at: 0, stream: None };
        let stream = file.ask(0)?;
        let total =
            stream.response.header("content-range").and_then(|range| range.rsplit('/').next()?.parse().ok());
        let length = total.or_else(|| stream.response.content_length());
        file.length = length.ok_or_else(|| {
            io::Error::other(format!("{url} does not say how long it is; save it and open the file"))
        })?;
        file.stream = Some(stream);
        Ok(file)
    }

    /// Bytes of the file, as the server says.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    fn ask(&self, from: u64) -> io::Result<Stream> {
        let most = MAX_FILE.min(self.length);
        let request = Request::get(self.target.clone(), Limits::content(most)).range(from, None);
        let response = self.runtime.block_on(self.fetcher.send(request)).map_err(io::Error::other)?;
        let at = match response.status() {
            StatusCode::PARTIAL_CONTENT => from,
            StatusCode::OK => 0,
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", self.target)));
            }
            other => return Err(io::Error::other(format!("{} answers {other}", self.target))),
        };
        Ok(Stream { response, at, rest: Bytes::new() })
    }

    /// Bytes from `at` on, at least one unless the file ends there.
    fn next(&mut self) -> io::Result<&mut Stream> {
        let near = self
            .stream
            .as_ref()
            .is_some_and(|s| s.at <= self.at && self.at - s.at <= s.rest.len() as u64 + PASSED_OVER);
        if !near {
            self.stream = Some(self.ask(self.at)?);
        }
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::UnexpectedEof)?;
        loop {
            let passed = (self.at - stream.at).min(stream.rest.len() as u64);
            // At most the buffer's length.
            let _ = stream.rest.split_to(passed as usize);
            stream.at += passed;
            if !stream.rest.is_empty() {
                return Ok(stream);
            }
            match self.runtime.block_on(stream.response.chunk()).map_err(io::Error::other)? {
                Some(bytes) => stream.rest = bytes,
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }
}

impl Read for WebFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || out.is_empty() {
            return Ok(0);
        }
        // A connection that was idle too long, while the listener paused, is made anew, once.
        if self.next().is_err() {
            self.stream = None;
        }
        let stream = self.next()?;
        let bytes = stream.rest.split_to(stream.rest.len().min(out.len()));
        stream.at += bytes.len() as u64;
        out[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}

impl Seek for WebFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Whether a text is an address of a sealed file, by its name: other addresses name nodes and records.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let web = text.starts_with("http://") || text.starts_with("https://");
    let path = text.split(['?', '#']).next().unwrap_or_default();
    web && path.to_ascii_lowercase().ends_with(".smsg")
}

/// The licence of this name in the folder of the file at `url`, if there is one.
///
/// # Errors
/// [`FetchError`].
pub async fn licence_beside(fetcher: &Fetcher, url: &str, name: &str) -> Result<Option<Vec<u8>>, FetchError> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
    let target = Target::typed(&format!("{folder}/{name}"))?;
    let response = fetcher.send(Request::get(target, Limits::document(MAX_LICENCE as u64))).await?;
    if response.status() != StatusCode::OK {
        return Ok(None);
    }
    Ok(Some(response.bytes().await?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_of_sealed_files() {
        for text in [
            "https://a.example/x.smsg",
            "http://a.example/b/X.SMSG?v=1#k=OSP",
            "https://a.example/x.smsg#t=1",
        ] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "x.smsg",
            "https://a.example/x.smsgl",
            "https://a.example/tracks?x.smsg",
            "ftp://a.example/x.smsg",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }
}

//! Files and sinks that JavaScript brings: read and written in pieces, synchronously (in a Worker by `FileReaderSync` or a
//! file of the origin's private file system; anywhere from a `Uint8Array`).

use smsg::{Message, open::Sink};
use std::io::{self, Read, Seek, SeekFrom, Write};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A file, read where asked. Reads as much as there is, up to the length of `into`, and says how much. */
export interface JsFile {
  readonly size: number;
  read(offset: number, into: Uint8Array): number;
}
/** Takes what was sealed. `bytes` is a view that is only valid during the call. */
export interface JsSink {
  message(json: string): void;
  content(attachment: number, bytes: Uint8Array): void;
}
/** Takes bytes in order. `bytes` is a view that is only valid during the call. */
export interface JsOut {
  write(bytes: Uint8Array): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The TypeScript interface above.
    #[wasm_bindgen(typescript_type = "JsFile")]
    #[derive(Debug)]
    pub type JsFile;
    #[wasm_bindgen(method, getter)]
    fn size(this: &JsFile) -> f64;
    #[wasm_bindgen(method, catch)]
    fn read(this: &JsFile, offset: f64, into: &mut [u8]) -> Result<f64, JsValue>;

    /// The TypeScript interface above.
    #[wasm_bindgen(typescript_type = "JsSink")]
    #[derive(Debug)]
    pub type JsSink;
    #[wasm_bindgen(method, catch)]
    fn message(this: &JsSink, json: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn content(this: &JsSink, attachment: u32, bytes: &[u8]) -> Result<(), JsValue>;

    /// The TypeScript interface above.
    #[wasm_bindgen(typescript_type = "JsOut")]
    #[derive(Debug)]
    pub type JsOut;
    #[wasm_bindgen(method, catch)]
    fn write(this: &JsOut, bytes: &[u8]) -> Result<(), JsValue>;
}

/// What JavaScript's callback threw, as text: Rust's errors must be `Send`, its values are not.
fn thrown(value: &JsValue) -> io::Error {
    let text = value
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| "the page's callback failed".into(), |e| String::from(e.message()));
    io::Error::other(text)
}

/// A file of JavaScript's with a place to read on from.
#[derive(Debug)]
pub(super) struct File<'f> {
    file: &'f JsFile,
    len: u64,
    at: u64,
}

impl<'f> File<'f> {
    pub(super) fn new(file: &'f JsFile) -> Self {
        Self { file, len: super::bytes::count(file.size()), at: 0 }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }
}

impl Read for File<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let want = buf.len().min(left);
        if want == 0 {
            return Ok(0);
        }
        let got = self.file.read(super::bytes::number(self.at), &mut buf[..want]).map_err(|e| thrown(&e))?;
        let got = usize::try_from(super::bytes::count(got)).unwrap_or(usize::MAX).min(want);
        self.at += got as u64;
        Ok(got)
    }
}

impl Seek for File<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Hands on to JavaScript. The message goes as the wire's JSON, without contents.
#[derive(Debug)]
pub(super) struct ToJs<'s>(pub(super) &'s JsSink);

impl Sink for ToJs<'_> {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        self.0.message(&super::bytes::to_json(message)).map_err(|e| thrown(&e))
    }
    fn content(&mut self, index: usize, bytes: &[u8]) -> io::Result<()> {
        let index = u32::try_from(index).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.0.content(index, bytes).map_err(|e| thrown(&e))
    }
}

/// Writes to JavaScript.
#[derive(Debug)]
pub(super) struct Out<'o>(pub(super) &'o JsOut);

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|e| thrown(&e))?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

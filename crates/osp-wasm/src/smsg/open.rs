//! Whole files.

use super::{
    bytes::{count, zeroed},
    credential::{Key, time},
    error::Failure,
    file::{File, JsFile, JsOut, JsSink, Out, ToJs},
    random::Browser,
};
use smsg::{
    ContainerError, Format, Limits, OpenError,
    limits::DEFAULT_MAX_DECOMPRESSED,
    open::{Options, open, open_two_pass},
    payload::compression::into_open_error,
    text::{BinaryReader, Encoding, decode},
};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use wasm_bindgen::prelude::*;

/// Up to here a file is opened in memory, in one pass; larger ones are read twice, in memory that does not grow with them.
const IN_MEMORY: u64 = 64 << 20;

/// Largest v1 file: its one JSON text is held whole, contents and all, three times over in the worst moment.
const MAX_V1: u64 = 512 << 20;

/// Opens a binary file of any format. `now` (Unix seconds): a manifest that has expired is refused; `undefined` opens it.
/// `maxDecompressed`: bytes; `undefined` is 1 GiB. The sink gets the message, then the attachments in order; nothing before
/// it was authenticated.
///
/// # Errors
/// Those of opening; `io` when a callback of the page threw.
#[wasm_bindgen(js_name = openFile)]
pub fn open_file(
    file: &JsFile,
    key: &Key,
    now: Option<f64>,
    max_decompressed: Option<f64>,
    sink: &JsSink,
) -> Result<(), Failure> {
    let mut file = File::new(file);
    let limits = Limits { decompressed: max_decompressed.map_or(DEFAULT_MAX_DECOMPRESSED, count) };
    let options = Options { limits, now: now.map(time) };
    let mut sink = ToJs(sink);
    if file.len() <= IN_MEMORY {
        // Asked for and given back: if this much is to be had, what opening asks for is, too.
        drop(zeroed(usize::try_from(file.len()).unwrap_or(usize::MAX))?);
        let len = file.len();
        open(&mut file, Some(len), &key.0, &options, &mut sink)?;
    } else {
        let prefix = smsg::Prefix::read(&mut file)?;
        if prefix.header.format == Format::V1 && file.len() > MAX_V1 {
            return Err(Failure::over_limit("a v1 file", MAX_V1));
        }
        file.seek(SeekFrom::Start(0)).map_err(OpenError::Read)?;
        open_two_pass(&mut file, &key.0, &options, Browser::key()?, &mut sink)?;
    }
    Ok(())
}

/// Largest text that is decoded although it does not look like a sealed file, to say what it is instead.
const MAX_OTHER_TEXT: u64 = 64 << 20;

/// Writes what a base64 text stands for.
///
/// # Errors
/// `bad_base64`, `double_base64`; `io` when a callback of the page threw.
#[wasm_bindgen(js_name = decodeFile)]
pub fn decode_file(text: &JsFile, out: &JsOut) -> Result<(), Failure> {
    let file = File::new(text);
    let len = file.len();
    let mut reader = BinaryReader::new(file).map_err(into_open_error)?;
    if reader.encoding() == Encoding::Binary {
        if len > MAX_OTHER_TEXT {
            return Err(Failure::over_limit("a text that is no sealed file", MAX_OTHER_TEXT));
        }
        let mut text = zeroed(usize::try_from(len).unwrap_or(usize::MAX))?;
        reader.read_exact(&mut text).map_err(into_open_error)?;
        let text =
            String::from_utf8(text).map_err(|_| ContainerError::BadBase64("it is not even text".into()))?;
        Out(out).write_all(&decode(&text)?).map_err(OpenError::Write)?;
        return Ok(());
    }
    let mut piece = zeroed(256 << 10)?;
    loop {
        let got = reader.read(&mut piece).map_err(into_open_error)?;
        if got == 0 {
            return Ok(());
        }
        Out(out).write_all(&piece[..got]).map_err(OpenError::Write)?;
    }
}

//! Sealing.

use super::{
    bytes,
    credential::Key,
    error::Failure,
    file::{File, JsFile, JsOut, Out},
    random::Browser,
};
use js_sys::Array;
use smsg::{
    Format, Header,
    header::Compression,
    keys::{Cadence, Credential},
    payload::json,
    seal::{Release, Source, Target},
};
use wasm_bindgen::prelude::*;

/// Most plaintext that is sealed in one box here: it is built in memory.
const MAX_BOX: u64 = 512 << 20;

/// Seals, without compression. `message`: its JSON as in v2, whose attachments' sizes are those of `sources`. `header`: JSON
/// whose `format` (absent: v1), `manifest` and `hint` count. `key`: a password for v1 and v2, a licence for v3. `chunk`:
/// plaintext bytes per chunk of v3.
///
/// Both texts are read by the parsers of sealed files, so that there are no others.
///
/// # Errors
/// Those of sealing, and those of reading a header and a message.
#[wasm_bindgen]
pub fn seal(
    message: &JsValue,
    header: &JsValue,
    key: &Key,
    chunk: u32,
    sources: &Array,
    out: &JsOut,
) -> Result<(), Failure> {
    let message = json::parse(bytes::text(message, "the message")?.as_bytes())?;
    let header = Header::parse(bytes::text(header, "the header")?.as_bytes())?;
    let target = target(header.format, key, chunk)?;
    let total = message.attachments.iter().fold(0_u64, |sum, attachment| sum.saturating_add(attachment.size));
    if total > MAX_BOX && !matches!(target, Target::V3 { .. }) {
        return Err(Failure::over_limit("what is sealed in one box", MAX_BOX));
    }
    let files: Vec<JsFile> = sources.iter().map(JsCast::unchecked_into).collect();
    if files.len() != message.attachments.len() {
        return Err(Failure::new("bad_argument", "there must be one source for each attachment"));
    }
    let mut sources: Vec<_> = files.iter().map(|file| Source(Box::new(File::new(file)))).collect();
    let release = Release { message, manifest: header.manifest, hint: header.hint };
    let mut rng = Browser::new()?;
    smsg::seal::seal(&release, &mut sources, &target, &mut rng, &mut Out(out))?;
    rng.check()
}

fn target(format: Format, key: &Key, chunk: u32) -> Result<Target, Failure> {
    Ok(match (format, &key.0) {
        (Format::V1, Credential::Password(password)) => Target::V1 { password: password.clone() },
        (Format::V2, Credential::Password(password)) => {
            Target::V2 { password: password.clone(), compression: Compression::None }
        }
        (Format::V3, Credential::Licence { licence, at, cadence }) => Target::V3 {
            licence: licence.clone(),
            cadence: cadence.clone().unwrap_or(Cadence::Daily),
            now: *at,
            // Parts that are no chunks would be compressed by zstd.
            chunk: Some(chunk),
        },
        _ => return Err(Failure::new("bad_argument", "v1 and v2 are sealed with a key, v3 with a licence")),
    })
}

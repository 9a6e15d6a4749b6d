//! Sealing.

use super::{
    bytes,
    error::Failure,
    file::{File, JsFile, JsOut, Out},
    random::Browser,
};
use js_sys::Array;
use serde::Deserialize;
use smsg::{
    Attachment, Manifest, Message, UnixTime,
    header::Compression,
    keys::{Cadence, Licence, Password},
    message::ReplyKey,
    seal::{Release, Source, Target},
};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

/// Most plaintext that is sealed in one box here: it is built in memory.
const MAX_BOX: u64 = 512 << 20;

/// What to seal, in the wire's spelling.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Draft {
    subject: String,
    body: String,
    attachments: Vec<Item>,
    reply_key: Option<ReplyKey>,
    from: String,
    timestamp: i64,
    meta: BTreeMap<String, String>,
    manifest: Option<Manifest>,
    hint: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    name: String,
    mime: String,
    size: u64,
}

/// Which kind of file, and for whom.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wish {
    format: String,
    key: String,
    compression: String,
    id: String,
    fingerprint: String,
    cadence: Option<String>,
    now: i64,
    /// 0: not chunked.
    chunk: u32,
}

/// Seals. `draft` and `target` are JSON; `sources` are files, one for each attachment, of exactly the announced sizes.
///
/// # Errors
/// Those of sealing; `bad_argument` when the JSON is not of the shape; `unsupported` for a wish that cannot be fulfilled here.
#[wasm_bindgen]
pub fn seal(draft: &JsValue, target: &JsValue, sources: &Array, out: &JsOut) -> Result<(), Failure> {
    let draft: Draft = parse(draft, "the message")?;
    let wish: Wish = parse(target, "the target")?;
    let total: u64 = draft.attachments.iter().fold(0, |sum, item| sum.saturating_add(item.size));
    let target = wish.target()?;
    if total > MAX_BOX && !matches!(target, Target::V3 { chunk: Some(_), .. }) {
        return Err(Failure::over_limit("what is sealed in one box", MAX_BOX));
    }
    let files: Vec<JsFile> = sources.iter().map(JsCast::unchecked_into).collect();
    if files.len() != draft.attachments.len() {
        return Err(Failure::new("bad_argument", "there must be one source for each attachment"));
    }
    let mut sources: Vec<_> = files.iter().map(|file| Source(Box::new(File::new(file)))).collect();
    let mut rng = Browser::new()?;
    smsg::seal::seal(&draft.release(), &mut sources, &target, &mut rng, &mut Out(out))?;
    rng.check()
}

fn parse<T: for<'de> Deserialize<'de>>(json: &JsValue, what: &str) -> Result<T, Failure> {
    serde_json::from_str(&bytes::text(json, what)?)
        .map_err(|error| Failure::new("bad_argument", format_args!("{what}: {error}")))
}

impl Draft {
    fn release(self) -> Release {
        let attachments = self.attachments.into_iter();
        Release {
            message: Message {
                subject: self.subject,
                body: self.body,
                attachments: attachments
                    .map(|a| Attachment { name: a.name, mime: a.mime, size: a.size })
                    .collect(),
                reply_key: self.reply_key,
                from: self.from,
                timestamp: self.timestamp,
                meta: self.meta,
            },
            manifest: self.manifest,
            hint: self.hint,
        }
    }
}

impl Wish {
    fn target(self) -> Result<Target, Failure> {
        let compression = match self.compression.as_str() {
            "" | "none" => Compression::None,
            "gzip" => Compression::Gzip,
            _ => {
                return Err(Failure::new(
                    "unsupported",
                    "this compression cannot be written in a browser; use gzip or none",
                ));
            }
        };
        Ok(match self.format.as_str() {
            "v1" => Target::V1 { password: Password::new(self.key) },
            "v2" => Target::V2 { password: Password::new(self.key), compression },
            "v3" => Target::V3 {
                licence: Licence { id: self.id, fingerprint: self.fingerprint },
                cadence: self.cadence.map_or(Cadence::Daily, |name| Cadence::from_name(&name)),
                now: UnixTime(self.now),
                chunk: (self.chunk > 0).then_some(self.chunk),
            },
            other => return Err(Failure::new("unsupported", format_args!("there is no format {other:?}"))),
        })
    }
}

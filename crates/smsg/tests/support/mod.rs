//! What the tests of whole files share: the vectors, a sink that counts, randomness that is known, files made by hand.

#![allow(clippy::unwrap_used, dead_code)]

use rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use smsg::{
    Header, Limits, Message, OpenError, UnixTime,
    crypto::{Cek, Key, Nonce, PasswordKey, sealed_box},
    header::Compression,
    keys::{Cadence, Credential, Licence, Password},
    open::{Collected, Options, Sink, open, open_two_pass},
};
use std::{
    convert::Infallible,
    io::{self, Cursor, Read},
};

/// The password of most vectors, and of files made here.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The content key of v3 files made here.
pub(crate) const CEK: [u8; 32] = [7; 32];

/// A file of spec/vectors/smsg.
pub(crate) fn vector(file: &str) -> Vec<u8> {
    let path = format!("{}/../../spec/vectors/smsg/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// index.json.
pub(crate) fn index() -> Value {
    serde_json::from_slice(&vector("index.json")).unwrap()
}

/// A case of index.json by its id.
pub(crate) fn case(id: &str) -> Value {
    let index = index();
    let cases = index["cases"].as_array().unwrap();
    cases.iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}")).clone()
}

/// What the case's caller has in hands.
pub(crate) fn credential(case: &Value) -> Credential {
    if case["kind"] != "decrypt_v3" {
        return password(case["password"].as_str().unwrap());
    }
    Credential::Licence {
        licence: licence(case),
        at: UnixTime(case["now_unix"].as_i64().unwrap()),
        cadence: case["params_cadence"].as_str().map(Cadence::from_name),
    }
}

pub(crate) fn licence(case: &Value) -> Licence {
    Licence {
        id: case["license"].as_str().unwrap().into(),
        fingerprint: case["fingerprint"].as_str().unwrap().into(),
    }
}

pub(crate) fn password(text: &str) -> Credential {
    Credential::Password(Password::new(text))
}

pub(crate) fn cek() -> Cek {
    Cek(Key::from_bytes(CEK))
}

/// Whether this build writes it; every build reads all.
pub(crate) fn writes(compression: Compression) -> bool {
    match compression {
        Compression::None => true,
        Compression::Gzip => cfg!(feature = "gzip-encoder"),
        Compression::Zstd => cfg!(feature = "zstd-encoder"),
    }
}

/// The compressions that this build writes.
pub(crate) fn written() -> Vec<Compression> {
    let all = [Compression::None, Compression::Gzip, Compression::Zstd];
    all.into_iter().filter(|compression| writes(*compression)).collect()
}

/// Expired files open: the vectors' clock is the original's, which does not look at it.
pub(crate) fn any_time() -> Options {
    Options { limits: Limits::default(), now: None }
}

/// What came out of an attempt.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What the sink got, also when opening failed later.
    pub(crate) got: Collected,
    /// Whether the sink saw a message.
    pub(crate) message_seen: bool,
    /// Which attachments it was told of.
    pub(crate) told_of: Vec<bool>,
    pub(crate) error: Option<OpenError>,
}

impl Outcome {
    /// `ok`, or the error's class.
    pub(crate) fn class(&self) -> &'static str {
        self.error.as_ref().map_or("ok", OpenError::class)
    }
    /// Bytes of attachments that were released.
    pub(crate) fn released(&self) -> usize {
        self.got.contents.iter().map(Vec::len).sum()
    }
    /// Everything released, in order.
    pub(crate) fn all_contents(&self) -> Vec<u8> {
        self.got.contents.concat()
    }
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.class() == other.class()
            && (self.error.is_some()
                || (self.got.message == other.got.message && self.got.contents == other.got.contents))
    }
}

/// Takes everything, and sees to the order of calls.
impl Sink for Outcome {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        assert!(!self.message_seen, "the message comes once");
        self.message_seen = true;
        self.told_of = vec![false; message.attachments.len()];
        self.got.message(message)
    }
    fn content(&mut self, index: usize, bytes: &[u8]) -> io::Result<()> {
        assert!(self.message_seen, "the message comes before contents");
        assert!(self.told_of[..index].iter().all(|told| *told), "attachments come in order");
        assert!(self.told_of[index + 1..].iter().all(|told| !told), "attachments come in order");
        self.told_of[index] = true;
        self.got.content(index, bytes)
    }
}

/// Opens from a reader, whose length is known or not.
pub(crate) fn by_reader(
    file: impl Read,
    len: Option<usize>,
    credential: &Credential,
    options: &Options,
) -> Outcome {
    let mut outcome = Outcome::default();
    let result = open(file, len.map(|len| len as u64), credential, options, &mut outcome);
    end(outcome, result)
}

/// Opens in two passes.
pub(crate) fn by_two_passes(file: &[u8], credential: &Credential, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    let result = open_two_pass(&mut Cursor::new(file), credential, options, [9; 32], &mut outcome);
    end(outcome, result)
}

fn end(mut outcome: Outcome, result: Result<smsg::open::Opened, OpenError>) -> Outcome {
    match result {
        Ok(opened) => {
            assert_eq!(opened.message, outcome.got.message);
            assert!(outcome.told_of.iter().all(|told| *told), "every attachment is told of");
        }
        Err(e) => outcome.error = Some(e),
    }
    outcome
}

/// Opens in every way there is; they agree.
pub(crate) fn open_all_ways(file: &[u8], credential: &Credential, options: &Options) -> Outcome {
    let outcome = by_reader(file, Some(file.len()), credential, options);
    for (way, other) in [
        ("in two passes", by_two_passes(file, credential, options)),
        ("from a slow reader", by_reader(Dribble(file, 1), Some(file.len()), credential, options)),
    ] {
        assert!(
            outcome.same_as(&other),
            "{way}: {} {:?} instead of {} {:?}",
            other.class(),
            other.error,
            outcome.class(),
            outcome.error
        );
    }
    outcome
}

/// Gives a few bytes at a time, and is interrupted in between.
pub(crate) struct Dribble<'b>(pub(crate) &'b [u8], pub(crate) usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 % 9 + 1;
        if self.1 == 5 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let step = buf.len().min(if self.0.len() > 100_000 { self.1 * 1_000 } else { self.1 });
        self.0.read(&mut buf[..step])
    }
}

/// Randomness that is known: first the given bytes, then SHA-256 of a counter.
pub(crate) struct Script {
    bytes: Vec<u8>,
    taken: usize,
    seed: u64,
}

impl Script {
    pub(crate) fn seed(seed: u64) -> Self {
        Self { bytes: Vec::new(), taken: 0, seed }
    }
    pub(crate) fn exactly(bytes: Vec<u8>) -> Self {
        Self { bytes, taken: 0, seed: 0 }
    }
    /// Whether the given bytes were all used, and no more.
    pub(crate) fn is_used_up(&self) -> bool {
        self.taken == self.bytes.len() && self.seed == 0
    }
}

impl TryRng for Script {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for byte in out {
            if self.taken == self.bytes.len() {
                self.bytes.extend(Sha256::digest(self.seed.to_le_bytes()));
                self.seed += 1;
            }
            *byte = self.bytes[self.taken];
            self.taken += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Script {}

/// Bytes that look like music to a compressor.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    Script::seed(seed + 1).try_fill_bytes(&mut bytes).unwrap_or_else(|e| match e {});
    bytes
}

/// A file of any header and payload.
pub(crate) fn file(header_json: &str, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(header_json.len()).unwrap();
    [b"SMSG\x02", &len.to_be_bytes()[..], header_json.as_bytes(), payload].concat()
}

/// A file of a header of ours and any plaintext in its one box.
pub(crate) fn one_box(header: &Header, plaintext: &[u8]) -> Vec<u8> {
    let sealed = sealed_box::seal(&PasswordKey::derive(PASSWORD).0, &Nonce([3; 24]), plaintext);
    file(std::str::from_utf8(&header.to_json()).unwrap(), &sealed)
}

/// v2's plaintext.
pub(crate) fn v2_plaintext(json: &str, rest: &[u8]) -> Vec<u8> {
    [&u32::try_from(json.len()).unwrap().to_be_bytes()[..], json.as_bytes(), rest].concat()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A piece of a zstd frame made by hand.
pub(crate) enum Block<'b> {
    /// As it is.
    Raw(&'b [u8]),
    /// One byte, as often.
    Repeat(u8, u64),
}

/// A zstd frame with a window of 128 KiB, and a content size if told so (RFC 8878): so bombs need no compressor.
pub(crate) fn zstd_frame(declared: Option<u64>, blocks: &[Block<'_>]) -> Vec<u8> {
    const MAX_BLOCK: usize = 128 << 10;
    let mut out = vec![0x28, 0xB5, 0x2F, 0xFD, if declared.is_some() { 0xC0 } else { 0 }, 7 << 3];
    out.extend(
        declared.map(u64::to_le_bytes).unwrap_or_default().iter().take(8 * usize::from(declared.is_some())),
    );
    let mut put = |last: u32, kind: u32, len: usize, body: &[u8]| {
        let header = last | kind << 1 | u32::try_from(len).unwrap() << 3;
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(body);
    };
    for block in blocks {
        match block {
            Block::Raw(bytes) => bytes.chunks(MAX_BLOCK).for_each(|part| put(0, 0, part.len(), part)),
            Block::Repeat(byte, times) => {
                let mut left = *times;
                while left > 0 {
                    let len = left.min(MAX_BLOCK as u64);
                    put(0, 1, usize::try_from(len).unwrap(), &[*byte]);
                    left -= len;
                }
            }
        }
    }
    put(1, 0, 0, &[]);
    out
}

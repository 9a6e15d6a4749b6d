//! Files that change between the two passes over them: refused, and of what changed nothing is released.

use crate::support;

use smsg::{
    Attachment, Manifest, Message, Prefix, UnixTime,
    keys::{Cadence, Credential, Licence, Password},
    open::open_two_pass,
    seal::{Release, Source, Target, seal},
};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use support::{Outcome, Script, any_time, noise};

const NOW: UnixTime = UnixTime(1_768_230_245);

/// Three segments and some.
const LEN: usize = (3 << 20) + 1_000;

/// What becomes of the file when its end was read once.
enum Change {
    Flip(usize),
    Cut(usize),
    Replace(Vec<u8>),
}

/// A file with a change to come.
struct Changing {
    file: Cursor<Vec<u8>>,
    change: Option<Change>,
    end_seen: bool,
}

impl Read for Changing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buf)?;
        self.end_seen |= read > 0 && self.file.position() == self.file.get_ref().len() as u64;
        Ok(read)
    }
}

impl Seek for Changing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if self.end_seen {
            match self.change.take() {
                Some(Change::Flip(at)) => self.file.get_mut()[at] ^= 1,
                Some(Change::Cut(len)) => self.file.get_mut().truncate(len),
                Some(Change::Replace(other)) => *self.file.get_mut() = other,
                None => {}
            }
        }
        self.file.seek(to)
    }
}

/// Formats with a box that is read twice. Noise is no shorter compressed, so that a place in the file is one in the content.
fn targets() -> Vec<(Target, Credential)> {
    let licence = || Licence { id: "l".into(), fingerprint: "f".into() };
    let v2 = |compression| {
        (Target::V2 { password: Password::new("p"), compression }, Credential::Password(Password::new("p")))
    };
    let v3 = (
        Target::V3 { licence: licence(), cadence: Cadence::Daily, now: NOW, chunk: None },
        Credential::Licence { licence: licence(), at: NOW, cadence: None },
    );
    support::written().into_iter().map(v2).chain([v3]).collect()
}

fn sealed(target: &Target, content: &[u8], seed: u64) -> Vec<u8> {
    let attachments = vec![Attachment { name: "a".into(), mime: String::new(), size: content.len() as u64 }];
    let message = Message { body: "b".into(), attachments, timestamp: 1, ..Message::default() };
    let release = Release { message, manifest: Some(Manifest::default()), hint: None };
    let mut out = Vec::new();
    let mut sources = [Source(Box::new(content))];
    seal(&release, &mut sources, target, &mut Script::seed(seed), &mut out).unwrap();
    out
}

fn opened(file: Vec<u8>, change: Change, credential: &Credential) -> Outcome {
    let mut source = Changing { file: Cursor::new(file), change: Some(change), end_seen: false };
    let mut outcome = Outcome::default();
    let result = open_two_pass(&mut source, credential, &any_time(), [9; 32], &mut outcome);
    outcome.error = result.err();
    assert!(source.change.is_none(), "the file was changed");
    outcome
}

#[test]
fn a_flipped_bit() {
    let content = noise(1, LEN);
    for (target, credential) in targets() {
        let file = sealed(&target, &content, 1);
        for from_end in [17, 2_000, (1 << 20) + 5_000, (2 << 20) + 5_000] {
            let at = file.len() - from_end;
            let outcome = opened(file.clone(), Change::Flip(at), &credential);
            assert_eq!(outcome.class(), "decryption_failed", "{target:?} {from_end}");
            let released = outcome.all_contents();
            assert!(content.starts_with(&released));
            // Not the segment with the change, nor what follows it.
            assert!(released.len() + from_end <= LEN + 16, "{target:?}: {} of {from_end}", released.len());
            // Noise: compressed or not, what lies before the segment comes out.
            assert!(released.len() + from_end + (2 << 20) >= LEN, "{target:?}: {}", released.len());
        }
        // The first segment: of v2 it holds the message, which then is not seen. That of v3 has a box of its own.
        let start = usize::try_from(Prefix::parse_whole(&file).unwrap().payload_offset).unwrap();
        if let Target::V2 { .. } = target {
            let outcome = opened(file.clone(), Change::Flip(start + 24), &credential);
            assert_eq!((outcome.class(), outcome.message_seen), ("decryption_failed", false));
        }
    }
}

#[test]
fn a_cut() {
    let content = noise(1, LEN);
    for (target, credential) in targets() {
        let file = sealed(&target, &content, 1);
        for from_end in [17, 2 << 20] {
            let outcome = opened(file.clone(), Change::Cut(file.len() - from_end), &credential);
            assert_eq!(outcome.class(), "decryption_failed", "{target:?} {from_end}");
            let released = outcome.all_contents();
            assert!(content.starts_with(&released) && released.len() + from_end <= LEN + 16);
        }
    }
}

/// Another file, sealed with the same key and good by itself, is not the one that was checked.
#[test]
fn another_file_of_the_same_key() {
    let content = noise(1, LEN);
    for (target, credential) in targets() {
        let file = sealed(&target, &content, 1);
        let other = sealed(&target, &noise(2, LEN), 1);
        let outcome = opened(file, Change::Replace(other), &credential);
        assert_eq!((outcome.class(), outcome.released()), ("decryption_failed", 0), "{target:?}");
    }
}

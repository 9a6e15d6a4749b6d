//! The ledger of one release: one JSON object a line, only ever appended to.
//!
//! ```text
//! {"at":"2026-11-22T00:30:00Z","entry":"sale","serial":7,"key":"<id, base64url>","licence":"perpetual",...}\n
//! ```
//!
//! A line counts once it ends with its line feed and is on the disk. What a crash left behind the last line feed was never
//! acknowledged: readers pass over it, and the next writer cuts it off. A broken line anywhere else is damage, and is said so:
//! sums that leave sales out in silence would be worse.
//!
//! Several processes may sell at once: who writes holds the file's lock, and reads what is there before it chooses numbers.

use super::{CustodyError, price::Price};
use serde::{Deserialize, Serialize};
use smsg::v3::terms::Terms;
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// What a key is known by (`spec/SMSG.md` 19.7). Nothing can be opened with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(pub [u8; 32]);

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        data_encoding::BASE64URL_NOPAD.encode(&id.0)
    }
}

impl TryFrom<String> for KeyId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or("a key's id is 32 bytes in base64url")
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written, RFC 3339.
    pub at: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// A key was put into a table: made before it is sold.
    Minted(Sale),
    /// A licence was issued.
    Sale(Sale),
    /// The seller wants this key to be left out from now on.
    RevokeNote {
        /// Of which sale.
        serial: u32,
        /// Of which key.
        key: KeyId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Keys with these numbers follow, which nobody has yet.
    Begun {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
        /// Where their licences are put, each under its own name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        folder: Option<String>,
        /// Or the table that is to hold them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<TableToBe>,
    },
    /// Everything that belongs to keys with these numbers is on the disk.
    HandedOut {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
    },
    /// Keys with these numbers were never handed out, and open nothing.
    NotHandedOut {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
    },
    /// A new table was written.
    Table {
        /// Its number.
        seq: u64,
        /// Keys in it.
        keys: u32,
    },
    /// Written by a newer version.
    #[serde(other)]
    Unknown,
}

/// A table that is about to get its name: by this it shows later whether it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableToBe {
    /// The file that will have it.
    pub path: String,
    /// Its first byte there.
    pub from: u64,
    /// Its bytes.
    pub length: u64,
    /// Their SHA-256, as keys' ids are written.
    pub sha256: KeyId,
    /// Its number.
    pub seq: u64,
    /// Keys in it.
    pub keys: u32,
}

/// A key, and what it was made for. Ids and words; neither texts of keys nor nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sale {
    /// The seller's number for it, from 1, only once in a release.
    pub serial: u32,
    /// Of the key.
    pub key: KeyId,
    /// `perpetual`, `rental`, `stream`, `preview`, or another word.
    pub licence: String,
    /// The chunks it opens, `[a, b)`.
    pub ranges: Vec<[u32; 2]>,
    /// Name of a cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    /// Name of a tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Unix seconds. A request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<u64>,
    /// Unix seconds. A request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<u64>,
    /// Seconds from first use. A request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u64>,
    /// Who bought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    /// The shop's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<String>,
    /// What was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Price>,
}

impl Sale {
    /// A key for these terms.
    #[must_use]
    pub fn new(serial: u32, key: KeyId, terms: &Terms, paid: Option<Price>) -> Self {
        Self {
            serial,
            key,
            licence: terms.kind.as_str().to_owned(),
            ranges: terms.ranges.as_slice().iter().map(|range| [range.start, range.end]).collect(),
            cut: terms.cut.clone(),
            tier: terms.tier.clone(),
            not_before: terms.not_before,
            not_after: terms.not_after,
            period: terms.period,
            buyer: terms.buyer.clone(),
            sale: terms.sale.clone(),
            paid,
        }
    }
}

impl Event {
    /// The key that was minted or sold.
    #[must_use]
    pub fn sale(&self) -> Option<&Sale> {
        match self {
            Self::Minted(sale) | Self::Sale(sale) => Some(sale),
            _ => None,
        }
    }
}

/// The ledger in a file, which need not be there yet.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
}

impl Ledger {
    /// Uses this file.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All lines, in the order they were written.
    ///
    /// # Errors
    /// [`CustodyError::Damaged`] with the number of the line that cannot be understood; [`CustodyError::Io`].
    pub fn read(&self) -> Result<Vec<Line>, CustodyError> {
        let bytes = match std::fs::read(&self.path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(CustodyError::io("read", &self.path))?,
        };
        self.lines(whole(&bytes))
    }

    /// Waits for the lock, and reads what is there.
    ///
    /// # Errors
    /// As [`Ledger::read`].
    pub fn begin(&self) -> Result<Writing, CustodyError> {
        let io = |action| CustodyError::io(action, &self.path);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(io("open"))?;
        file.lock().map_err(io("lock"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("read"))?;
        let end = whole(&bytes).len();
        let lines = self.lines(&bytes[..end])?;
        if end < bytes.len() {
            file.set_len(end as u64).map_err(io("write"))?;
        }
        file.seek(SeekFrom::Start(end as u64)).map_err(io("write"))?;
        Ok(Writing { path: self.path.clone(), file, lines })
    }

    fn lines(&self, bytes: &[u8]) -> Result<Vec<Line>, CustodyError> {
        let lines = bytes.split(|b| *b == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        lines
            .map(|(at, line)| {
                serde_json::from_slice(line)
                    .map_err(|e| CustodyError::damaged(&self.path, format!("line {}: {e}", at + 1)))
            })
            .collect()
    }
}

/// Up to the last line feed.
fn whole(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    &bytes[..end]
}

/// A ledger that nobody else writes to until this is dropped.
#[derive(Debug)]
pub struct Writing {
    path: PathBuf,
    file: File,
    lines: Vec<Line>,
}

impl Writing {
    /// What is there.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The number of the next sale.
    #[must_use]
    pub fn next_serial(&self) -> u32 {
        let last = self.lines.iter().filter_map(|line| line.event.sale()).map(|sale| sale.serial).max();
        last.map_or(1, |last| last.saturating_add(1))
    }

    /// Appends lines, and brings them to the disk: all of them with one wait.
    ///
    /// # Errors
    /// [`CustodyError::Io`]; whether the lines count shows when the ledger is read.
    pub fn append(&mut self, lines: Vec<Line>) -> Result<(), CustodyError> {
        let mut bytes = Vec::new();
        for line in &lines {
            serde_json::to_writer(&mut bytes, line).expect("texts and numbers are JSON");
            bytes.push(b'\n');
        }
        self.file.write_all(&bytes).map_err(CustodyError::io("write", &self.path))?;
        self.file.sync_data().map_err(CustodyError::io("write", &self.path))?;
        self.lines.extend(lines);
        Ok(())
    }
}

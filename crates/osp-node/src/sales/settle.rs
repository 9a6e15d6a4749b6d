//! Keys that were entered and never handed out: their program was killed, or could not write.
//!
//! ```text
//! {"entry":"begun","first":4,"last":1003,"folder":"/shop/licences"}
//! {"entry":"sale","serial":4,...}
//! ...
//! {"entry":"handed-out","first":4,"last":1003}       or, by the next one who has the lock:
//!
//! {"entry":"revoke-note","serial":4,...}
//! ...
//! {"entry":"not-handed-out","first":4,"last":1003}
//! ```
//!
//! Whoever enters keys holds the ledger's lock until they are handed out. So who has the lock and finds keys that were begun and
//! not handed out knows that their program is gone. Nobody was told those keys: what was written for them is removed. New keys of a
//! table were written down before it gets its name: if it has it, they are out.

use super::{
    CustodyError, Kept,
    ledger::{Event, KeyId, Line, TableToBe, Writing},
};
use smsg::v3::licence;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

/// Serial numbers that were given out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl Numbers {
    /// Whether a number is among them.
    #[must_use]
    pub fn contains(self, serial: u32) -> bool {
        (self.first..=self.last).contains(&serial)
    }

    pub(super) fn begun(self, folder: Option<&Path>) -> Event {
        let absolute = folder.map(|folder| std::path::absolute(folder).unwrap_or(folder.to_owned()));
        let folder = absolute.and_then(|folder| folder.into_os_string().into_string().ok());
        Event::Begun { first: self.first, last: self.last, folder, table: None }
    }

    pub(super) fn begun_table(self, table: TableToBe) -> Event {
        Event::Begun { first: self.first, last: self.last, folder: None, table: Some(table) }
    }

    pub(super) fn handed_out(self) -> Event {
        Event::HandedOut { first: self.first, last: self.last }
    }
}

impl Kept {
    /// Settles what killed programs left, and says how many keys that were. `at` is now, RFC 3339.
    ///
    /// # Errors
    /// [`CustodyError`].
    pub fn settle(&self, at: &str) -> Result<u32, CustodyError> {
        // Mostly there is nothing, and no need to wait for who is selling.
        if unfinished(&self.ledger().read()?).is_empty() {
            return Ok(0);
        }
        settle(&mut self.ledger().begin()?, at)
    }
}

/// Begun, and neither handed out nor noted.
#[derive(Debug)]
struct Unfinished {
    numbers: Numbers,
    folder: Option<PathBuf>,
    table: Option<TableToBe>,
}

impl TableToBe {
    /// Whether the table is where it was to be.
    fn is_there(&self) -> bool {
        let read = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.from))?;
            let mut bytes = Vec::new();
            file.take(self.length).read_to_end(&mut bytes)?;
            io::Result::Ok(KeyId(osp_core::content::sha256(&bytes)))
        };
        read().is_ok_and(|found| found == self.sha256)
    }
}

fn unfinished(lines: &[Line]) -> Vec<Unfinished> {
    let mut open: Vec<Unfinished> = Vec::new();
    for line in lines {
        match &line.event {
            Event::Begun { first, last, folder, table } => open.push(Unfinished {
                numbers: Numbers { first: *first, last: *last },
                folder: folder.as_ref().map(PathBuf::from),
                table: table.clone(),
            }),
            Event::HandedOut { first, .. } | Event::NotHandedOut { first, .. } => {
                open.retain(|unfinished| unfinished.numbers.first != *first);
            }
            _ => {}
        }
    }
    open
}

/// Numbers that were never handed out.
pub(super) fn never(lines: &[Line]) -> Vec<Numbers> {
    let ended = lines.iter().filter_map(|line| match line.event {
        Event::NotHandedOut { first, last } => Some(Numbers { first, last }),
        _ => None,
    });
    ended.collect()
}

/// [`Kept::settle`] for who holds the lock.
pub(super) fn settle(ledger: &mut Writing, at: &str) -> Result<u32, CustodyError> {
    const WHY: &str = "not handed out: the program ended before its licence was written";
    let mut settled = 0;
    for Unfinished { numbers, folder, table } in unfinished(ledger.lines()) {
        if let Some(table) = table.filter(TableToBe::is_there) {
            let line = |event| Line { at: at.to_owned(), event };
            let written = Event::Table { seq: table.seq, keys: table.keys };
            ledger.append(vec![line(written), line(numbers.handed_out())])?;
            continue;
        }
        let keys = keys(ledger.lines(), numbers);
        for (_, key) in keys.iter().filter(|_| folder.is_some()) {
            let path = folder.iter().map(|folder| folder.join(licence::file_name_of(&key.0)));
            // Not there, or out of reach: without its key it opens nothing.
            path.for_each(|path| drop(std::fs::remove_file(path)));
        }
        settled += keys.len() as u32;
        note(ledger, numbers, WHY, at)?;
    }
    Ok(settled)
}

/// Notes that these keys were not handed out.
pub(super) fn note(ledger: &mut Writing, numbers: Numbers, why: &str, at: &str) -> Result<(), CustodyError> {
    let line = |event| Line { at: at.to_owned(), event };
    let notes = keys(ledger.lines(), numbers)
        .into_iter()
        .map(|(serial, key)| line(Event::RevokeNote { serial, key, reason: Some(why.to_owned()) }));
    let mut lines: Vec<Line> = notes.collect();
    lines.push(line(Event::NotHandedOut { first: numbers.first, last: numbers.last }));
    ledger.append(lines)
}

fn keys(lines: &[Line], numbers: Numbers) -> Vec<(u32, KeyId)> {
    let sales = lines.iter().filter_map(|line| line.event.sale());
    sales.filter(|sale| numbers.contains(sale.serial)).map(|sale| (sale.serial, sale.key)).collect()
}

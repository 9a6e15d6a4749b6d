//! A table that lies beside its file (`.smsgk`): newer keys to the same chunks.

use super::{Failure, Release, artists::VERIFIER, asked};
use crate::smsg::bytes::{count, number};
use js_sys::Uint8Array;
use smsg::v3::{open::Front, table::Head};
use std::{ops::Range, rc::Rc};
use wasm_bindgen::prelude::*;

/// Bytes before the head: magic, version, length.
const PREFIX: u64 = 9;

/// Reads the head of such a table. Its places are those of its own file.
#[wasm_bindgen]
#[derive(Debug)]
pub struct TableBeside {
    front: Rc<Front>,
    /// The highest number of a table beside this file that the page has seen.
    seen: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Prefix,
    Head { at: u64, end: u64 },
    Done(Box<Head>),
}

#[wasm_bindgen]
impl TableBeside {
    /// Begins to read a table for this file. `seen`: the highest number of one that the page has seen before, 0 for none.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(release: &Release, seen: f64) -> Self {
        Self { front: Rc::clone(&release.0), seen: count(seen), state: State::Prefix }
    }

    /// Start and end of the bytes it needs next; `undefined` when it is done.
    #[must_use]
    pub fn needs(&self) -> Option<Vec<f64>> {
        self.wanted().map(|range| vec![number(range.start), number(range.end)])
    }

    /// Takes them.
    ///
    /// # Errors
    /// `bad_magic`, `bad_version`, and those of reading a table; `table_rollback` for one that is older than the file's, or than one
    /// that was seen.
    pub fn take(&mut self, bytes: &Uint8Array) -> Result<(), Failure> {
        let bytes = asked(self.wanted(), bytes)?;
        self.state = match &self.state {
            State::Prefix => {
                let at = Head::alone(&bytes)?;
                let end = at + Head::length(bytes.get(at as usize..).unwrap_or_default())? as u64;
                State::Head { at: PREFIX, end }
            }
            State::Head { end, .. } => {
                let seen = self.front.table.as_ref().map_or(0, |table| table.seq).max(self.seen);
                let head = Head::parse(&bytes, *end, &self.front.header, seen, &VERIFIER)?;
                State::Done(Box::new(head))
            }
            State::Done(_) => return Ok(()),
        };
        Ok(())
    }

    /// Its number, once it was read.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn seq(&self) -> Option<f64> {
        match &self.state {
            State::Done(head) => Some(number(head.seq)),
            _ => None,
        }
    }

    /// The file with this table in place of its own: keys are looked up in the bytes of the table.
    ///
    /// # Errors
    /// `truncated_container` before everything was taken.
    pub fn finish(self) -> Result<Release, Failure> {
        match self.state {
            State::Done(head) => Ok(Release(Rc::new(self.front.with_table(*head)))),
            _ => Err(smsg::v3::Refused::Truncated("the table").into()),
        }
    }

    fn wanted(&self) -> Option<Range<u64>> {
        match self.state {
            State::Prefix => Some(0..PREFIX),
            State::Head { at, end } => Some(at..end),
            State::Done(_) => None,
        }
    }
}

//! One key, looked up in the table of its file.

use super::{Failure, OpenRelease, asked, front::open, range};
use js_sys::Uint8Array;
use smsg::v3::{
    Refused,
    key_text::KeySecret,
    open::{Asks as _, Front},
    table::Lookup,
};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A look-up under way. What was brought is kept, directory and page, and looked through anew each time: a look-up that borrows
/// its table cannot live in an object of JavaScript's.
#[wasm_bindgen]
#[derive(Debug)]
pub struct KeyLookup {
    front: Rc<Front>,
    secret: KeySecret,
    brought: Vec<Vec<u8>>,
}

impl KeyLookup {
    pub(super) fn new(front: Rc<Front>, secret: KeySecret) -> Self {
        Self { front, secret, brought: Vec::new() }
    }

    fn so_far(&self) -> Result<Lookup<'_>, Refused> {
        let table = self.front.table.as_ref().ok_or(Refused::NoValidKey)?;
        let mut lookup = Lookup::new(&self.front.header, table, self.secret.clone());
        self.brought.iter().try_for_each(|bytes| lookup.take(bytes))?;
        Ok(lookup)
    }
}

#[wasm_bindgen]
impl KeyLookup {
    /// Start and end of the bytes it needs next; `undefined` when it is done.
    ///
    /// # Errors
    /// `bad_table`, `bad_grant`, `no_valid_key`.
    pub fn needs(&self) -> Result<Option<Vec<f64>>, Failure> {
        Ok(range(&self.so_far()?))
    }

    /// Takes them.
    ///
    /// # Errors
    /// `truncated_container`; what is wrong with them, [`Self::needs`] tells.
    pub fn take(&mut self, bytes: &Uint8Array) -> Result<(), Failure> {
        let bytes = asked(self.so_far()?.needs(), bytes)?;
        self.brought.push(bytes);
        Ok(())
    }

    /// What the key opens, when nothing is needed any more.
    ///
    /// # Errors
    /// `no_valid_key`, and those of [`Self::needs`].
    pub fn finish(self) -> Result<OpenRelease, Failure> {
        let granted = self.so_far()?.finish()?;
        open(&self.front, granted)
    }
}

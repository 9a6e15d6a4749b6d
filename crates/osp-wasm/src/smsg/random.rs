//! The browser's randomness.

use super::error::Failure;
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(into: &mut [u8]) -> Result<(), JsValue>;
}

/// Most bytes that one call of `getRandomValues` gives.
const QUOTA: usize = 65_536;

/// `crypto.getRandomValues`. `smsg` wants a source that cannot fail; should this one, its bytes are worthless, it remembers
/// so, and [`Self::check`] turns whatever was made with it into an error.
#[derive(Debug)]
pub(super) struct Browser {
    failed: bool,
}

impl Browser {
    /// The source, after a first draw has succeeded.
    pub(super) fn new() -> Result<Self, Failure> {
        let mut this = Self { failed: false };
        this.draw(&mut [0; 32]);
        this.check()?;
        Ok(this)
    }

    fn draw(&mut self, into: &mut [u8]) {
        for part in into.chunks_mut(QUOTA) {
            self.failed |= get_random_values(part).is_err();
        }
    }

    /// To be asked before anything made with this source is given out.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.failed {
            Err(Failure::new("unsupported", "this browser gives no randomness"))
        } else {
            Ok(())
        }
    }

    /// 32 fresh bytes.
    #[cfg(feature = "sealed")]
    pub(super) fn key() -> Result<[u8; 32], Failure> {
        let mut this = Self { failed: false };
        let mut key = [0; 32];
        this.draw(&mut key);
        this.check()?;
        Ok(key)
    }
}

impl TryRng for Browser {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.draw(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.draw(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        self.draw(into);
        Ok(())
    }
}

impl TryCryptoRng for Browser {}

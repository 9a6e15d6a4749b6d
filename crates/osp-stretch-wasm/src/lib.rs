//! Passphrases of sealed releases (`spec/SMSG.md` 19.8) for the browser: Argon2id, scrypt, and the Unicode form that both
//! begin with.
//!
//! A module of its own, because few files have passphrases, because of its tables, and because the 64 MiB and more that a passphrase
//! takes stay with a module as long as it lives: this one runs in a Worker that ends when the answer is there.

use js_sys::{JsString, Reflect};
use smsg::v3::{Refused, passphrase::Stretch};
use wasm_bindgen::prelude::*;

/// Longest passphrase, UTF-16 units.
const MAX_PASSPHRASE: u32 = 64 << 10;

/// The 32 bytes that stand for a passphrase. `kdf`: `argon2id` with KiB, passes and lanes, or `scrypt` with N, r and p; `salt`:
/// 16 bytes.
///
/// # Errors
/// An `Error` whose member `problem` is `work_factor` or `out_of_memory`, before anything is allocated; `bad_argument`.
#[wasm_bindgen]
pub fn stretch(passphrase: &JsString, kdf: &str, cost: &[f64], salt: &[u8]) -> Result<Vec<u8>, JsValue> {
    let wrong = || failure("bad_argument", "a passphrase, three costs and 16 bytes of salt are needed");
    let (&[a, b, c], Ok(salt)) = (cost, <&[u8; 16]>::try_from(salt)) else { return Err(wrong()) };
    // What is no whole number becomes one, too large ones the largest: whatever it is, it is checked next.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, which is what is meant"
    )]
    let [a, b, c] = [a, b, c].map(|number| number as u64);
    let how = match kdf {
        "argon2id" => Stretch::Argon2id { memory: a, passes: b, lanes: c },
        "scrypt" => Stretch::Scrypt { n: a, r: b, p: c },
        _ => return Err(wrong()),
    };
    if passphrase.length() > MAX_PASSPHRASE {
        return Err(wrong());
    }
    let stretched = how.stretch(&String::from(passphrase), salt);
    stretched
        .map(|bytes| bytes.to_vec())
        .map_err(|refused: Refused| failure(refused.class(), &refused.to_string()))
}

fn failure(class: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // Setting a member of a fresh, extensible object cannot fail.
    drop(Reflect::set(&error, &"problem".into(), &class.into()));
    error.into()
}

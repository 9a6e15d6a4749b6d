//! Records and bytes, for JavaScript.

use crate::{content, verdict};
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What was found about a record. */
export interface Verdict {
  /** Whether signature, id and (where there is one) proof hold. */
  readonly valid: boolean;
  /** The record's id, when it could be read. */
  readonly id?: string;
  /** The first check that failed. */
  readonly error?: "malformed" | "signature" | "id" | "proof";
  /** The failure in one sentence. */
  readonly message?: string;
  /** The artist's DID does not contain the key (did:web), so the signature could not be judged here. */
  readonly keyElsewhere?: boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// A plain object of the TypeScript type above.
    #[wasm_bindgen(typescript_type = "Verdict")]
    pub type JsVerdict;
}

/// Judges one record as received. Never throws.
#[wasm_bindgen(js_name = verifyRecord)]
#[must_use]
pub fn verify_record(bytes: &[u8]) -> JsVerdict {
    let verdict = verdict::judge(bytes);
    let object = Object::new();
    // Setting a member of a fresh, extensible object cannot fail, so the result says nothing.
    let set = |name: &str, value: &JsValue| drop(Reflect::set(&object, &name.into(), value));
    set("valid", &verdict.valid.into());
    if let Some(id) = &verdict.id {
        set("id", &id.as_str().into());
    }
    if let Some(class) = verdict.error {
        set("error", &class.as_str().into());
    }
    if let Some(message) = &verdict.message {
        set("message", &message.as_str().into());
    }
    if verdict.key_elsewhere {
        set("keyElsewhere", &JsValue::TRUE);
    }
    object.unchecked_into()
}

/// Hashes bytes as they arrive and says their CID at the end.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ContentHasher(Option<content::Hasher>);

#[wasm_bindgen]
impl ContentHasher {
    /// A hasher for bytes that should have this CID.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(cid: &str) -> Self {
        Self(Some(content::Hasher::new(cid)))
    }

    /// The next bytes, any number.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.0 {
            hasher.update(bytes);
        }
    }

    /// The CID of all bytes, written like the expected one when it is equal; empty when asked a second time.
    pub fn finish(&mut self) -> String {
        self.0.take().map(content::Hasher::finish).unwrap_or_default()
    }
}

/// The version of a CID; `undefined` when the text is none.
#[wasm_bindgen(js_name = cidVersion)]
#[must_use]
pub fn cid_version(text: &str) -> Option<u8> {
    content::version(text)
}

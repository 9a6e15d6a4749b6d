//! Licence key texts.

use super::{bytes, error::Failure, random::Browser};
use js_sys::{Array, Object, Reflect};
use smsg::keys::licence_key::{Checked, DEFAULT_PREFIX, Style, Typo, check, generate};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A plain object of the TypeScript type that the page's face declares.
    #[wasm_bindgen(typescript_type = "import('../smsg/types').KeyCheck")]
    pub type JsKeyCheck;
}

/// What is found, member by member.
struct Found(Object);

impl Found {
    fn new(state: &str) -> Self {
        Self(Object::new()).with("state", state)
    }

    fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Setting a member of a fresh, extensible object cannot fail.
        drop(Reflect::set(&self.0, &name.into(), &value.into()));
        self
    }
}

/// Looks for typing errors.
///
/// # Errors
/// Not a string.
#[wasm_bindgen(js_name = checkKey)]
pub fn check_key(text: &JsValue) -> Result<JsKeyCheck, Failure> {
    let found = match check(&bytes::text(text, "the key")?) {
        Checked::Good { style, canonical } => {
            Found::new("good").with("style", name(style)).with("canonical", canonical.as_str())
        }
        Checked::FormOnly { canonical } => Found::new("form-only").with("canonical", canonical.as_str()),
        Checked::Typo(typo) => typing_error(typo),
        Checked::Unknown => Found::new("unknown"),
    };
    Ok(found.0.unchecked_into())
}

fn typing_error(typo: Typo) -> Found {
    let found = Found::new("typo").with("message", typo.to_string());
    match typo {
        Typo::GroupLength { group } => found.with("groups", list(&[group])),
        Typo::Character { group, found: character } => {
            found.with("groups", list(&[group])).with("found", character.to_string())
        }
        Typo::Groups(groups) => found.with("groups", list(&groups)),
        Typo::Swapped(first, second) | Typo::Pair(first, second) => {
            found.with("groups", list(&[first, second]))
        }
        Typo::Word { position, found: word, suggestion } => {
            let found = found.with("word", number(position)).with("found", word.as_str());
            match suggestion {
                Some(suggestion) => found.with("suggestion", suggestion),
                None => found,
            }
        }
        _ => found,
    }
}

fn list(groups: &[usize]) -> Array {
    groups.iter().map(|group| JsValue::from(number(*group))).collect()
}

/// A place in a key, which are few.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn name(style: Style) -> &'static str {
    match style {
        Style::Code => "code",
        Style::Words => "words",
        Style::Uuid => "uuid",
    }
}

/// Makes a key: `code` (with a prefix, or ours), `words` or `uuid`.
///
/// # Errors
/// `bad_prefix`; `unsupported` for another style.
#[wasm_bindgen(js_name = newKey)]
pub fn new_key(style: &JsValue, prefix: &JsValue) -> Result<String, Failure> {
    let style = match bytes::text(style, "the style")?.as_str() {
        "code" => Style::Code,
        "words" => Style::Words,
        "uuid" => Style::Uuid,
        other => return Err(Failure::new("unsupported", format_args!("there is no style {other:?}"))),
    };
    let prefix = bytes::optional_text(prefix, "the prefix")?;
    let mut rng = Browser::new()?;
    let key = generate(style, prefix.as_deref().unwrap_or(DEFAULT_PREFIX), &mut rng)?;
    rng.check()?;
    Ok(key)
}

//! Licence key texts.

use super::{bytes, error::Failure, random::Browser};
use serde::Serialize;
use smsg::keys::licence_key::{Checked, DEFAULT_PREFIX, Style, Typo, check, generate};
use wasm_bindgen::prelude::*;

/// As `KeyCheck` of the TypeScript face.
#[derive(Serialize, Default)]
struct Check {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    word: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'static str>,
}

/// Looks for typing errors: JSON.
///
/// # Errors
/// Not a string.
#[wasm_bindgen(js_name = checkKey)]
pub fn check_key(text: &JsValue) -> Result<String, Failure> {
    let found = match check(&bytes::text(text, "the key")?) {
        Checked::Good { style, canonical } => {
            let canonical = Some(canonical.as_str().to_owned());
            Check { state: "good", style: Some(name(style)), canonical, ..Check::default() }
        }
        Checked::FormOnly { canonical } => {
            let canonical = Some(canonical.as_str().to_owned());
            Check { state: "form-only", canonical, ..Check::default() }
        }
        Checked::Typo(typo) => typing_error(typo),
        Checked::Unknown => Check { state: "unknown", ..Check::default() },
    };
    Ok(bytes::to_json(&found))
}

fn typing_error(typo: Typo) -> Check {
    let mut check = Check { state: "typo", message: Some(typo.to_string()), ..Check::default() };
    match typo {
        Typo::GroupLength { group } => check.groups = Some(vec![group]),
        Typo::Character { group, found } => {
            check.groups = Some(vec![group]);
            check.found = Some(found.to_string());
        }
        Typo::Groups(groups) => check.groups = Some(groups),
        Typo::Swapped(first, second) | Typo::Pair(first, second) => check.groups = Some(vec![first, second]),
        Typo::Word { position, found, suggestion } => {
            check.word = Some(position);
            check.found = Some(found.as_str().to_owned());
            check.suggestion = suggestion;
        }
        _ => {}
    }
    check
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

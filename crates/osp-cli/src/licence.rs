//! Where licence keys come from: `--key-file`, `--key`, `OSP_KEY`, or a prompt. And what can be said of one.

use crate::{
    args::{
        Global,
        sealed::{KeyArgs, LicenceArgs},
    },
    error::{CliError, Exit},
};
use osp_fetch::{Fetcher, Limits, Policy, Request, StatusCode, Target};
use osp_node::sealed::release::unseal::read_licence;
use smsg::keys::{
    Licence, Password,
    licence_key::{self, Checked, Typo},
};
use smsg::v3::limits::MAX_LICENCE;
use std::io::{IsTerminal as _, Read as _};
use zeroize::Zeroizing;

/// Longest licence key that is read, bytes.
const MAX_KEY: u64 = 64 * 1024;

/// The ways to give a key, for hints.
pub(crate) const WAYS: &str = "name a --key-file, set OSP_KEY, or run it in a terminal";

/// The key that was given by flag, file or environment.
pub(crate) fn given(args: &KeyArgs) -> Result<Option<Password>, CliError> {
    let key = if let Some(path) = &args.key_file {
        let text = std::fs::File::open(path).and_then(first_line).map_err(|e| CliError::file(path, &e))?;
        Some(text)
    } else if let Some(key) = &args.key {
        Some(Zeroizing::new(key.clone()))
    } else {
        environment()
    };
    key.map(password).transpose()
}

/// `OSP_KEY`, when it holds anything.
pub(crate) fn environment() -> Option<Zeroizing<String>> {
    std::env::var("OSP_KEY").ok().map(Zeroizing::new).filter(|key| !key.is_empty())
}

/// The first line of stdin.
pub(crate) fn stdin() -> Result<Zeroizing<String>, CliError> {
    first_line(std::io::stdin().lock())
        .map_err(|e| CliError::local("io", format!("cannot read the key: {e}")))
}

/// Whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks; nothing typed is shown.
pub(crate) fn ask(prompt: &str) -> Result<Zeroizing<String>, CliError> {
    let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
    typed.map_err(|e| CliError::local("io", format!("cannot read the key: {e}")).hint(WAYS))
}

/// A key that is not empty.
pub(crate) fn password(text: Zeroizing<String>) -> Result<Password, CliError> {
    if text.is_empty() {
        return Err(CliError::new(Exit::Usage, "password_required", "the licence key is empty").hint(WAYS));
    }
    Ok(Password::new(text.as_str()))
}

/// The licence that was given by flags.
pub(crate) fn licence(args: &LicenceArgs) -> Result<Option<Licence>, CliError> {
    let fingerprint = args.fingerprint.clone().unwrap_or_default();
    match args.license_id.clone() {
        Some(id) if id.is_empty() => {
            Err(CliError::new(Exit::Usage, "license_required", "the licence id is empty")
                .hint("give the licence id after --license-id"))
        }
        Some(id) => Ok(Some(Licence { id, fingerprint })),
        None if args.fingerprint.is_some() => {
            Err(CliError::usage("--fingerprint belongs to a licence id").hint("give --license-id too"))
        }
        None => Ok(None),
    }
}

/// What asks for what was typed; no home is opened for it.
pub(crate) fn fetcher(global: &Global) -> Result<Fetcher, CliError> {
    let policy = Policy { allow_private: crate::commands::allow_private(global)?, extra_ca: None };
    Fetcher::new(&policy).map_err(|e| CliError::local("local", e.to_string()))
}

/// The bytes of a licence (`.smsgl`) from a file or a URL.
pub(crate) async fn fetch(global: &Global, place: &str) -> Result<Vec<u8>, CliError> {
    if !place.starts_with("http://") && !place.starts_with("https://") {
        let path = std::path::Path::new(place);
        return read_licence(path).map_err(|e| CliError::file(path, &e));
    }
    let fetcher = fetcher(global)?;
    let request = Request::get(Target::typed(place)?, Limits::document(MAX_LICENCE as u64));
    let response = fetcher.send(request).await?;
    if response.status() != StatusCode::OK {
        let text = format!("{place} answers {}", response.status());
        return Err(CliError::new(Exit::NotFound, "not-found", text)
            .hint("ask whoever sold the key for its licence, and save it beside the sealed file"));
    }
    Ok(response.bytes().await?.to_vec())
}

/// What a link brings behind its `#`: a key, perhaps with its licence.
pub(crate) struct Link {
    pub(crate) key: Password,
    pub(crate) licence: Option<Vec<u8>>,
}

/// An address without its fragment, which is never sent anywhere, and what that fragment brings.
pub(crate) fn link(text: &str) -> (&str, Option<Link>) {
    let web = text.starts_with("http://") || text.starts_with("https://");
    let Some((address, fragment)) = text.split_once('#').filter(|_| web) else { return (text, None) };
    let member = |name: &str| {
        fragment
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
            .filter(|v| !v.is_empty())
    };
    let link = member("k").map(|key| Link {
        key: Password::new(percent_decoded(key)),
        licence: member("l").and_then(smsg::v3::licence::from_link),
    });
    (address, link)
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Estimated strength of a key in whole bits.
pub(crate) fn bits(key: &str) -> u32 {
    // Bits are few and not negative: the cast cuts off the fraction and nothing else.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let bits = licence_key::estimate_bits(key) as u32;
    bits
}

/// Why a key that does not open is probably wrong: where it looks mistyped.
pub(crate) fn suspicion(key: &Password) -> Option<Typo> {
    match licence_key::check(key.as_str()) {
        Checked::Typo(typo) => Some(typo),
        _ => None,
    }
}

fn first_line(from: impl std::io::Read) -> std::io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    from.take(MAX_KEY).read_to_end(&mut bytes)?;
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| std::io::Error::other("the key is not UTF-8 text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn a_link_brings_its_key() {
        let (address, link) = super::link("https://a.example/x.smsg?y#k=OSP-1%20a&l=AQI");
        let link = link.unwrap();
        assert_eq!((address, link.key.as_str()), ("https://a.example/x.smsg?y", "OSP-1 a"));
        assert_eq!(link.licence, Some(vec![1, 2]));
        assert!(super::link("https://a.example/x.smsg#t=10").1.is_none());
        assert_eq!(super::link("a file#k=1").0, "a file#k=1");
    }

    #[test]
    fn the_first_line_is_the_key() {
        for (file, key) in [
            ("key", "key"),
            ("key\n", "key"),
            ("key\r\nmore", "key"),
            (" spaced key \n", " spaced key "),
            ("", ""),
        ] {
            assert_eq!(super::first_line(file.as_bytes()).unwrap().as_str(), key, "{file:?}");
        }
        assert!(super::first_line(&b"\xff"[..]).is_err());
    }
}

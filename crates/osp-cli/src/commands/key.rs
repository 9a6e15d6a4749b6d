//! `osp key`: licence keys made, and checked for typing errors.

use crate::{
    args::{
        Global,
        sealed::{Key, KeyStyle},
    },
    error::{CliError, Exit},
    licence, output,
};
use smsg::keys::{
    Password,
    licence_key::{self, Checked, Style},
};
use std::io::IsTerminal as _;
use zeroize::Zeroizing;

pub(super) fn run(global: &Global, args: Key) -> Result<(), CliError> {
    match args {
        Key::New { prefix, style } => new(global, prefix.as_deref(), style),
        Key::Check { key } => check(global, key),
    }
}

fn new(global: &Global, prefix: Option<&str>, style: KeyStyle) -> Result<(), CliError> {
    if prefix.is_some() && style != KeyStyle::Code {
        return Err(CliError::usage("--prefix is for the style code").hint("leave --prefix or --style away"));
    }
    let style = match style {
        KeyStyle::Code => Style::Code,
        KeyStyle::Words => Style::Words,
        KeyStyle::Uuid => Style::Uuid,
    };
    let prefix = prefix.unwrap_or(licence_key::DEFAULT_PREFIX);
    let key = licence_key::generate(style, prefix, &mut osp_node::sealed::rng());
    let key = key.map_err(|e| CliError::advised(Exit::Usage, "usage", &e.to_string()))?;
    if global.json {
        return output::json(&serde_json::json!({
            "key": key, "style": name(style), "bits": licence::bits(&key),
        }));
    }
    output::line(&key)?;
    output::note(
        global.quiet || !std::io::stderr().is_terminal(),
        "Write it down: it is not kept anywhere. Whoever has it can open what you seal with it.",
    );
    Ok(())
}

fn name(style: Style) -> &'static str {
    match style {
        Style::Code => "code",
        Style::Words => "words",
        Style::Uuid => "uuid",
    }
}

/// What `osp key check --json` prints (`spec/schemas/key-check-result.json`).
#[derive(serde::Serialize)]
struct Judgement<'k> {
    /// `false`: mistyped; `null`: no key of ours, so nothing can be said.
    valid: Option<bool>,
    style: Option<&'static str>,
    /// As it should be written.
    canonical: Option<&'k str>,
    /// Estimated strength.
    bits: u32,
    message: String,
}

fn check(global: &Global, key: Option<String>) -> Result<(), CliError> {
    let key = match key.map(Zeroizing::new) {
        Some(dash) if *dash == "-" => licence::stdin()?,
        Some(key) => key,
        None => match licence::environment() {
            Some(key) => key,
            None if licence::can_ask() => licence::ask("Licence key: ")?,
            None => licence::stdin()?,
        },
    };
    let key = licence::password(key)?;
    let checked = licence_key::check(key.as_str());
    let bits = licence::bits(key.as_str());
    let (valid, style, canonical, message) = match &checked {
        Checked::Good { style, canonical } => {
            (Some(true), Some(name(*style)), Some(canonical), "the checksum of the key holds".to_owned())
        }
        Checked::FormOnly { canonical } => (
            Some(true),
            Some(name(Style::Uuid)),
            Some(canonical),
            "a UUID; its form is right, and more cannot be checked".to_owned(),
        ),
        Checked::Typo(typo) => (Some(false), None, None, format!("the key is mistyped: {typo}")),
        Checked::Unknown => (
            None,
            None,
            None,
            format!("no key of ours: a password of about {bits} bits; nothing can be checked"),
        ),
    };
    let judgement = Judgement {
        valid,
        style,
        canonical: canonical.map(Password::as_str),
        bits,
        message: message.clone(),
    };
    if global.json {
        output::json(&judgement)?;
    }
    if valid == Some(false) {
        return Err(CliError::advised(Exit::Bad, "typo", &message));
    }
    if global.json {
        return Ok(());
    }
    output::line(if valid.is_some() { format!("\x1b[32mgood\x1b[0m {message}") } else { message })?;
    match canonical {
        Some(written) if written.as_str() != key.as_str() => {
            output::line(format_args!("write it {}", written.as_str()))
        }
        _ => Ok(()),
    }
}

//! Where passphrases come from: `--passphrase-file`, `OSP_PASSPHRASE`, or a prompt. Never from arguments, which
//! other users of a machine can read.

use crate::error::CliError;
use osp_node::identity::{ExposeSecret as _, SecretString};
use std::{io::IsTerminal as _, path::Path};
use zeroize::Zeroizing;

const WAYS: &str = "set OSP_PASSPHRASE, name a --passphrase-file, or run it in a terminal";

/// The passphrase of an existing key.
pub(crate) fn ask(file: Option<&Path>, prompt: &str) -> Result<SecretString, CliError> {
    match given(file)? {
        Some(passphrase) => Ok(passphrase),
        None => read(prompt),
    }
}

/// A new passphrase, typed twice when it is typed.
pub(crate) fn choose(file: Option<&Path>) -> Result<SecretString, CliError> {
    let passphrase = if let Some(passphrase) = given(file)? {
        passphrase
    } else {
        let first = read("New passphrase: ")?;
        if first.expose_secret() != read("The same again: ")?.expose_secret() {
            return Err(CliError::usage("the two passphrases differ").hint("run the command again"));
        }
        first
    };
    if passphrase.expose_secret().is_empty() {
        return Err(CliError::usage("the passphrase is empty")
            .hint("choose one, or say --no-passphrase to keep the key unencrypted"));
    }
    Ok(passphrase)
}

fn given(file: Option<&Path>) -> Result<Option<SecretString>, CliError> {
    if let Some(path) = file {
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|e| CliError::file(path, &e))?);
        return Ok(Some(SecretString::from(text.lines().next().unwrap_or_default().to_owned())));
    }
    Ok(std::env::var("OSP_PASSPHRASE").ok().map(SecretString::from))
}

fn read(prompt: &str) -> Result<SecretString, CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::usage("a passphrase is needed").hint(WAYS));
    }
    rpassword::prompt_password(prompt)
        .map(SecretString::from)
        .map_err(|e| CliError::local("io", format!("cannot read the passphrase: {e}")).hint(WAYS))
}

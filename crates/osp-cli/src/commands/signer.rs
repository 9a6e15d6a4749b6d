//! Which identity signs, and its key, unlocked.

use crate::{args::Global, error::CliError, passphrase};
use osp_node::{
    Node,
    identity::{Identity, Signatory},
};

/// The identity of `choice` (DID or name), or the default one.
pub(super) fn identity(node: &Node, choice: Option<&str>) -> Result<Identity, CliError> {
    Ok(match choice {
        Some(choice) => node.identities().find(choice)?,
        None => node.identities().default()?,
    })
}

/// Unlocks its key, asking for the passphrase where there is one. Takes about a second for an encrypted key.
pub(super) fn unlock(global: &Global, node: &Node, identity: &Identity) -> Result<Signatory, CliError> {
    let passphrase = if identity.protected {
        let prompt = format!("Passphrase of {}: ", crate::output::plain(&identity.name));
        Some(passphrase::ask(global.passphrase_file.as_deref(), &prompt)?)
    } else {
        None
    };
    let unlock = || node.identities().unlock(&identity.did, passphrase.as_ref());
    let key = tokio::task::block_in_place(unlock)?;
    Ok(Signatory::new(identity.artist().clone(), key))
}

/// Now, as proofs write it.
pub(super) fn now() -> String {
    humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string()
}

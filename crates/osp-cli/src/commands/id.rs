//! `osp id`: artists' identities.

use super::signer;
use crate::{
    args::{Global, Id},
    error::{CliError, Exit},
    output, passphrase,
};
use osp_core::did::Did;
use osp_node::{
    Node,
    identity::{Identity, Protection},
};
use std::{
    io::{IsTerminal as _, Read as _, Write as _},
    path::Path,
};

pub(super) async fn run(global: &Global, args: Id) -> Result<(), CliError> {
    let node = super::open(global)?;
    match args {
        Id::New { name, no_passphrase } => new(global, &node, &name, no_passphrase),
        Id::List => list(global, &node),
        Id::Show { identity } => show(global, &node, &signer::identity(&node, identity.as_deref())?),
        Id::Default { identity } => {
            let identity = node.identities().find(&identity)?;
            node.identities().set_default(&identity.did)?;
            show(global, &node, &identity)
        }
        Id::Export { identity, output } => {
            let identity = signer::identity(&node, identity.as_deref())?;
            export(global, &node, &identity, output.as_deref())
        }
        Id::Import { file, name } => import(global, &node, &file, name.as_deref()),
        Id::DidWeb { did, identity } => {
            let identity = signer::identity(&node, identity.as_deref())?;
            did_web(global, &node, &identity, &did)
        }
        Id::SignAs { did, identity } => {
            let identity = signer::identity(&node, identity.as_deref())?;
            sign_as(global, &node, &identity, &did).await
        }
        Id::Resolve { did } => resolve(global, &node, &did).await,
    }
}

fn new(global: &Global, node: &Node, name: &str, no_passphrase: bool) -> Result<(), CliError> {
    let protection = if no_passphrase {
        Protection::None
    } else {
        Protection::Passphrase(passphrase::choose(global.passphrase_file.as_deref())?)
    };
    let create = || node.identities().create(name, &protection, &signer::now());
    let identity = tokio::task::block_in_place(create)?;
    show(global, node, &identity)?;
    let advice = if no_passphrase {
        "The key file is not encrypted: whoever can read it can sign as you. It is readable by your account only."
    } else {
        "Nobody can reset this passphrase. Keep it, and a copy of the key («osp id export»), in a safe place."
    };
    output::note(global.quiet || global.json, advice);
    Ok(())
}

fn list(global: &Global, node: &Node) -> Result<(), CliError> {
    let identities = node.identities().list()?;
    if global.json {
        let all: Vec<_> = identities.iter().map(|i| json(node, i)).collect();
        return output::json(&all);
    }
    for identity in &identities {
        line(node, identity)?;
    }
    if identities.is_empty() {
        output::note(global.quiet, "no identity yet; make one with «osp id new --name NAME»");
    }
    Ok(())
}

fn show(global: &Global, node: &Node, identity: &Identity) -> Result<(), CliError> {
    if global.json { output::json(&json(node, identity)) } else { line(node, identity) }
}

fn line(node: &Node, identity: &Identity) -> Result<(), CliError> {
    let mark = if is_default(node, identity) { "*" } else { " " };
    let plain = if identity.protected { "" } else { "  (key not encrypted)" };
    let web = identity.web.as_ref().map(|web| format!("  (signs as {web})")).unwrap_or_default();
    output::line(format_args!("{mark} {}  {}{plain}{web}", identity.did, output::plain(&identity.name)))
}

fn json(node: &Node, identity: &Identity) -> serde_json::Value {
    serde_json::json!({
        "did": identity.did.to_string(),
        "signsAs": identity.artist().to_string(),
        "name": identity.name,
        "created": identity.created,
        "encrypted": identity.protected,
        "default": is_default(node, identity),
    })
}

fn is_default(node: &Node, identity: &Identity) -> bool {
    node.identities().default().is_ok_and(|d| d.did == identity.did)
}

fn export(global: &Global, node: &Node, identity: &Identity, target: Option<&Path>) -> Result<(), CliError> {
    let warn = || {
        if !identity.protected {
            let warning = "This key file is not encrypted: whoever gets it can sign as you.";
            output::note(global.quiet || global.json, warning);
        }
    };
    let bytes = zeroize::Zeroizing::new(node.identities().export(&identity.did)?);
    let Some(path) = target else {
        if std::io::stdout().is_terminal() && std::str::from_utf8(&bytes).is_err() {
            let message = "an encrypted key file is no text for a terminal";
            return Err(CliError::usage(message).hint("name a file with --output"));
        }
        warn();
        return output::bytes(&bytes);
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut f| f.write_all(&bytes).and_then(|()| f.sync_all()));
    written.map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CliError::local("exists", format!("{} is there already", path.display()))
                .hint("name another file")
        }
        _ => CliError::local("io", format!("cannot write {}: {e}", path.display()))
            .hint("name a file in a folder that is there and may be written"),
    })?;
    warn();
    if global.json {
        output::json(&serde_json::json!({"did": identity.did.to_string(), "path": path}))
    } else {
        output::line(output::path(path))
    }
}

fn import(global: &Global, node: &Node, file: &Path, name: Option<&str>) -> Result<(), CliError> {
    let limit = osp_node::identity::MAX_KEY_FILE_BYTES as u64 + 1;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|f| f.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|e| CliError::file(file, &e))?;
    let take = |passphrase| {
        let call = || node.identities().import(&bytes, passphrase, name, &signer::now());
        tokio::task::block_in_place(call)
    };
    // Only an encrypted file needs a passphrase: ask when the file says so.
    let identity = match take(None) {
        Err(osp_node::identity::IdentityError::PassphraseNeeded(_)) => {
            let passphrase =
                passphrase::ask(global.passphrase_file.as_deref(), "Passphrase of the key file: ")?;
            take(Some(&passphrase))?
        }
        other => other?,
    };
    show(global, node, &identity)
}

fn did_web(global: &Global, node: &Node, identity: &Identity, typed: &str) -> Result<(), CliError> {
    let text = if typed.starts_with("did:") { typed.to_owned() } else { format!("did:web:{typed}") };
    let did = Did::parse(&text).map_err(|e| CliError::usage(e.to_string()))?;
    output::line(node.identities().did_web_document(&identity.did, &did)?.trim_end())?;
    if let Did::Web(web) = &did {
        output::note(global.quiet || global.json, format_args!("Put this at {}", web.document_url()));
    }
    Ok(())
}

/// Only after the document was seen to name the key: what is signed as a `did:web` that does not is refused by everybody.
async fn sign_as(global: &Global, node: &Node, identity: &Identity, typed: &str) -> Result<(), CliError> {
    let artist = Did::parse(typed).map_err(|e| CliError::usage(e.to_string()))?;
    if let Did::Web(web) = &artist {
        let keys = node.did_web().keys(web).await?;
        if identity.did.embedded_key().is_none_or(|key| !keys.contains(key)) {
            let message = format!("the document of {artist} does not name the key of this identity");
            return Err(CliError::new(Exit::Bad, "bad_signature", message).hint(format!(
                "put what «osp id did-web {artist}» prints at {}, and try again",
                web.document_url()
            )));
        }
    }
    let identity = node.identities().sign_as(&identity.did, &artist)?;
    show(global, node, &identity)
}

async fn resolve(global: &Global, node: &Node, text: &str) -> Result<(), CliError> {
    let did = Did::parse(text).map_err(|e| CliError::usage(e.to_string()))?;
    let keys = match &did {
        Did::Key(key) => vec![*key],
        Did::Web(web) => node.did_web().keys(web).await?.to_vec(),
        _ => {
            return Err(CliError::usage(format!(
                "keys of {did} cannot be found: osp knows did:key and did:web"
            )));
        }
    };
    let keys: Vec<String> = keys.into_iter().map(|key| Did::Key(key).to_string()).collect();
    if global.json {
        return output::json(&serde_json::json!({"did": did.to_string(), "keys": keys}));
    }
    for key in keys {
        output::line(key)?;
    }
    Ok(())
}

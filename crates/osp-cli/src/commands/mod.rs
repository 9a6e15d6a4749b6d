//! One file per command.

mod block;
mod cid;
mod doctor;
mod follow;
mod id;
mod inspect;
mod keep;
mod key;
mod license;
mod look_up;
mod node;
mod peers;
mod play;
mod profile;
mod publish;
mod rekey;
mod resolve;
mod retract;
mod seal;
mod search;
mod seed;
mod signer;
mod site;
mod trust;
mod unseal;
mod verify;

use crate::{
    args::{Cli, Command, Global},
    error::{CliError, Exit},
};
use clap::CommandFactory as _;
use osp_core::did::Did;
use osp_node::{Node, NodeOptions, config::Partial, peering::ipfs};
use std::{path::PathBuf, sync::Arc};

/// Runs the command that was asked for.
pub(crate) async fn run(cli: Cli) -> Result<(), CliError> {
    let global = &cli.global;
    match cli.command {
        Command::Id(args) => id::run(global, args).await,
        Command::Publish(args) => publish::run(global, *args).await,
        Command::Retract(args) => retract::run(global, args).await,
        Command::Verify(args) => verify::run(global, args).await,
        Command::Resolve(args) => resolve::run(global, args).await,
        Command::Play(args) => play::run(global, *args).await,
        Command::Seed(args) => seed::run(global, args).await,
        Command::Search(args) => search::run(global, args).await,
        Command::Node(args) => node::run(global, args).await,
        Command::Cid(args) => cid::run(global, &args),
        Command::Seal(args) => seal::run(global, *args).await,
        Command::Unseal(args) => unseal::run(global, *args).await,
        Command::Inspect(args) => inspect::run(global, &args),
        Command::Key(args) => key::run(global, args),
        Command::License(args) => license::run(global, args),
        Command::Rekey(args) => rekey::run(global, &args),
        Command::Profile(args) => profile::run(global, args).await,
        Command::Follow(args) => follow::run(global, args).await,
        Command::Trust(args) => trust::run(global, args).await,
        Command::Block(args) => block::run(global, args).await,
        Command::Site(args) => site::run(global, args).await,
        Command::Backup(args) => keep::backup(global, &args).await,
        Command::Restore(args) => keep::restore(global, &args).await,
        Command::Doctor(args) => doctor::run(global, &args).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "osp", &mut script);
            crate::output::bytes(&script)
        }
    }
}

/// The folder that `--home`, `OSP_HOME` or the platform names.
fn home(global: &Global) -> Result<PathBuf, CliError> {
    let environment = || std::env::var_os("OSP_HOME").filter(|v| !v.is_empty()).map(PathBuf::from);
    global.home.clone().or_else(environment).or_else(osp_node::home::default_root).ok_or_else(|| {
        CliError::usage("this system names no home folder").hint("say where to keep things with --home DIR")
    })
}

/// A DID as typed.
fn did(text: &str) -> Result<Did, CliError> {
    Did::parse(text.trim()).map_err(|e| {
        CliError::usage(e.to_string())
            .hint("write the artist's DID, such as did:key:z6Mk… or did:web:music.example")
    })
}

/// Checks a place named by `--from`: the URL of a node or gateway, or the multiaddr of an IPFS peer.
fn check_place(place: &str) -> Result<(), CliError> {
    let wrong = |text: String| CliError::advised(Exit::Usage, "usage", &format!("--from: {text}"));
    if ipfs::is_multiaddr(place) {
        ipfs::check_typed(place).map_err(|e| wrong(e.to_string()))
    } else {
        osp_fetch::Target::typed(place).map(|_| ()).map_err(|e| wrong(e.to_string()))
    }
}

/// Opens the home. Other commands and a running node may have it open too.
fn open(global: &Global) -> Result<Arc<Node>, CliError> {
    open_with(global, allow_private(global)?)
}

pub(crate) fn allow_private(global: &Global) -> Result<bool, CliError> {
    let env = Partial::from_env(|name| std::env::var(name).ok().filter(|_| name == "OSP_ALLOW_PRIVATE"))?;
    Ok(global.allow_private || env.allow_private.unwrap_or(false))
}

fn open_with(global: &Global, allow_private: bool) -> Result<Arc<Node>, CliError> {
    Ok(Node::open(&home(global)?, &NodeOptions { allow_private })?)
}

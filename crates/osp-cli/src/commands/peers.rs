//! A home among peers, for commands that fetch.

use crate::{
    args::{Global, sharing::Sharing},
    error::CliError,
};
use osp_fetch::Target;
use osp_node::{
    Node,
    config::{
        Partial,
        peers::{PartialPeers, Peers},
    },
    peering,
};
use std::{net::SocketAddr, sync::Arc};

/// Opens the home and, unless that was declined, its hub: what is fetched comes from peers as well, and is given to them
/// while the command runs.
pub(super) async fn open(global: &Global, sharing: &Sharing) -> Result<Arc<Node>, CliError> {
    let node = super::open(global)?;
    node.set_neighbours(neighbours(global)?);
    let flags = PartialPeers { seeding: sharing.seeding.clone(), ..PartialPeers::default() };
    let mut settings = settings(global, flags)?;
    if sharing.no_peers {
        return Ok(node);
    }
    // The address in the settings is the node's, which may be running.
    settings.bittorrent = settings.bittorrent.map(|address| SocketAddr::new(address.ip(), 0));
    let hub = peering::open(&node, &settings, Vec::new()).await?;
    node.join_swarms(hub, settings.seeding);
    node.ipfs().use_public_dht(&settings);
    Ok(node)
}

/// The home's settings, the environment's over them, flags over both.
pub(super) fn settings(global: &Global, flags: PartialPeers) -> Result<Peers, CliError> {
    Ok(given(global)?.peers.overlaid(flags).complete()?)
}

/// The nodes that the home's settings or the environment name.
fn neighbours(global: &Global) -> Result<Vec<Target>, CliError> {
    Ok(given(global)?.discovery.complete()?.peers)
}

fn given(global: &Global) -> Result<Partial, CliError> {
    let file = Partial::from_file(&super::home(global)?.join("config.toml"), false)?;
    Ok(file.overlaid(Partial::from_env(|name| std::env::var(name).ok())?))
}

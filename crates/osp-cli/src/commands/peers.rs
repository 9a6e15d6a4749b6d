//! A home among peers, for commands that fetch.

use crate::{
    args::{Global, network::Network, sharing::Sharing},
    error::CliError,
};
use osp_node::{
    Node,
    config::{
        Partial,
        discovery::Discovery,
        peers::{PartialPeers, Peers},
    },
    peering,
};
use std::{net::SocketAddr, sync::Arc};

/// Opens the home and, unless that was declined, its hub: what is fetched comes from peers as well, and is given to them
/// while the command runs.
pub(super) async fn open(global: &Global, sharing: &Sharing) -> Result<Arc<Node>, CliError> {
    let node = super::open(global)?;
    join_network(global, &node, sharing)?;
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

/// Names the nodes to ask and the members of the network to begin with: by flags, else as the environment or the home's
/// settings have them. Nothing is started before something is looked for.
pub(super) fn join_network(global: &Global, node: &Node, sharing: &Sharing) -> Result<(), CliError> {
    let mut settings = discovery(global, &sharing.network)?;
    // The network is peers, too.
    settings.dht &= !sharing.no_peers;
    join(node, settings);
    Ok(())
}

/// As [`join_network`], of a command that shares nothing.
pub(super) fn join_members(global: &Global, node: &Node, flags: &Network) -> Result<(), CliError> {
    join(node, discovery(global, flags)?);
    Ok(())
}

fn discovery(global: &Global, flags: &Network) -> Result<Discovery, CliError> {
    Ok(given(global)?.discovery.overlaid(flags.settings()).complete()?)
}

fn join(node: &Node, settings: Discovery) {
    node.set_neighbours(settings.peers.clone());
    node.use_discovery(settings);
}

fn given(global: &Global) -> Result<Partial, CliError> {
    let file = Partial::from_file(&super::home(global)?.join("config.toml"), false)?;
    Ok(file.overlaid(Partial::from_env(|name| std::env::var(name).ok())?))
}

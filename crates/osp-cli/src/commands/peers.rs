//! A home among peers, for commands that fetch.

use crate::{
    args::{Global, sharing::Sharing},
    error::CliError,
};
use osp_node::{Node, config::Partial, peering};
use std::{net::SocketAddr, sync::Arc};

/// Opens the home and, unless that was declined, its hub: what is fetched comes from peers as well, and is given to them
/// while the command runs.
pub(super) async fn open(global: &Global, sharing: &Sharing) -> Result<Arc<Node>, CliError> {
    let node = super::open(global)?;
    let file = Partial::from_file(&super::home(global)?.join("config.toml"), false)?;
    let environment = Partial::from_env(|name| std::env::var(name).ok())?;
    let mut peers = file.overlaid(environment).peers;
    if sharing.seeding.is_some() {
        peers.seeding.clone_from(&sharing.seeding);
    }
    let mut settings = peers.complete()?;
    if sharing.no_peers {
        return Ok(node);
    }
    // The address in the settings is the node's, which may be running.
    settings.bittorrent = settings.bittorrent.map(|address| SocketAddr::new(address.ip(), 0));
    let hub = peering::open(&node, &settings, Vec::new()).await?;
    node.join_swarms(hub, settings.seeding);
    Ok(node)
}

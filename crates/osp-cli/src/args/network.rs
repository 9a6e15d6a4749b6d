//! Flags of commands that look for music in the network of nodes.

use clap::Args;
use osp_node::config::discovery::PartialDiscovery;

/// How the network is met.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Network {
    /// Member of the network of nodes to begin with; may be given again
    #[arg(long, value_name = "MULTIADDR")]
    pub(crate) bootstrap: Vec<String>,
}

impl Network {
    /// As settings; what was not given is not there.
    pub(crate) fn settings(&self) -> PartialDiscovery {
        let bootstrap = (!self.bootstrap.is_empty()).then(|| self.bootstrap.clone());
        PartialDiscovery { bootstrap, ..PartialDiscovery::default() }
    }
}

//! Flags of commands that fetch: whether peers take part, and what they are given back.

use clap::Args;

/// Whether and how a command that fetches takes part in swarms.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Peers")]
pub(crate) struct Sharing {
    /// Ask no peers: only nodes, gateways and mirrors over HTTP
    #[arg(long)]
    pub(crate) no_peers: bool,
    /// What peers are given meanwhile: always, off, ratio:N or rate:BYTES [default: always]
    #[arg(long, value_name = "WHEN")]
    pub(crate) seeding: Option<String>,
    #[command(flatten)]
    pub(crate) network: super::network::Network,
}

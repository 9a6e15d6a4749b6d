//! Arguments of `osp seed`.

use super::sharing::Sharing;
use clap::Args;

const SEED_HELP: &str = "\
REF is one of: did:..., osp:track:..., a CID, magnet:?xt=urn:btih:..., http(s)://...
What it names is fetched, kept and given to others; an artist is asked for new music every quarter of an hour. Without REF what is followed already goes on.
A running osp node on this home does the work; otherwise this command does, until Ctrl-C.
Music kept for others stays within the quota: the least wanted goes first, what is pinned or has no other copy stays.

Examples:
  osp seed did:key:z6Mk... --from https://music.example
  osp seed https://music.example/artist/did:key:z6Mk... --pin --quota 50GiB
  osp seed --list";

/// `osp seed`
#[derive(Args, Debug)]
#[command(after_help = SEED_HELP)]
pub(crate) struct Seed {
    /// What to keep
    #[arg(value_name = "REF", required_if_eq("remove", "true"))]
    pub(crate) what: Vec<String>,
    /// Node to ask; may be given several times
    #[arg(long, value_name = "URL")]
    pub(crate) from: Vec<String>,
    /// Never give it up for want of room
    #[arg(long)]
    pub(crate) pin: bool,
    /// Room for music kept for others [default: 10GiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) quota: Option<String>,
    /// Bytes a second to all peers together, or off [default: off]
    #[arg(long, value_name = "BYTES")]
    pub(crate) upload_limit: Option<String>,
    /// Stop when everything that fits is here
    #[arg(long)]
    pub(crate) once: bool,
    /// Show what is followed
    #[arg(long, conflicts_with_all = ["what", "remove", "once"])]
    pub(crate) list: bool,
    /// No longer follow REF; what is here stays while there is room
    #[arg(long, conflicts_with_all = ["from", "pin", "once"])]
    pub(crate) remove: bool,
    #[command(flatten)]
    pub(crate) sharing: Sharing,
}

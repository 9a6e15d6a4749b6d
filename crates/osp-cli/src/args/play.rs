//! Arguments of `osp play`.

use super::{
    sealed::{KeyArgs, LicenceArgs},
    sharing::Sharing,
};
use clap::Args;
use std::{path::PathBuf, time::Duration};

const PLAY_HELP: &str = "\
REF is one of: osp:track:..., a CID, magnet:?xt=urn:btih:..., did:..., http(s)://..., an audio or sealed file, or an M3U \
or XSPF playlist of these. What no --from has is looked for in the network of nodes. Music begins as soon as its first bytes are here, and every byte that is fetched is verified.
Tracks follow each other without a gap. What is fetched is kept.

Of a sealed release (SMSG 3.0) what its key opens is played, chunk by chunk; without a key the preview, if there is one. A \
link may bring its key: https://.../x.smsg#k=KEY, and its licence, &l=.

Keys: space pause, arrow keys 10 s back and forward, n next, p previous, + and - volume, q quit.
Without --output and --null the sound goes to pacat, pw-cat, aplay, ffplay, play (SoX) or mpv, whichever is there.
--output writes one WAV of 24-bit PCM, with everything in the format of the first track. --null decodes as fast as it can.

Examples:
  osp play did:key:z6Mk... --album 'Endgame: Singularity' --from https://music.example
  osp play album.smsg --key-file album.key
  osp play osp:track:bafk... --output song.wav";

/// `osp play`
#[derive(Args)]
#[command(after_help = PLAY_HELP)]
pub(crate) struct Play {
    /// What to play; several are played one after another
    #[arg(required = true, value_name = "REF|FILE")]
    pub(crate) what: Vec<String>,
    /// Node, gateway or IPFS peer (multiaddr) to ask; may be given again
    #[arg(long, value_name = "URL")]
    pub(crate) from: Vec<String>,
    /// Only tracks of the album NAME
    #[arg(long, value_name = "NAME")]
    pub(crate) album: Option<String>,
    /// Write the sound to a WAV file instead of playing it
    #[arg(long, short, value_name = "FILE.wav", conflicts_with = "null")]
    pub(crate) output: Option<PathBuf>,
    /// Decode, and let nothing be heard
    #[arg(long)]
    pub(crate) null: bool,
    /// Replace a file that is there
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// Begin the first track so many seconds in
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0")]
    pub(crate) start: Duration,
    /// Per cent of full volume
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100), default_value_t = 100)]
    pub(crate) volume: u8,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// The licence of the key (.smsgl), a file or URL
    #[arg(long, value_name = "PATH|URL", help_heading = "Key")]
    pub(crate) license_file: Option<String>,
    /// Play though the licence has ended or not begun: its dates are requests
    #[arg(long, help_heading = "Key")]
    pub(crate) ignore_expiry: bool,
    #[command(flatten)]
    pub(crate) licence: LicenceArgs,
    #[command(flatten)]
    pub(crate) sharing: Sharing,
}

/// Holds keys: what it is is never printed.
impl std::fmt::Debug for Play {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Play(..)")
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().parse::<f64>().map_err(|_| "write seconds, as in 90 or 12.5")?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "it is a number of seconds, 0 or more".to_owned())
}

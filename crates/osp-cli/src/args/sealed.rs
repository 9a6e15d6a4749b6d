//! Arguments of `osp seal`, `unseal`, `inspect` and `key`.

use super::opening::{cut, mint, silent_debug, stretches};
use crate::units;
use clap::{Args, Subcommand, ValueEnum};
use osp_node::sealed::release::{mint::Opens, ranges::Stretches};
use smsg::{UnixTime, keys::Cadence};
use std::path::PathBuf;

const SEAL_HELP: &str = "\
A release is sealed once, and any number of keys open all or parts of it: those made here (--key, --mint), and those \
that are sold later. It is signed by your identity; what is in the clear can be read by all and changed by nobody. \
Without a key one is made and shown once: write it down. A key on the command line can be seen by other users of \
this machine and stays in the shell's history: prefer --key-file, OSP_KEY or the prompt.
RANGE is times, as in 0:00-0:30 or 1:08-, or tracks, as in 2-3 (the files in order, or the manifest's tracks when there \
is one file), or several with commas. A key to a cut opens nothing else: that is enforced. Dates are not: they are \
requests that honest programs follow.
The older formats (--format v1, v2, v3) need no identity; nothing in their clear part is protected.

Examples:
  osp seal album/*.flac --out album.smsg --title 'New album' --preview 0:00-0:30
  osp seal mix.mp3 --out mix.smsg --cut drop=1:08-2:30 --mint 100 --mint drop=500 --keys keys.csv
  osp seal --tier standard=a.mp3 --tier premium=a.flac,stems.zip --mint standard=100 --out a.smsg
  osp seal film.mp4 --out film.smsg --format v3 --license-id L-2026-001 --chunk-size 1MiB";

const UNSEAL_HELP: &str = "\
The key comes from --key-file, --key, OSP_KEY or a prompt; v3 files take a licence id instead. A key on the \
command line can be seen by other users of this machine.
A key that was sold after the file was made needs its licence, a file that ends in .smsgl: name it with \
--license-file, or put it beside the sealed file under the name it came with. Without a key the preview opens, if there \
is one. What a licence opens in part is written as a cut.
An address may bring the key, https://.../x.smsg#k=KEY, and its licence, &l=; what stands behind # is sent to nobody.
No file appears before the whole sealed file was found sound.

Examples:
  osp unseal album.smsg --out music/
  OSP_KEY=... osp --json unseal album.smsg";

const INSPECT_HELP: &str = "\
Reads the header only and needs no key. Of a release (SMSG 3.0) it says who signed it, and with a key what that key is a \
licence for. Of older formats nothing it shows is authenticated: whoever had the file in hands can have changed it.";

/// `osp seal`
#[derive(Args)]
#[command(after_help = SEAL_HELP)]
pub(crate) struct Seal {
    /// Files to attach, or - for stdin
    #[arg(required_unless_present_any = ["body", "tier"], value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The sealed file, or - for stdout
    #[arg(long, value_name = "X.smsg")]
    pub(crate) out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// v1, v2, v3: write base64 text instead of bytes
    #[arg(long)]
    pub(crate) base64: bool,
    /// release (SMSG 3.0), v1, v2 or v3
    #[arg(long, value_name = "F", value_enum, default_value_t = SealFormat::Release, hide_possible_values = true)]
    pub(crate) format: SealFormat,
    /// Identity that signs, DID or name [default: the default one]
    #[arg(long, alias = "as", value_name = "DID")]
    pub(crate) artist_id: Option<String>,

    /// A part that can be sold by itself; may be given several times
    #[arg(long, value_name = "NAME=RANGE", value_parser = cut, help_heading = "Release")]
    pub(crate) cut: Vec<(String, Stretches)>,
    /// Files that are sold together; files of no tier belong to all. May be given several times
    #[arg(long, value_name = "NAME=FILE,...", value_parser = super::key_value, help_heading = "Release")]
    pub(crate) tier: Vec<(String, String)>,
    /// What everybody may hear
    #[arg(long, value_name = "RANGE", value_parser = stretches, help_heading = "Release")]
    pub(crate) preview: Option<Stretches>,
    /// Make N keys to everything, or to the cut or tier NAME; may be given several times
    #[arg(long, value_name = "[NAME=]N", value_parser = mint, help_heading = "Release")]
    pub(crate) mint: Vec<(Opens, u32)>,
    /// Where the keys of --mint go, as CSV [default: stdout]
    #[arg(long, value_name = "FILE.csv", requires = "mint", help_heading = "Release")]
    pub(crate) keys: Option<PathBuf>,
    /// First letters of new keys, 2 to 8 letters and digits [default: OSP]
    #[arg(long, value_name = "P", help_heading = "Release")]
    pub(crate) prefix: Option<String>,

    /// v2: zstd, gzip or none [default: zstd]
    #[arg(long, value_name = "C", value_enum, hide_possible_values = true)]
    pub(crate) compression: Option<SealCompression>,

    /// Text to seal with the files
    #[arg(long, value_name = "TEXT", help_heading = "Sealed")]
    pub(crate) body: Option<String>,
    /// Subject of the text
    #[arg(long, value_name = "TEXT", help_heading = "Sealed")]
    pub(crate) subject: Option<String>,
    /// Sender of the text
    #[arg(long, value_name = "TEXT", help_heading = "Sealed")]
    pub(crate) from: Option<String>,

    /// Title
    #[arg(long, value_name = "T", help_heading = "In the clear")]
    pub(crate) title: Option<String>,
    /// Artist
    #[arg(long, value_name = "A", help_heading = "In the clear")]
    pub(crate) artist: Option<String>,
    /// Album
    #[arg(long, value_name = "A", help_heading = "In the clear")]
    pub(crate) album: Option<String>,
    /// perpetual, rental (of a release rental:DAYS, 7 to 90), stream (24 hours), preview (30 seconds), or anything
    #[arg(long, value_name = "TYPE", help_heading = "In the clear")]
    pub(crate) license_type: Option<String>,
    /// When the licence ends: a date and time (RFC 3339), or a time from now, as in 90d
    #[arg(long, value_name = "WHEN", value_parser = units::end, help_heading = "In the clear")]
    pub(crate) expires: Option<units::End>,
    /// A link, as shop=https://...; may be given several times
    #[arg(long, value_name = "NAME=URL", value_parser = super::key_value, help_heading = "In the clear")]
    pub(crate) link: Vec<(String, String)>,
    /// v1: a hint for the key
    #[arg(long, value_name = "TEXT", help_heading = "In the clear")]
    pub(crate) hint: Option<String>,
    /// All of this as JSON (tracks, links, genre...); the options here go before it
    #[arg(long, value_name = "M.json", help_heading = "In the clear")]
    pub(crate) manifest: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) licence: LicenceArgs,
    /// v3: how often keys change: daily, 12h, 6h or 1h [default: daily]
    #[arg(long, value_name = "C", value_parser = units::cadence, help_heading = "Key")]
    pub(crate) cadence: Option<Cadence>,
    /// v3: cut into chunks of so many bytes, for players that fetch only what they need
    #[arg(long, value_name = "BYTES", value_parser = units::bytes, help_heading = "Key")]
    pub(crate) chunk_size: Option<u64>,
    /// Seal as of this moment, RFC 3339 [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = units::moment, help_heading = "Key")]
    pub(crate) at: Option<UnixTime>,
}

/// `osp unseal`
#[derive(Args)]
#[command(after_help = UNSEAL_HELP)]
pub(crate) struct Unseal {
    /// The sealed file, binary or base64 text, its address, or - for stdin
    #[arg(value_name = "X.smsg")]
    pub(crate) file: PathBuf,
    /// Folder for the attachments
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
    /// Replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    /// Open it though its licence has ended or not begun (no use for v3, whose keys are made for periods)
    #[arg(long)]
    pub(crate) ignore_expiry: bool,
    /// Most bytes that compressed content may become [default: 1GiB]
    #[arg(long, value_name = "BYTES", value_parser = units::bytes)]
    pub(crate) max_size: Option<u64>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) licence: LicenceArgs,
    /// v3: how often keys change, for files that do not say it: daily, 12h, 6h or 1h
    #[arg(long, value_name = "C", value_parser = units::cadence, help_heading = "Key")]
    pub(crate) cadence: Option<Cadence>,
    /// Open as of this moment, RFC 3339 [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = units::moment, help_heading = "Key")]
    pub(crate) at: Option<UnixTime>,
    /// The licence of the key (.smsgl), a file or URL
    #[arg(long, value_name = "PATH|URL", help_heading = "Key")]
    pub(crate) license_file: Option<String>,
}

/// Where the key comes from.
#[derive(Args)]
#[command(next_help_heading = "Key")]
pub(crate) struct KeyArgs {
    /// The licence key or passphrase. Other users of this machine can see it here
    #[arg(long, value_name = "K", conflicts_with = "key_file")]
    pub(crate) key: Option<String>,
    /// Read the licence key from the first line of FILE
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// What opens v3.
#[derive(Args)]
#[command(next_help_heading = "Key")]
pub(crate) struct LicenceArgs {
    /// v3: the licence id
    #[arg(long, value_name = "L")]
    pub(crate) license_id: Option<String>,
    /// v3: the buyer or device the licence is bound to, if any
    #[arg(long, value_name = "F")]
    pub(crate) fingerprint: Option<String>,
}

/// `osp inspect`
#[derive(Args)]
#[command(after_help = INSPECT_HELP)]
pub(crate) struct Inspect {
    /// The sealed file or ABR manifest, a sealed file's address, or - for stdin
    #[arg(value_name = "X.smsg")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// The licence of the key (.smsgl), a file or URL
    #[arg(long, value_name = "PATH|URL", help_heading = "Key")]
    pub(crate) license_file: Option<String>,
}

/// `osp key`
#[derive(Subcommand)]
pub(crate) enum Key {
    /// Make a licence key and print it
    New {
        /// First letters of a code, 2 to 8 letters and digits [default: OSP]
        #[arg(long, value_name = "P")]
        prefix: Option<String>,
        /// code (MGH-QPZR-...), words (twelve of them) or uuid
        #[arg(long, value_name = "S", value_enum, default_value_t = KeyStyle::Code, hide_possible_values = true)]
        style: KeyStyle,
    },
    /// Find a typing error in a licence key, without any file
    Check {
        /// The key, or - for stdin [default: OSP_KEY, or a prompt]. Other users of this machine can see it here
        key: Option<String>,
    },
}

/// The formats that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SealFormat {
    Release,
    V1,
    V2,
    V3,
}

/// The compressions that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SealCompression {
    Zstd,
    Gzip,
    None,
}

/// How a new key looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyStyle {
    Code,
    Words,
    Uuid,
}

silent_debug!(Seal, Unseal, Inspect, KeyArgs, LicenceArgs, Key);

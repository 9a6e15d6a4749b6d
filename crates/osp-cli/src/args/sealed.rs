//! Arguments of `osp seal`, `unseal`, `inspect` and `key`.

use crate::units;
use clap::{Args, Subcommand, ValueEnum};
use smsg::{UnixTime, keys::Cadence};
use std::path::PathBuf;

const SEAL_HELP: &str = "\
Without a key one is made and shown once: write it down, whoever has it can open the file, and it cannot be \
recovered. A key on the command line can be seen by other users of this machine and stays in the shell's \
history: prefer --key-file, OSP_KEY or the prompt.
Title, artist, links and dates stand in the clear, and nothing stops others from changing them. A date limits \
nothing by force: it is a request that honest programs follow.

Examples:
  osp seal album/*.opus --out album.smsg --title 'New album' --artist Max
  osp seal film.mp4 --out film.smsg --format v3 --license-id L-2026-001 --chunk-size 1MiB";

const UNSEAL_HELP: &str = "\
The key comes from --key-file, --key, OSP_KEY or a prompt; v3 files take a licence id instead. A key on the \
command line can be seen by other users of this machine.
No attachment appears before the whole file was found sound.

Examples:
  osp unseal album.smsg --out music/
  OSP_KEY=... osp --json unseal album.smsg";

const INSPECT_HELP: &str = "\
Reads the header only and needs no key. Nothing it shows is authenticated: whoever had the file in hands can have \
changed it.";

/// `osp seal`
#[derive(Args)]
#[command(after_help = SEAL_HELP)]
pub(crate) struct Seal {
    /// Files to attach, or - for stdin
    #[arg(required_unless_present = "body", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The sealed file, or - for stdout
    #[arg(long, value_name = "X.smsg")]
    pub(crate) out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Write base64 text instead of bytes
    #[arg(long)]
    pub(crate) base64: bool,
    /// v1, v2 or v3
    #[arg(long, value_name = "F", value_enum, default_value_t = SealFormat::V2, hide_possible_values = true)]
    pub(crate) format: SealFormat,
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
    /// perpetual, rental, stream, preview, or anything
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
    /// The sealed file, binary or base64 text, or - for stdin
    #[arg(value_name = "X.smsg")]
    pub(crate) file: PathBuf,
    /// Folder for the attachments
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
    /// Replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    /// Open it though its licence has ended (no use for v3, whose keys are made for periods)
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
    /// Comes with SMSG 3.0.
    #[arg(long, value_name = "PATH|URL", hide = true)]
    pub(crate) license_file: Option<String>,
}

/// Where the key of v1 and v2 comes from.
#[derive(Args)]
#[command(next_help_heading = "Key")]
pub(crate) struct KeyArgs {
    /// v1, v2: the licence key. Other users of this machine can see it here
    #[arg(long, value_name = "K", conflicts_with = "key_file")]
    pub(crate) key: Option<String>,
    /// v1, v2: read the licence key from the first line of FILE
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
#[derive(Args, Debug)]
#[command(after_help = INSPECT_HELP)]
pub(crate) struct Inspect {
    /// The sealed file or ABR manifest, or - for stdin
    #[arg(value_name = "X.smsg")]
    pub(crate) file: PathBuf,
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
    /// Comes with SMSG 3.0.
    #[value(hide = true)]
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

/// Arguments hold keys: what they are is never printed.
macro_rules! silent_debug {
    ($($of:ty),*) => {$(
        impl std::fmt::Debug for $of {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($of), "(..)"))
            }
        }
    )*};
}
silent_debug!(Seal, Unseal, KeyArgs, LicenceArgs, Key);

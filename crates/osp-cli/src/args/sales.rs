//! Arguments of `osp license` and `osp rekey`.

use super::opening::{cut, mint, silent_debug, stretches};
use crate::units;
use clap::{Args, Subcommand};
use osp_node::sealed::release::{mint::Opens, ranges::Stretches};
use smsg::UnixTime;
use std::path::PathBuf;

const ISSUE_HELP: &str = "\
RELEASE is the sealed file, or its id as «osp license list» shows it. The file is not changed, and need not even be here.
The buyer gets the key and its licence: a small file that lies beside the sealed file or on any web server under the name it \
has, or in the link (--link). The key is shown once and not kept; the ledger keeps its id, so a key that turns up somewhere \
leads to its sale.
What a licence opens (--cut, --tier, --range) is enforced: it holds no other keys. Dates, rental and stream are requests that \
honest programs follow.

Examples:
  osp license issue album.smsg --buyer order-1042 --price 5 --currency EUR --out licences/
  osp license issue mix.smsg --cut drop --type rental:30 --link https://max.example/listen
  osp --json license issue album.smsg --count 1000 --out licences/ > keys.jsonl";

const REVOKE_HELP: &str = "\
This takes nothing back: whoever has the key and its licence can go on listening, and nobody can change that. The note is for \
your books, and «osp rekey» leaves the key out of tables to come.";

const REKEY_HELP: &str = "\
Writes a new table of keys beside the file (X.smsgk). Chunks, file and CID stay; programs that find the new table use it \
instead of the one in the file. With --rewrite a copy of the file has the new table in it: the same file id and chunks, another \
CID.
The texts of keys are not kept, so keys that shall go on working are given again with --keep; those with a note of «osp license \
revoke-note» are left out. Whoever has the old table can go on using old keys with it. Licences that were issued stay valid.

Examples:
  osp rekey album.smsg --mint 100 --keys new.csv
  osp rekey album.smsg --keep keys.csv
  osp rekey album.smsg --keep keys.csv --rewrite --out album-2.smsg";

/// `osp license`
#[derive(Subcommand)]
pub(crate) enum License {
    /// Sell: make a key and its licence
    Issue(Box<Issue>),
    /// Show releases, what was sold of them, and for how much
    List,
    /// Find a sale by key, number or licence file
    Show {
        #[command(flatten)]
        sale: SaleArgs,
    },
    /// Print all sales for bookkeeping
    Export {
        /// One release only: the sealed file, or its id
        #[arg(value_name = "RELEASE")]
        release: Option<String>,
        /// As CSV (RFC 4180)
        #[arg(long, required = true)]
        csv: bool,
        /// Where to [default: stdout]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Note that a key is to be left out from now on
    #[command(after_help = REVOKE_HELP)]
    RevokeNote {
        #[command(flatten)]
        sale: SaleArgs,
        /// Why, for your books
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

/// A sale that is looked for.
#[derive(Args)]
pub(crate) struct SaleArgs {
    /// The key, the number of the sale, a licence file, or - to read the key from stdin. Other users of this machine can see a
    /// key here
    #[arg(value_name = "KEY|SERIAL|X.smsgl")]
    pub(crate) sale: String,
    /// Of this release only: the sealed file, or its id
    #[arg(long, value_name = "RELEASE")]
    pub(crate) release: Option<String>,
}

/// `osp license issue`
#[derive(Args)]
#[command(after_help = ISSUE_HELP)]
pub(crate) struct Issue {
    /// The sealed file, or its id
    #[arg(value_name = "RELEASE")]
    pub(crate) release: String,
    /// Identity that signs, DID or name [default: the release's artist]
    #[arg(long, alias = "as", value_name = "DID")]
    pub(crate) artist_id: Option<String>,
    /// perpetual, rental:DAYS (7 to 90), stream (24 hours), preview (30 seconds), or anything
    #[arg(long = "type", value_name = "TYPE", default_value = "perpetual")]
    pub(crate) kind: String,
    /// Open this cut only
    #[arg(long, value_name = "NAME")]
    pub(crate) cut: Option<String>,
    /// Open this tier only
    #[arg(long, value_name = "NAME")]
    pub(crate) tier: Option<String>,
    /// Open this range only: times, as in 0:00-0:30, or tracks, as in 2-3
    #[arg(long, value_name = "RANGE", value_parser = stretches)]
    pub(crate) range: Option<Stretches>,
    /// Who buys it, such as the order's number. It stands in the licence in the clear
    #[arg(long, value_name = "REF")]
    pub(crate) buyer: Option<String>,
    /// The shop's number for the sale [default: counted]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) sale: Option<String>,
    /// What is paid, for the ledger
    #[arg(long, value_name = "AMOUNT", requires = "currency")]
    pub(crate) price: Option<String>,
    /// Its currency: three letters
    #[arg(long, value_name = "CODE", requires = "price")]
    pub(crate) currency: Option<String>,
    /// When the licence begins, RFC 3339. A request
    #[arg(long, value_name = "DATE", value_parser = units::moment)]
    pub(crate) from: Option<UnixTime>,
    /// When it ends: RFC 3339, or a time from now, as in 90d. A request
    #[arg(long, value_name = "DATE", value_parser = units::end)]
    pub(crate) until: Option<units::End>,
    /// How many, each with a key of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
    /// Folder for licence files, or the file [default: this folder, unless --link is given]
    #[arg(long, value_name = "DIR|X.smsgl")]
    pub(crate) out: Option<PathBuf>,
    /// Print a link that carries key and licence behind #
    #[arg(long, value_name = "BASEURL")]
    pub(crate) link: Option<String>,
}

/// `osp rekey`
#[derive(Args)]
#[command(after_help = REKEY_HELP)]
pub(crate) struct Rekey {
    /// The sealed file
    #[arg(value_name = "X.smsg")]
    pub(crate) file: PathBuf,
    /// Identity that signs, DID or name [default: the release's artist]
    #[arg(long, alias = "as", value_name = "DID")]
    pub(crate) artist_id: Option<String>,
    /// Make N keys to everything, or to the cut or tier NAME; may be given several times
    #[arg(long, value_name = "[NAME=]N", value_parser = mint)]
    pub(crate) mint: Vec<(Opens, u32)>,
    /// Where the keys of --mint go, as CSV [default: stdout]
    #[arg(long, value_name = "FILE.csv", requires = "mint")]
    pub(crate) keys: Option<PathBuf>,
    /// Keys that go on working: a CSV of «osp seal --mint», or one key a line; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Vec<PathBuf>,
    /// What new keys are sold as: perpetual, rental:DAYS, stream, or anything
    #[arg(long = "type", value_name = "TYPE", default_value = "perpetual")]
    pub(crate) kind: String,
    /// Write a copy of the file with the new table in it
    #[arg(long, requires = "out")]
    pub(crate) rewrite: bool,
    /// The copy
    #[arg(long, value_name = "Y.smsg", requires = "rewrite")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the copy if it is there
    #[arg(long, requires = "rewrite")]
    pub(crate) force: bool,
}

/// `osp publish --seal`
#[derive(Args, Debug)]
#[command(next_help_heading = "Selling")]
pub(crate) struct PublishSealed {
    /// Seal the files as one release first, and publish that: only keys open it. «osp license issue» makes them
    #[arg(long, conflicts_with_all = ["dry_run", "supersedes"])]
    pub(crate) seal: bool,
    /// What a key costs, or one to the cut or tier NAME; may be given several times
    #[arg(long, value_name = "[NAME=]AMOUNT", requires_all = ["seal", "currency", "offer_url"])]
    pub(crate) price: Vec<String>,
    /// Currency of prices: three letters
    #[arg(long, value_name = "CODE", requires = "price")]
    pub(crate) currency: Option<String>,
    /// Where keys are sold
    #[arg(long, value_name = "URL", requires = "price")]
    pub(crate) offer_url: Option<String>,
    /// What is sold: perpetual, rental:DAYS (7 to 90), stream (24 hours), or anything [default: perpetual]
    #[arg(long, value_name = "TYPE", requires = "price")]
    pub(crate) license_type: Option<String>,
    /// What everybody may hear: times, as in 0:00-0:30, or tracks, as in 2-3
    #[arg(long, value_name = "RANGE", value_parser = stretches, requires = "seal")]
    pub(crate) preview: Option<Stretches>,
    /// A part that can be sold by itself; may be given several times
    #[arg(long, value_name = "NAME=RANGE", value_parser = cut, requires = "seal")]
    pub(crate) cut: Vec<(String, Stretches)>,
    /// Files that are sold together; files of no tier belong to all. May be given several times
    #[arg(long, value_name = "NAME=FILE,...", value_parser = super::key_value, requires = "seal")]
    pub(crate) tier: Vec<(String, String)>,
    /// First letters of keys, 2 to 8 letters and digits [default: OSP]
    #[arg(long, value_name = "P", requires = "seal")]
    pub(crate) prefix: Option<String>,
    /// Make N keys in advance, to everything or to the cut or tier NAME; may be given several times
    #[arg(long, value_name = "[NAME=]N", value_parser = mint, requires_all = ["seal", "keys"])]
    pub(crate) mint: Vec<(Opens, u32)>,
    /// Where to write these keys: CSV, readable by you alone
    #[arg(long, value_name = "FILE", requires = "mint")]
    pub(crate) keys: Option<PathBuf>,
    /// Also write the sealed file here
    #[arg(long, value_name = "X.smsg", requires = "seal")]
    pub(crate) out: Option<PathBuf>,
    /// Replace it, and the file with keys, if they are there
    #[arg(long, requires = "seal")]
    pub(crate) force: bool,
}

silent_debug!(License, SaleArgs, Issue, Rekey);

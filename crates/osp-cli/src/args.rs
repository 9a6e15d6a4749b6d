//! The command line as clap sees it.

pub(crate) mod network;
mod opening;
pub(crate) mod play;
pub(crate) mod sales;
pub(crate) mod sealed;
pub(crate) mod seed;
pub(crate) mod sharing;
pub(crate) mod site;
pub(crate) mod social;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const PUBLISH_HELP: &str = "\
What the tags say is used, and flags go before the tags. Publishing the same again changes nothing.
The passphrase comes from a prompt, OSP_PASSPHRASE or --passphrase-file.

Examples:
  osp publish album/
  osp publish song.opus --title 'New song' --license CC-BY-4.0 --consent aiTraining=deny
  osp publish album/ --seal --preview 0:00-0:30 --price 5 --currency EUR --offer-url https://max.example/shop
  OSP_TOKEN=... osp publish album/ --to https://music.example";

const RESOLVE_HELP: &str = "\
REF is one of: osp:track:..., a CID, magnet:?xt=urn:btih:..., did:..., http(s)://...
What no --from has is looked for in the network of nodes. Every record and every byte is verified; a source that sends something else is named and left out.

Examples:
  osp resolve osp:track:bafk... --from http://192.168.1.7:8787 --output song.opus
  osp resolve did:key:z6Mk... --from https://music.example --output music/";

const NODE_HELP: &str = "\
Once it answers, one JSON line is printed on stdout: {\"ready\":true,\"http\":URL,...}
Settings: the file, then OSP_HTTP, OSP_PUBLIC_URL, OSP_ALLOW_PRIVATE, OSP_MAX_BLOB, OSP_LOG and \
OSP_LOG_FORMAT, then flags; what comes later wins.
SIGINT and SIGTERM stop it when the requests under way are answered.";

/// Publish music that nobody can forge, take down or tax, and find and play it anywhere.
#[derive(Debug, Parser)]
#[command(name = "osp", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 local failure, 2 usage, 3 judged bad, 4 not found or unreachable, \
                  5 licence expired or not yet valid."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Folder with keys, records and music [default: OSP_HOME, or the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Print results as JSON (schemas in spec/schemas)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tell what is done; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Let addresses from records, redirects and DID documents be private ones
    #[arg(long, global = true)]
    pub(crate) allow_private: bool,
    /// Read the passphrase from the first line of FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make and manage artists' identities
    #[command(subcommand)]
    Id(Id),
    /// Sign audio files and put them into the catalogue
    Publish(Box<Publish>),
    /// Withdraw a track you published
    Retract(Retract),
    /// Check a record's signature, and a file against it
    Verify(Verify),
    /// Fetch a record and its audio, verified
    Resolve(Resolve),
    /// Play music: a track, an album, an artist, a playlist, a file
    Play(Box<play::Play>),
    /// Keep music alive for others: an artist's catalogue, or single tracks
    Seed(seed::Seed),
    /// Find tracks, here and in the network of nodes
    Search(Search),
    /// Serve this home over HTTP
    Node(Node),
    /// Print a file's CID
    Cid(CidArgs),
    /// Encrypt files so that only a licence key opens them
    Seal(Box<sealed::Seal>),
    /// Open a sealed file
    Unseal(Box<sealed::Unseal>),
    /// Show what a sealed file says without a key
    Inspect(sealed::Inspect),
    /// Make and check licence keys
    #[command(subcommand)]
    Key(sealed::Key),
    /// Sell keys to sealed releases, and keep the books
    #[command(subcommand)]
    License(sales::License),
    /// Make new keys for a sealed release that is out already
    Rekey(Box<sales::Rekey>),
    /// Say who you are: name, pictures, links
    #[command(subcommand)]
    Profile(social::Profile),
    /// Follow an artist, for everybody to see
    Follow(social::Follow),
    /// Choose whose music comes first, for yourself
    #[command(subcommand)]
    Trust(social::Trust),
    /// Choose what this node refuses to serve
    #[command(subcommand)]
    Block(Block),
    /// Put pages and music on any host, as plain files
    #[command(subcommand)]
    Site(site::Site),
    /// Copy the catalogue and its music to DIR
    Backup(Backup),
    /// Rebuild a home from a backup
    Restore(Restore),
    /// Check this home
    Doctor(Doctor),
    /// Print a completion script
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Id {
    /// Make an identity; the first one is the default
    New {
        /// What listeners call you
        #[arg(long)]
        name: String,
        /// Write the key without encryption (file mode 0600)
        #[arg(long)]
        no_passphrase: bool,
    },
    /// List identities
    List,
    /// Show one identity [default: the default one]
    Show {
        /// DID or name
        identity: Option<String>,
    },
    /// Choose the default identity
    Default {
        /// DID or name
        identity: String,
    },
    /// Write the key file, still encrypted, for another machine
    Export {
        /// DID or name [default: the default one]
        identity: Option<String>,
        /// Where to [default: stdout]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Read a key file that `osp id export` wrote
    Import {
        /// The file, or - for stdin
        file: PathBuf,
        /// What listeners call you [default: the name in the file]
        #[arg(long)]
        name: Option<String>,
    },
    /// Print the did:web document that names your key, for your web server
    DidWeb {
        /// did:web:DOMAIN[:PATH…], or the domain alone
        did: String,
        /// DID or name whose key it names [default: the default one]
        #[arg(long)]
        identity: Option<String>,
    },
    /// Sign as a did:web whose document names your key, or as the key again
    SignAs {
        /// did:web:DOMAIN[:PATH…], or the identity's own did:key
        did: String,
        /// DID or name of the identity [default: the default one]
        #[arg(long)]
        identity: Option<String>,
    },
    /// Find the keys of a DID (did:key, or did:web over HTTPS)
    Resolve {
        /// The DID
        did: String,
    },
}

#[derive(Args, Debug)]
#[command(after_help = PUBLISH_HELP)]
pub(crate) struct Publish {
    /// Audio files, or folders that are albums
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Title (one file only) [default: from the tags]
    #[arg(long, value_name = "T")]
    pub(crate) title: Option<String>,
    /// Artist as shown [default: from the tags, or the identity's name]
    #[arg(long, value_name = "N")]
    pub(crate) artist_name: Option<String>,
    /// Identity that signs, DID or name [default: the default one]
    #[arg(long, value_name = "DID")]
    pub(crate) artist_id: Option<String>,
    /// Album [default: from the tags, or the folder's name]
    #[arg(long, value_name = "A")]
    pub(crate) album: Option<String>,
    /// Genre; may be given several times [default: from the tags]
    #[arg(long, value_name = "G")]
    pub(crate) genre: Vec<String>,
    /// Licence: SPDX id or URL [default: from the tags]
    #[arg(long, value_name = "SPDX")]
    pub(crate) license: Option<String>,
    /// Release date: YYYY, YYYY-MM or YYYY-MM-DD [default: from the tags]
    #[arg(long, value_name = "DATE")]
    pub(crate) released: Option<String>,
    /// Cover picture [default: in the tags, or the folder]
    #[arg(long, value_name = "IMG")]
    pub(crate) cover: Option<PathBuf>,
    /// Lyrics, plain or LRC (one file only) [default: .lrc or .txt of the same name beside the file]
    #[arg(long, value_name = "FILE")]
    pub(crate) lyrics: Option<PathBuf>,
    /// Do not decode the files for the waveforms of seek bars
    #[arg(long)]
    pub(crate) no_waveform: bool,
    /// Web address of the same file; may be given several times
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Vec<String>,
    /// BitTorrent tracker; may be given several times
    #[arg(long, value_name = "URL")]
    pub(crate) tracker: Vec<String>,
    /// What you allow: mirror, stream or aiTraining = allow or deny
    #[arg(long, value_name = "K=V", value_parser = key_value)]
    pub(crate) consent: Vec<(String, String)>,
    /// Track that this one replaces (one file only)
    #[arg(long, value_name = "ID")]
    pub(crate) supersedes: Option<String>,
    /// How the CID is made: unixfs-v1-2025 or unixfs-v0-2015
    #[arg(long, value_name = "P", default_value = "unixfs-v1-2025")]
    pub(crate) cid_profile: String,
    /// Also send records and bytes to the node at URL (its token in OSP_TOKEN)
    #[arg(long, value_name = "URL")]
    pub(crate) to: Vec<String>,
    /// Compute and sign, but write nothing
    #[arg(long, conflicts_with = "to")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) selling: sales::PublishSealed,
}

#[derive(Args, Debug)]
pub(crate) struct Retract {
    /// The track, osp:track:…
    pub(crate) id: String,
    /// Why, for listeners
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Identity that signs [default: the track's artist]
    #[arg(long, value_name = "DID")]
    pub(crate) artist_id: Option<String>,
    /// Also tell the node at URL (its token in OSP_TOKEN)
    #[arg(long, value_name = "URL")]
    pub(crate) to: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// A record as a JSON file, or - for stdin
    pub(crate) file: PathBuf,
    /// An audio file that the record should name
    #[arg(long, value_name = "FILE")]
    pub(crate) content: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = RESOLVE_HELP)]
pub(crate) struct Resolve {
    /// What to fetch
    #[arg(value_name = "REF")]
    pub(crate) reference: String,
    /// Node, gateway or IPFS peer (multiaddr) to ask; may be given again
    #[arg(long, value_name = "URL")]
    pub(crate) from: Vec<String>,
    /// Write the audio there (a folder when REF names several tracks)
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) sharing: sharing::Sharing,
}

const SEARCH_HELP: &str = "\
What this home has comes first, then what the network of nodes has, as it is found and verified. The network knows whole \
titles, whole genres and artists; this home knows words, too.
With --json each line is the signed record; when the network is searched, with a member «provenance» that is no part of it.

Examples:
  osp search night drive
  osp search --genre techno --bootstrap /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo... --wait 5";

#[derive(Args, Debug)]
#[command(after_help = SEARCH_HELP)]
pub(crate) struct Search {
    /// Words in title, artist, album or genre
    pub(crate) query: Vec<String>,
    /// Tracks of this artist
    #[arg(long, value_name = "DID")]
    pub(crate) artist: Option<String>,
    /// Tracks with exactly this title
    #[arg(long, value_name = "T")]
    pub(crate) title: Option<String>,
    /// Tracks of this genre
    #[arg(long, value_name = "G")]
    pub(crate) genre: Option<String>,
    /// Most results, of this home and of the network each
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) limit: u64,
    /// Search this home alone
    #[arg(long, conflicts_with = "network")]
    pub(crate) local: bool,
    /// Fail if the network cannot be searched [default: search it if this home knows a member of it]
    #[arg(long)]
    pub(crate) network: bool,
    /// Most seconds to search the network
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) wait: u64,
    #[command(flatten)]
    pub(crate) members: network::Network,
}

#[derive(Args, Debug)]
#[command(after_help = NODE_HELP)]
pub(crate) struct Node {
    /// Address to listen on; port 0 means any [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Option<String>,
    /// How others reach this node
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Settings file [default: config.toml in the home]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Write log lines as text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<String>,
    /// Print the settings in force and stop
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Node whose records are followed and whose music is asked for; may be given again
    #[arg(long, value_name = "URL")]
    pub(crate) peer: Vec<String>,
    #[command(flatten)]
    pub(crate) network: network::Network,
    #[command(flatten)]
    pub(crate) peers: PeerFlags,
}

/// How a node takes part in swarms.
#[derive(Args, Debug)]
#[command(next_help_heading = "Peers")]
pub(crate) struct PeerFlags {
    /// Address for BitTorrent, TCP and uTP, or off [default: 0.0.0.0:6881]
    #[arg(long, value_name = "ADDR")]
    pub(crate) bittorrent: Option<String>,
    /// Multiaddr for libp2p, or off; may be given again
    #[arg(long, value_name = "MULTIADDR")]
    pub(crate) p2p: Vec<String>,
    /// Tracker to announce to beside the node's own; may be given again
    #[arg(long, value_name = "URL")]
    pub(crate) tracker: Vec<String>,
    /// always, off, ratio:N or rate:BYTES [default: always]
    #[arg(long, value_name = "WHEN")]
    pub(crate) seeding: Option<String>,
    /// Bytes a second to all peers together, or off [default: off]
    #[arg(long, value_name = "BYTES")]
    pub(crate) upload_limit: Option<String>,
    /// Room for music kept for others [default: 10GiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) quota: Option<String>,
}

impl PeerFlags {
    /// As settings; what was not given is not there.
    pub(crate) fn settings(self) -> osp_node::config::peers::PartialPeers {
        let some = |list: Vec<String>| if list.is_empty() { None } else { Some(list) };
        osp_node::config::peers::PartialPeers {
            bittorrent: self.bittorrent,
            p2p: some(self.p2p),
            trackers: some(self.tracker),
            seeding: self.seeding,
            upload_limit: self.upload_limit,
            quota: self.quota,
            ..Default::default()
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct CidArgs {
    /// The file, or - for stdin
    pub(crate) file: PathBuf,
    /// unixfs-v1-2025 or unixfs-v0-2015
    #[arg(long, value_name = "P", default_value = "unixfs-v1-2025")]
    pub(crate) profile: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Block {
    /// Refuse to serve something
    Add {
        /// CID, track id, magnet or DID
        #[arg(value_name = "REF")]
        reference: String,
        /// Why, for your own list
        #[arg(long)]
        reason: Option<String>,
    },
    /// Serve it again
    Remove {
        /// CID, track id, magnet or DID
        #[arg(value_name = "REF")]
        reference: String,
    },
    /// Show what is refused
    List,
}

#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// A new or empty folder
    #[arg(value_name = "DIR")]
    pub(crate) target: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "DIR")]
    pub(crate) source: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// Read every stored byte and check it
    #[arg(long)]
    pub(crate) scrub: bool,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

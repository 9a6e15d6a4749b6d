//! Profiles, follows and the trust list, as clap sees them.

use super::key_value;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const EDIT_HELP: &str = "\
What is not named stays as it is. A link takes the place of one with the same name; --clear comes first.
Links are http or https; a donation may also be bitcoin:, ethereum:, lightning:, monero: or payto:

Examples:
  osp profile edit --name Ana --bio 'Field recordings' --avatar ana.jpg
  osp profile edit --link Website=https://ana.example --donate Bitcoin=bitcoin:bc1q...
  osp profile edit --clear links --link Website=https://ana.example";

#[derive(Debug, Subcommand)]
pub(crate) enum Profile {
    /// Sign a new version of your profile
    Edit(Box<ProfileEdit>),
    /// Show a profile that is here
    Show {
        /// The artist [default: the default identity]
        did: Option<String>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = EDIT_HELP)]
pub(crate) struct ProfileEdit {
    /// What listeners call you [first time: the identity's name]
    #[arg(long, value_name = "N")]
    pub(crate) name: Option<String>,
    /// A few lines about you, in plain text
    #[arg(long, value_name = "TEXT")]
    pub(crate) bio: Option<String>,
    /// A square picture: JPEG, PNG, WebP, GIF or AVIF
    #[arg(long, value_name = "IMG")]
    pub(crate) avatar: Option<PathBuf>,
    /// A wide picture
    #[arg(long, value_name = "IMG")]
    pub(crate) banner: Option<PathBuf>,
    /// A page of yours; may be given several times
    #[arg(long, value_name = "NAME=URL", value_parser = key_value)]
    pub(crate) link: Vec<(String, String)>,
    /// Where to give; may be given several times
    #[arg(long, value_name = "NAME=URL", value_parser = key_value)]
    pub(crate) donate: Vec<(String, String)>,
    /// Take something out; may be given several times
    #[arg(long, value_name = "FIELD")]
    pub(crate) clear: Vec<Field>,
    /// Identity that signs, DID or name [default: the default one]
    #[arg(long, value_name = "DID")]
    pub(crate) artist_id: Option<String>,
    /// Also send it to the node at URL (its token in OSP_TOKEN)
    #[arg(long, value_name = "URL")]
    pub(crate) to: Vec<String>,
}

/// What can be taken out of a profile.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Field {
    Bio,
    Avatar,
    Banner,
    Links,
    Donations,
}

#[derive(Args, Debug)]
pub(crate) struct Follow {
    /// Whom to follow
    #[arg(value_name = "DID", required_unless_present = "list", conflicts_with = "list")]
    pub(crate) did: Option<String>,
    /// No longer follow
    #[arg(long, conflicts_with = "list")]
    pub(crate) stop: bool,
    /// Show whom you follow
    #[arg(long)]
    pub(crate) list: bool,
    /// Identity that signs, DID or name [default: the default one]
    #[arg(long, value_name = "DID")]
    pub(crate) artist_id: Option<String>,
    /// Also send it to the node at URL (its token in OSP_TOKEN)
    #[arg(long, value_name = "URL", conflicts_with = "list")]
    pub(crate) to: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Trust {
    /// Put an artist's tracks first in searches here
    Add {
        /// The artist
        did: String,
        /// Why, for your own list
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Take an artist off the list
    Remove {
        /// The artist
        did: String,
    },
    /// Show the list
    List,
}

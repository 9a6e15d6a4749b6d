//! `osp site`.

use clap::{Args, Subcommand, ValueEnum};
use osp_node::pages::language::Language;
use std::path::PathBuf;

const EXPORT_HELP: &str = "\
Any host that serves files will do, and the pages may lie in a folder of it. They play, verify and unlock in the browser; nothing of \
ours runs anywhere. The same command brings DIR up to date: what has not changed is not touched, what went is taken away, and files \
that others put there stay.

Examples:
  osp site export site --public-url https://max.example/music
  osp site export site --artist did:key:z6Mk... && rsync -a --delete site/ host:www/
  osp site export site --lang de
  osp site export site && python3 -m http.server -d site
  osp license issue RELEASE --out site/audio    licences beside a sealed file are found with the key alone";

/// `osp site`
#[derive(Debug, Subcommand)]
pub(crate) enum Site {
    /// Write pages, feeds, records and audio as plain files for any host
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
}

/// `osp site export`
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// A new or empty folder, or one of an earlier export
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only this artist's music [default: everything here]
    #[arg(long, value_name = "DID")]
    pub(crate) artist: Option<String>,
    /// Where DIR will be found; podcast feeds, previews of shared links and web seeds need it
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// What the pages are written in; the player speaks the listener's language in any case
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: PageLanguage,
}

/// Languages of the pages.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PageLanguage {
    En,
    De,
}

impl From<PageLanguage> for Language {
    fn from(language: PageLanguage) -> Self {
        match language {
            PageLanguage::En => Self::En,
            PageLanguage::De => Self::De,
        }
    }
}

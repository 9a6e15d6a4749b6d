//! The node as a library: the one place where stores, keys, delivery and the HTTP interface are put together.
//!
//! `osp` (the command line), the web client and, later, the desktop program and the artist's portal are thin over
//! this crate; it holds no protocol logic of its own (that is in `osp-core` and `osp-delivery`).
//!
//! | module | subject |
//! |---|---|
//! | [`filename`] | file names made of titles and attachments' names |
//! | [`home`] | the folder of one node: paths, lock, API token |
//! | [`identity`] | artists' key files |
//! | [`node`] | [`Node`]: the composition root |
//! | [`publish`] | from audio files to signed, stored Track Records |
//! | [`downloads`] | what is fetched from elsewhere, and how it is kept |
//! | [`play`] | from what a person names to audio that can be read at once |
//! | [`resolve`] | from a REF to verified records and bytes |
//! | [`verify`] | one record, and optionally a file, judged |
//! | [`sealed`] | sealed releases: files into an SMSG file and out of it |
//! | [`sales`] | sealed releases on the seller's side: keys, licences, ledger |
//! | [`seeding`] | what is kept for others, within a quota |
//! | [`social`] | profiles, follows, and whom the user trusts |
//! | [`peering`] | this home among peers: the hub, and what it seeds |
//! | [`keep`] | backup and restore |
//! | [`moderation`] | what the operator refuses to serve |
//! | [`config`] | settings from file, environment and flags |
//! | [`http`] | the HTTP interface (spec/openapi.json) |
//! | [`pages`] | the HTML a listener sees, rendered here first |
//! | [`site`] | pages, music and records as plain files for any host |
//! | [`staged`] | a file that appears whole or not at all |
//! | [`server`] | listeners, ready line, graceful shutdown |

mod beside;
pub mod config;
mod crowd;
pub mod discovery;
pub mod downloads;
pub mod filename;
pub mod home;
pub mod http;
pub mod identity;
pub mod keep;
pub mod moderation;
pub mod node;
mod pace;
pub mod pages;
pub mod peering;
pub mod play;
pub mod publish;
pub mod resolve;
pub mod sales;
pub mod sealed;
pub mod seeding;
pub mod server;
pub mod site;
pub mod social;
pub mod staged;
pub mod verify;

pub use home::Home;
pub use node::{Node, NodeOptions};

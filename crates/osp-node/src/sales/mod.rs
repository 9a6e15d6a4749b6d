//! Selling sealed releases: who has a file's secret, what was sold of it, and new keys to it.
//!
//! A sealed file never changes once it is published. What changes is on the seller's side:
//!
//! ```text
//!  <home>/releases/                     0700
//!    <H in base32>/                     one folder for each sealed file, by its id (spec/SMSG.md 19.1)
//!      release.json     0600            header, and the root of its keys under the artist's own key
//!      ledger.jsonl     0600            what was sold, one line for each sale or note; only ever appended to
//! ```
//!
//! ```text
//!  osp seal ────────► Custody::keep ── root, minted keys' ids
//!  osp license issue ─► Kept::unlock ── keys ── Licence::issue ──► X.smsgl, key text ──► buyer
//!                                          └─ ledger: serial, key's id, terms, price, buyer
//! ```
//!
//! **The root is as safe as the identity.** It is wrapped under a key made of the artist's own signing key and the file's id, so
//! there is no second passphrase, and whoever has the identity and this folder can sell. Both belong in a backup.
//!
//! **Texts of keys are not kept**, only their ids. A ledger that gets into wrong hands opens nothing, and the shop can still
//! find the sale of a key that turned up somewhere: an id is computed of text and file. The price: a lost key cannot be sent
//! again; a new licence is issued instead.

mod custody;
mod error;
pub mod issue;
pub mod ledger;
pub mod opens;
pub mod price;
pub mod rekey;
pub mod report;
mod settle;
mod shelf;

pub use custody::{Custody, Deposit, Kept, Minted, id_in_base32};
pub use error::CustodyError;
pub use settle::Numbers;
pub use shelf::Shelf;
#[cfg(test)]
mod selling_tests;
#[cfg(test)]
mod tests;

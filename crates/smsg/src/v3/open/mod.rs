//! Opening files, without I/O of its own: what wants bytes says which, and is given them.
//!
//! ```text
//! Front ── header, table head ──> Lookup / Licence / passphrase / open to all ──> Granted ──> Session ── chunks
//! ```
//!
//! All that is asked for before the chunks lies in the order of the file, so the same code reads a stream once from its beginning
//! ([`unseal`]) and fetches ranges ([`drive`] with [`Begun`]).

mod asks;
mod front;
mod session;
mod stream;

pub use asks::{Asks, Begun, drive};
pub use front::{Expected, Front, FrontReader};
pub use session::{Plan, Session, Trust};
pub use stream::{OpenError, Opened, Opener, unseal};

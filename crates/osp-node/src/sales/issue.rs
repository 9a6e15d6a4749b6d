//! Licences for a file that is out already. The file itself is neither read nor changed.
//!
//! ```text
//! ledger locked ── keys drawn, licences signed ── begun + sales, one wait ── licences, one wait ── handed out
//! ```
//!
//! The ledger comes first: there is never a licence that it does not know. What then could not be delivered is noted in it; after a
//! kill the next one who opens the ledger does that ([`super::settle`]).

use super::{
    CustodyError, Kept,
    ledger::{Event, KeyId, Line, Sale},
    opens::{Opens, OpensError},
    price::Price,
    settle::{self, Numbers},
};
use crate::{
    identity::Signatory,
    sealed::{release::about, signing::Artist},
};
use smsg::{
    keys::licence_key::{BadPrefix, DEFAULT_PREFIX, Style},
    v3::{
        SealError,
        key_text::LicenceKey,
        licence::{self, Licence},
        terms::{Kind, Terms},
    },
};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Most licences of one order.
pub const MAX_COUNT: u32 = 100_000;

/// What to issue.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// What it is sold as.
    pub sale: about::Sale,
    /// What it opens; of a preview without anything said, the first 30 seconds.
    pub opens: Opens,
    /// Not before, Unix seconds. A request.
    pub not_before: Option<u64>,
    /// Who buys it.
    pub buyer: Option<String>,
    /// The shop's own number; the ledger's serial otherwise.
    pub number: Option<String>,
    /// What is paid.
    pub paid: Option<Price>,
    /// How many, each with a key of its own.
    pub count: u32,
}

/// A licence and its key. The key is wiped when dropped, and stands nowhere else.
#[derive(Clone, Debug)]
pub struct Issued {
    /// What the ledger says.
    pub sale: Sale,
    /// For the buyer.
    pub key: LicenceKey,
    /// What the file is called on a host.
    pub name: String,
    /// The bytes of the file.
    pub licence: Vec<u8>,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// Keys or ledger.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// There is no such thing to sell.
    #[error(transparent)]
    Opens(#[from] OpensError),
    /// It would begin after its end.
    #[error("the licence would end before it begins; give a later end")]
    Backwards,
    /// More than one call issues.
    #[error("{0} licences at once are too many; issue at most {MAX_COUNT}")]
    TooMany(u32),
    /// The release's prefix.
    #[error(transparent)]
    Prefix(#[from] BadPrefix),
    /// The format refuses it.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Licences could not be handed over; the ledger says so.
    #[error("cannot write {}: {source}; nothing was handed out, and the ledger has a note of it", .path.display())]
    Deliver {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Issues, enters and delivers. `deliver` gets all of them after the ledger has them on the disk; what it cannot hand over gets a
/// note there. `folder`: where it puts each under its own name, if it does. `at` is now, RFC 3339.
///
/// # Errors
/// [`IssueError`].
pub fn issue(
    kept: &Kept,
    artist: &Signatory,
    order: &Order,
    at: &str,
    folder: Option<&Path>,
    deliver: &mut dyn FnMut(&[Issued]) -> Result<(), IssueError>,
) -> Result<Vec<Issued>, IssueError> {
    if order.count > MAX_COUNT {
        return Err(IssueError::TooMany(order.count));
    }
    let keys = kept.unlock(artist)?;
    let terms = terms(kept, order)?;
    let signer = Artist::new(artist);
    let mut rng = crate::sealed::rng();
    let prefix = kept.header.key_prefix.as_deref().unwrap_or(DEFAULT_PREFIX);
    let mut ledger = kept.ledger().begin()?;
    settle::settle(&mut ledger, at)?;
    let first = ledger.next_serial();
    let keys_of = Numbers { first, last: first.saturating_add(order.count.saturating_sub(1)) };
    let mut issued = Vec::new();
    for serial in (0..order.count).map(|more| first.saturating_add(more)) {
        let key = LicenceKey::generate(Style::Code, prefix, &mut rng)?;
        let secret = key.secret(kept.header.id());
        let number = order.number.clone().unwrap_or_else(|| serial.to_string());
        let terms = Terms { sale: Some(number), ..terms.clone() };
        let licence = Licence::issue(&kept.header, &keys, &secret, &terms, &signer, &mut rng)?;
        let sale = Sale::new(serial, KeyId(*secret.id()), &terms, order.paid.clone());
        issued.push(Issued { sale, name: licence::file_name(&secret), key, licence });
    }
    let line = |event| Line { at: at.to_owned(), event };
    let mut lines = vec![line(keys_of.begun(folder))];
    lines.extend(issued.iter().map(|issued| line(Event::Sale(issued.sale.clone()))));
    ledger.append(lines)?;
    if let Err(error) = deliver(&issued) {
        const WHY: &str = "not handed out: its licence could not be written";
        settle::note(&mut ledger, keys_of, WHY, at)?;
        return Err(error);
    }
    ledger.append(vec![line(keys_of.handed_out())])?;
    Ok(issued)
}

/// What the order says, of this release.
fn terms(kept: &Kept, order: &Order) -> Result<Terms, IssueError> {
    let mut opens = order.opens.clone();
    if order.sale.kind == Kind::Preview && opens.cut.is_none() && opens.range.is_none() {
        let first = crate::sealed::release::ranges::Stretches::first_seconds(about::PREVIEW_SECONDS);
        opens.range = Some(first);
    }
    let mut terms = order.sale.terms(opens.ranges(&kept.header)?);
    (terms.cut, terms.tier) = (opens.cut, opens.tier);
    terms.not_before = order.not_before;
    terms.buyer.clone_from(&order.buyer);
    match (terms.not_before, terms.not_after) {
        (Some(begin), Some(end)) if end < begin => Err(IssueError::Backwards),
        _ => Ok(terms),
    }
}

/// The link that carries key and licence: both stand behind `#`, which browsers send to nobody. `base` is the address of the sealed
/// file, or a page's with a fragment of its own.
#[must_use]
pub fn link(base: &str, issued: &Issued) -> String {
    let joint = match base.split_once('#') {
        None => "#",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{base}{joint}k={}&l={}", issued.key.shown().as_str(), licence::to_link(&issued.licence))
}

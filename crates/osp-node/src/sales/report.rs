//! What was sold: sums, a look-up by key or number, and a table for bookkeeping.

use super::{
    CustodyError, Kept,
    ledger::{Event, KeyId, Line, Sale},
    price::Sums,
    settle,
};
use crate::sealed::release::mint::field;
use smsg::v3::key_text::LicenceKey;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// A release's sales in numbers. Keys that were never handed out count as left out alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Keys in tables, made in advance; whether they were sold the shop knows.
    pub minted: u64,
    /// Licences, by type.
    pub licences: BTreeMap<String, u64>,
    /// What was paid, by currency. Notes to leave keys out take nothing off.
    pub paid: Sums,
    /// Keys with a note to leave them out.
    pub revoked: u64,
}

impl Totals {
    /// Of these lines.
    #[must_use]
    pub fn of(lines: &[Line]) -> Self {
        let mut totals = Self::default();
        let mut revoked = std::collections::HashSet::new();
        let never = settle::never(lines);
        let is_out = |line: &&Line| {
            line.event.sale().is_none_or(|sale| !never.iter().any(|numbers| numbers.contains(sale.serial)))
        };
        for line in lines.iter().filter(is_out) {
            match &line.event {
                Event::Minted(_) => totals.minted += 1,
                Event::Sale(sale) => *totals.licences.entry(sale.licence.clone()).or_default() += 1,
                Event::RevokeNote { key, .. } => _ = revoked.insert(*key),
                _ => {}
            }
            if let Some(paid) = line.event.sale().and_then(|sale| sale.paid.as_ref()) {
                totals.paid.add(paid);
            }
        }
        totals.revoked = revoked.len() as u64;
        totals
    }
}

/// A sale that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Of what.
    pub release: Kept,
    /// What was sold.
    pub sale: Sale,
    /// When, RFC 3339.
    pub at: String,
    /// Whether it was made in advance, for a table.
    pub minted: bool,
    /// The note to leave it out, if there is one: when, and why.
    pub note: Option<(String, Option<String>)>,
}

/// By what a sale is looked for.
#[derive(Clone, Debug)]
pub enum By {
    /// The buyer's key, such as one that was found where it should not be.
    Key(LicenceKey),
    /// A key's id, as licences have it.
    Id(KeyId),
    /// The number.
    Serial(u32),
}

/// All sales that it may be: a number can be in several releases.
///
/// # Errors
/// [`CustodyError`].
pub fn find(releases: Vec<Kept>, by: &By) -> Result<Vec<Found>, CustodyError> {
    let mut all = Vec::new();
    for release in releases {
        let id = match by {
            By::Key(key) => Some(KeyId(*key.secret(release.header.id()).id())),
            By::Id(id) => Some(*id),
            By::Serial(_) => None,
        };
        let lines = release.ledger().read()?;
        let matches = |sale: &Sale| match by {
            By::Serial(serial) => sale.serial == *serial,
            _ => Some(sale.key) == id,
        };
        for line in &lines {
            let Some(sale) = line.event.sale().filter(|sale| matches(sale)) else { continue };
            all.push(Found {
                release: release.clone(),
                sale: sale.clone(),
                at: line.at.clone(),
                minted: matches!(line.event, Event::Minted(_)),
                note: note(&lines, sale.key),
            });
        }
    }
    Ok(all)
}

/// The first note about a key.
fn note(lines: &[Line], of: KeyId) -> Option<(String, Option<String>)> {
    lines.iter().find_map(|line| match &line.event {
        Event::RevokeNote { key, reason, .. } if *key == of => Some((line.at.clone(), reason.clone())),
        _ => None,
    })
}

/// All sales as CSV (RFC 4180), times in UTC. Texts that a spreadsheet would take for formulas are guarded.
///
/// # Errors
/// The writer's; [`CustodyError`] as [`io::Error`].
pub fn write_csv(releases: &[Kept], out: &mut dyn Write) -> io::Result<()> {
    const HEAD: &str = "release,title,serial,entry,at,licence,cut,tier,not_before,not_after,period_seconds,buyer,sale,\
                        price,currency,key_id,left_out_at,left_out_reason\r\n";
    out.write_all(HEAD.as_bytes())?;
    for release in releases {
        let lines = release.ledger().read().map_err(io::Error::other)?;
        let notes: BTreeMap<[u8; 32], _> = lines
            .iter()
            .rev()
            .filter_map(|line| match &line.event {
                Event::RevokeNote { key, reason, .. } => Some((key.0, (line.at.clone(), reason.clone()))),
                _ => None,
            })
            .collect();
        for line in &lines {
            if let Some(sale) = line.event.sale() {
                let minted = matches!(line.event, Event::Minted(_));
                row(release, line, sale, minted, notes.get(&sale.key.0), out)?;
            }
        }
    }
    Ok(())
}

fn row(
    release: &Kept,
    line: &Line,
    sale: &Sale,
    minted: bool,
    note: Option<&(String, Option<String>)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let moment = |at: Option<u64>| {
        at.and_then(|at| i64::try_from(at).ok()).map(|at| smsg::UnixTime(at).to_string()).unwrap_or_default()
    };
    let fields = [
        super::custody::id_in_base32(release.header.id()),
        release.header.title.clone(),
        sale.serial.to_string(),
        if minted { "minted" } else { "licence" }.to_owned(),
        line.at.clone(),
        sale.licence.clone(),
        text(&sale.cut),
        text(&sale.tier),
        moment(sale.not_before),
        moment(sale.not_after),
        sale.period.map(|period| period.to_string()).unwrap_or_default(),
        text(&sale.buyer),
        text(&sale.sale),
        sale.paid.as_ref().map(|paid| paid.amount.to_string()).unwrap_or_default(),
        sale.paid.as_ref().map(|paid| paid.currency.clone()).unwrap_or_default(),
        data_encoding::HEXLOWER.encode(&sale.key.0),
        note.map(|note| note.0.clone()).unwrap_or_default(),
        note.and_then(|note| note.1.clone()).unwrap_or_default(),
    ];
    writeln!(out, "{}\r", fields.map(|one| field(&one)).join(","))
}

/// Notes that this key is to be left out of tables to come. Gives `false` if there is such a note already.
///
/// # Errors
/// [`CustodyError`].
pub fn revoke_note(found: &Found, reason: Option<String>, at: &str) -> Result<bool, CustodyError> {
    let mut ledger = found.release.ledger().begin()?;
    if note(ledger.lines(), found.sale.key).is_some() {
        return Ok(false);
    }
    let event = Event::RevokeNote { serial: found.sale.serial, key: found.sale.key, reason };
    ledger.append(vec![Line { at: at.to_owned(), event }])?;
    Ok(true)
}

//! Keys made in advance: a list for a shop, each with a number by which the seller knows the sale.

use crate::{
    sealed::SealFileError,
    staged::{self, Staged},
};
use smsg::keys::licence_key::{BadPrefix, Style};
use smsg::v3::key_text::LicenceKey;
use std::{
    io::{self, Write},
    path::Path,
};

/// What a key opens.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opens {
    /// Everything, or what the licence type says.
    #[default]
    All,
    /// A cut or tier, by name.
    Named(String),
}

/// A key for a table.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The key.
    pub key: LicenceKey,
    /// The seller's number.
    pub serial: u32,
    /// What it opens.
    pub opens: Opens,
}

/// Makes `count` keys, numbered from `first`.
///
/// # Errors
/// [`BadPrefix`].
pub fn mint(count: u32, first: u32, opens: &Opens, prefix: &str) -> Result<Vec<Minted>, BadPrefix> {
    let mut rng = crate::sealed::rng();
    (0..count)
        .map(|number| {
            let key = LicenceKey::generate(Style::Code, prefix, &mut rng)?;
            Ok(Minted { key, serial: first.saturating_add(number), opens: opens.clone() })
        })
        .collect()
}

/// Writes them as CSV (RFC 4180): number, key, what it opens.
///
/// # Errors
/// The writer's.
pub fn write_csv(keys: &[Minted], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "serial,key,opens\r\n")?;
    for Minted { key, serial, opens } in keys {
        let opens = match opens {
            Opens::All => "all",
            Opens::Named(name) => name,
        };
        write!(out, "{serial},{},{}\r\n", key.shown().as_str(), field(opens))?;
    }
    Ok(())
}

/// Writes them to a file that only its owner may read: whole, and on the disk when this returns.
///
/// # Errors
/// [`SealFileError::Output`].
pub fn write_list(keys: &[Minted], path: &Path, force: bool) -> Result<(), SealFileError> {
    let fail = |source| SealFileError::Output { path: path.to_owned(), source };
    let mut staged = Staged::beside(path).map_err(fail)?;
    #[cfg(unix)]
    {
        let only_mine = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
        staged.file().set_permissions(only_mine).map_err(fail)?;
    }
    let mut csv = io::BufWriter::new(staged.file());
    write_csv(keys, &mut csv).and_then(|()| csv.flush()).map_err(fail)?;
    drop(csv);
    staged.finish().and_then(|finished| finished.place(path, force)).map_err(fail)?;
    staged::sync_folder(&staged::folder(path)).map_err(fail)
}

/// A name that would be taken for a formula is a text for every spreadsheet.
pub(crate) fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = format!("{}{text}", if formula { "'" } else { "" });
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Opens, field, mint, write_csv};

    #[test]
    fn a_list_for_a_shop() {
        let keys = mint(3, 1, &Opens::Named("=a,b".into()), "MGH").unwrap();
        let mut csv = Vec::new();
        write_csv(&keys, &mut csv).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let lines: Vec<_> = csv.split_terminator("\r\n").collect();
        assert_eq!((lines[0], lines.len()), ("serial,key,opens", 4));
        for (number, line) in lines[1..].iter().enumerate() {
            assert!(line.starts_with(&format!("{},MGH-", number + 1)), "{line}");
            assert!(line.ends_with(",\"'=a,b\""), "{line}");
        }
        assert_ne!(keys[0].key, keys[1].key);
        assert_eq!(field("plain"), "plain");
        assert!(mint(1, 1, &Opens::All, "x").is_err());
    }
}

//! The CAR header, which is DAG-CBOR: the little of RFC 8949 it takes.

use osp_core::{Cid, content::cid_from_bytes};

/// The roots of a CARv1 header.
pub(super) fn roots(bytes: &[u8]) -> Result<Vec<Cid>, &'static str> {
    let mut cbor = Cbor(bytes);
    let mut roots = None;
    let mut version = None;
    let Some((5, members)) = cbor.head() else { return Err("its header is not a map") };
    for _ in 0..members.min(16) {
        match cbor.text().ok_or("its header is not DAG-CBOR")? {
            "version" => match cbor.head() {
                Some((0, number)) => version = Some(number),
                _ => return Err("its version is no number"),
            },
            "roots" => roots = Some(cbor.cids().ok_or("its roots are not a list of CIDs")?),
            _ => return Err("its header has unknown members"),
        }
    }
    if !cbor.0.is_empty() {
        return Err("something follows its header");
    }
    if version != Some(1) {
        return Err("it is not of version 1");
    }
    roots.ok_or("it has no roots")
}

/// Definite-length CBOR, from the front.
struct Cbor<'a>(&'a [u8]);

impl<'a> Cbor<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// Major type and argument.
    fn head(&mut self) -> Option<(u8, u64)> {
        let first = self.take(1)?[0];
        let argument = match first & 0x1f {
            small @ 0..=23 => u64::from(small),
            width @ 24..=27 => {
                self.take(1 << (width - 24))?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
            }
            _ => return None,
        };
        Some((first >> 5, argument))
    }

    fn text(&mut self) -> Option<&'a str> {
        let (3, len) = self.head()? else { return None };
        std::str::from_utf8(self.take(usize::try_from(len).ok()?)?).ok()
    }

    /// A list of links: tag 42 around a byte string of 0x00 and the CID.
    fn cids(&mut self) -> Option<Vec<Cid>> {
        let (4, count) = self.head()? else { return None };
        let mut cids = Vec::new();
        for _ in 0..count {
            let ((6, 42), (2, len)) = (self.head()?, self.head()?) else { return None };
            let bytes = self.take(usize::try_from(len).ok()?)?;
            cids.push(cid_from_bytes(bytes.strip_prefix(&[0])?)?);
        }
        Some(cids)
    }
}

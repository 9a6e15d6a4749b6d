//! The CID of bytes fetched from somewhere.
//!
//! A CID does not say how the file was cut into blocks, but its form narrows it down: `Qm…` is the old layout of
//! 256 KiB wrapped leaves, `bafy…` is ours or the one `ipfs add --cid-version=1` made, `bafkrei…` is a file of
//! one leaf. All layouts that are possible are hashed at once and compared at the end.

use osp_core::{
    Cid,
    content::{DAG_PB, parse_cid, same_block},
    unixfs::{Importer, Profile},
};

/// Hashes bytes in every layout that could give the expected CID.
pub struct Hasher {
    expected: String,
    importers: Vec<Importer>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("expected", &self.expected).finish_non_exhaustive()
    }
}

impl Hasher {
    /// A hasher for bytes that should have this CID; a text that is no CID is hashed in our own layout.
    #[must_use]
    pub fn new(expected: &str) -> Self {
        let importers = layouts(expected).iter().map(|profile| Importer::new(*profile)).collect();
        Self { expected: expected.to_owned(), importers }
    }

    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for importer in &mut self.importers {
            importer.update(bytes);
        }
    }

    /// The expected CID, letter for letter, if the bytes have it; else their CID in the likeliest layout.
    #[must_use]
    pub fn finish(self) -> String {
        let expected = parse_cid(&self.expected).ok();
        let roots: Vec<Cid> = self.importers.into_iter().map(Importer::finish).collect();
        match expected {
            Some(cid) if roots.iter().any(|root| same_block(root, &cid)) => self.expected,
            _ => roots.first().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// The layouts that a CID can come from, the likeliest first.
fn layouts(cid: &str) -> &'static [Profile] {
    match parse_cid(cid) {
        Ok(cid) if is_v0(&cid) => &[Profile::V0_2015],
        // A CIDv1 of dag-pb may also be a CIDv0 written anew.
        Ok(cid) if cid.codec() == DAG_PB => &[Profile::V1_2025, Profile::V1Legacy, Profile::V0_2015],
        _ => &[Profile::V1_2025],
    }
}

/// 0 or 1; `None` when the text is no CID.
#[must_use]
pub fn version(text: &str) -> Option<u8> {
    parse_cid(text).ok().map(|cid| u8::from(!is_v0(&cid)))
}

/// A CIDv0 is nothing but a multihash, so it starts with the hash code; a CIDv1 starts with its version.
fn is_v0(cid: &Cid) -> bool {
    cid.to_bytes().first() != Some(&1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_layout_is_recognised_by_its_cid() {
        let bytes: Vec<u8> = (0..1_500_000_u32).map(|i| (i % 251) as u8).collect();
        for profile in [Profile::V0_2015, Profile::V1_2025, Profile::V1Legacy] {
            let mut importer = Importer::new(profile);
            importer.update(&bytes);
            let cid = importer.finish();
            let expected = cid.to_string();
            let mut hasher = Hasher::new(&expected);
            for part in bytes.chunks(70_000) {
                hasher.update(part);
            }
            assert_eq!(hasher.finish(), expected, "{}", profile.name());
            assert_eq!(version(&expected), Some(u8::from(profile != Profile::V0_2015)));
        }
    }

    #[test]
    fn other_bytes_get_their_own_cid() {
        let expected = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am"; // "hello\n"
        let mut hasher = Hasher::new(expected);
        hasher.update(b"hello");
        let found = hasher.finish();
        assert_ne!(found, expected);
        assert_eq!(version(&found), Some(1));
    }
}

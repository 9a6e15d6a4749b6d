//! Content identifiers: parsing, making and comparing CIDs.
//!
//! A CID names bytes by their hash. OSP writes two forms: CIDv1 base32 (`bafkrei…` for one raw block, `bafybei…`
//! for a DAG) and, when asked, CIDv0 (`Qm…`). It reads every multibase form of both.

use ::cid::multibase::Base;
pub use ::cid::{Cid, Version};
use multihash::Multihash;
use sha2::{Digest as _, Sha256};

/// Multicodec of a block of plain bytes.
pub const RAW: u64 = 0x55;
/// Multicodec of a dag-pb node.
pub const DAG_PB: u64 = 0x70;
/// Multihash code of sha2-256, the only hash OSP verifies.
pub const SHA2_256: u64 = 0x12;

/// A SHA-256 digest of one block.
pub type Digest = [u8; 32];

/// Why a text is not a CID.
#[derive(Debug, thiserror::Error)]
#[error("«{text}» is not a CID: {reason}")]
#[non_exhaustive]
pub struct CidError {
    /// The text, shortened.
    pub text: String,
    /// What the parser said.
    pub reason: String,
}

/// Parses any textual CID (CIDv0, or CIDv1 in any multibase).
///
/// # Errors
/// [`CidError`] when the text is no CID, or carries anything before or after one.
pub fn parse_cid(text: &str) -> Result<Cid, CidError> {
    let fail = |reason: String| CidError { text: text.chars().take(80).collect(), reason };
    if text.len() > 256 {
        return Err(fail("longer than 256 characters".into()));
    }
    // Not the library's own text parser: it also takes "/ipfs/…" paths, CIDv0 in any multibase, and bytes after
    // the CID, each of which would give one content several names that compare as different.
    if Version::is_v0_str(text) {
        let bytes = Base::Base58Btc.decode(text).map_err(|e| fail(e.to_string()))?;
        return cid_from_bytes(&bytes)
            .ok_or_else(|| fail("it is not the base58 of a sha2-256 multihash".into()));
    }
    let (_, bytes) = ::cid::multibase::decode(text)
        .map_err(|_| fail("it is not written in letters and digits as CIDs are".into()))?;
    let cid = cid_from_bytes(&bytes).ok_or_else(|| fail("its bytes are no CID".into()))?;
    match cid.version() {
        Version::V0 => Err(fail("a CIDv0 is written in plain base58, starting with Qm".into())),
        Version::V1 => Ok(cid),
    }
}

/// Parses a binary CID; `None` when the bytes are no CID or anything follows it.
#[must_use]
pub fn cid_from_bytes(bytes: &[u8]) -> Option<Cid> {
    let mut rest = bytes;
    let cid = Cid::read_bytes(&mut rest).ok()?;
    rest.is_empty().then_some(cid)
}

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// CIDv1 raw of a digest (`bafkrei…`).
#[must_use]
pub fn raw_cid(digest: Digest) -> Cid {
    Cid::new_v1(RAW, multihash(digest))
}

/// CIDv1 dag-pb of a digest (`bafybei…`).
#[must_use]
pub fn dag_pb_cid(digest: Digest) -> Cid {
    Cid::new_v1(DAG_PB, multihash(digest))
}

/// CIDv0 of a digest (`Qm…`).
#[must_use]
pub fn cid_v0(digest: Digest) -> Cid {
    Cid::new_v0(multihash(digest)).expect("sha2-256 of 32 bytes is what CIDv0 is defined for")
}

/// The sha2-256 digest inside a CID; `None` for any other hash function, which OSP cannot verify.
#[must_use]
pub fn digest_of(cid: &Cid) -> Option<Digest> {
    (cid.hash().code() == SHA2_256).then(|| cid.hash().digest().try_into().ok()).flatten()
}

/// Whether two CIDs name the same block: same codec and hash, whatever the version (CIDv0 is dag-pb).
#[must_use]
pub fn same_block(a: &Cid, b: &Cid) -> bool {
    a.codec() == b.codec() && a.hash() == b.hash()
}

fn multihash(digest: Digest) -> Multihash<64> {
    Multihash::wrap(SHA2_256, &digest).expect("32 bytes fit a 64-byte multihash")
}

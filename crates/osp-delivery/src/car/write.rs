//! Writing a CAR: the two parts that are not the blocks themselves.

use osp_core::Cid;

/// The header with its length, for one root.
#[must_use]
pub fn header(root: &Cid) -> Vec<u8> {
    let cid = root.to_bytes();
    // {"roots": [42(h'00' + CID)], "version": 1}; a CID of sha2-256 is at most 36 bytes.
    let mut map = vec![0xa2, 0x65];
    map.extend_from_slice(b"roots");
    map.extend_from_slice(&[0x81, 0xd8, 0x2a, 0x58, cid.len() as u8 + 1, 0x00]);
    map.extend_from_slice(&cid);
    map.push(0x67);
    map.extend_from_slice(b"version");
    map.push(0x01);
    let mut out = varint(map.len());
    out.extend(map);
    out
}

/// What stands before a block of `len` bytes: the section's length and the CID.
#[must_use]
pub fn section_head(cid: &Cid, len: usize) -> Vec<u8> {
    let cid = cid.to_bytes();
    let mut out = varint(cid.len() + len);
    out.extend(cid);
    out
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

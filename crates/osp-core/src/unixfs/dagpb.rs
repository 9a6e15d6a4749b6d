//! The bytes of dag-pb blocks and of the UnixFS message inside them.
//!
//! ```text
//!  PBNode  { repeated PBLink Links = 2;  bytes Data = 1 }          links are written first, whatever their number
//!  PBLink  { bytes Hash = 1;  string Name = 2;  uint64 Tsize = 3 } Name is written though empty
//!  UnixFS  { Type = 1;  bytes Data = 2;  uint64 filesize = 3;  repeated uint64 blocksizes = 4 }
//! ```
//!
//! The decoder is total: any bytes give a value or a reason. It takes what Kubo takes (Data before or after the
//! links, varints longer than needed, unknown members of UnixFS) and refuses what Kubo refuses (two Data members,
//! unknown members of PBNode and PBLink, a link without Hash). What it reads was hashed first, so a second way to
//! write the same node is merely another CID.

use crate::Cid;
use std::ops::Range;

/// UnixFS `Raw`: a leaf of old importers.
pub(super) const TYPE_RAW: u64 = 0;
/// UnixFS `File`.
pub(super) const TYPE_FILE: u64 = 2;

/// A link of an interior node that is being built.
#[derive(Clone, Copy)]
pub(super) struct Child {
    pub(super) cid: Cid,
    /// Bytes of file below it.
    pub(super) size: u64,
    /// Bytes of all blocks below it, itself included (`Tsize`).
    pub(super) dag_size: u64,
}

/// What stands before and after the data of a wrapped leaf.
pub(super) fn leaf_wrapping(unixfs_type: u64, data_len: usize) -> (Vec<u8>, Vec<u8>) {
    let mut head = vec![0x08];
    put_varint(&mut head, unixfs_type);
    if data_len > 0 {
        head.push(0x12);
        put_varint(&mut head, data_len as u64);
    }
    let mut tail = vec![0x18];
    put_varint(&mut tail, data_len as u64);
    let mut outer = vec![0x0a];
    put_varint(&mut outer, (head.len() + data_len + tail.len()) as u64);
    outer.extend(head);
    (outer, tail)
}

/// The block of an interior node.
pub(super) fn encode_node(children: &[Child]) -> Vec<u8> {
    let mut out = Vec::with_capacity(children.len() * 52 + 16);
    let mut message = Vec::new();
    for child in children {
        message.clear();
        put_bytes(&mut message, 0x0a, &child.cid.to_bytes());
        put_bytes(&mut message, 0x12, b"");
        message.push(0x18);
        put_varint(&mut message, child.dag_size);
        put_bytes(&mut out, 0x12, &message);
    }
    message.clear();
    message.extend([0x08, TYPE_FILE as u8, 0x18]);
    put_varint(&mut message, children.iter().map(|c| c.size).sum());
    for child in children {
        message.push(0x20);
        put_varint(&mut message, child.size);
    }
    put_bytes(&mut out, 0x0a, &message);
    out
}

fn put_bytes(out: &mut Vec<u8>, key: u8, bytes: &[u8]) {
    out.push(key);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A dag-pb node as read.
pub(super) struct PbNode {
    /// The links' CIDs, in order.
    pub(super) links: Vec<Cid>,
    /// Where the UnixFS message is in the block.
    pub(super) data: Option<Range<usize>>,
}

/// A UnixFS message as read.
#[derive(Default)]
pub(super) struct UnixFs {
    pub(super) kind: Option<u64>,
    /// Where the file data is in the block.
    pub(super) data: Option<Range<usize>>,
    pub(super) file_size: Option<u64>,
    pub(super) block_sizes: Vec<u64>,
}

/// Reads a PBNode with at most `max_links` links.
pub(super) fn decode_node(block: &[u8], max_links: usize) -> Result<PbNode, &'static str> {
    let mut node = PbNode { links: Vec::new(), data: None };
    let mut fields = Fields { bytes: block, range: 0..block.len() };
    while let Some(field) = fields.next()? {
        match field {
            Field::Bytes(1, range) if node.data.is_none() => node.data = Some(range),
            Field::Bytes(1, _) => return Err("its dag-pb has two Data members"),
            Field::Bytes(2, _) if node.links.len() == max_links => return Err("it has too many links"),
            Field::Bytes(2, range) => node.links.push(decode_link(block, range)?),
            _ => return Err("it is not dag-pb"),
        }
    }
    Ok(node)
}

/// Reads a PBLink; its name and Tsize say nothing about a file.
fn decode_link(block: &[u8], range: Range<usize>) -> Result<Cid, &'static str> {
    let mut cid = None;
    let mut fields = Fields { bytes: block, range };
    while let Some(field) = fields.next()? {
        match field {
            Field::Bytes(1, hash) if cid.is_none() => {
                cid = Some(crate::content::cid_from_bytes(&block[hash]).ok_or("a link of it is no CID")?);
            }
            Field::Bytes(2, _) | Field::Varint(3, _) => {}
            _ => return Err("a link of it is not dag-pb"),
        }
    }
    cid.ok_or("a link of it has no CID")
}

/// Reads the UnixFS message at `range`, with at most `max_links` block sizes.
pub(super) fn decode_unixfs(
    block: &[u8],
    range: Range<usize>,
    max_links: usize,
) -> Result<UnixFs, &'static str> {
    const TOO_MANY: &str = "it has too many block sizes";
    let mut message = UnixFs::default();
    let mut fields = Fields { bytes: block, range };
    while let Some(field) = fields.next()? {
        match field {
            Field::Varint(1, kind) => message.kind = Some(kind),
            Field::Bytes(2, data) => message.data = Some(data),
            Field::Varint(3, size) => message.file_size = Some(size),
            Field::Varint(4, _) if message.block_sizes.len() == max_links => return Err(TOO_MANY),
            Field::Varint(4, size) => message.block_sizes.push(size),
            // The packed form of the same.
            Field::Bytes(4, packed) => {
                let mut sizes = Fields { bytes: block, range: packed };
                while !sizes.range.is_empty() {
                    if message.block_sizes.len() == max_links {
                        return Err(TOO_MANY);
                    }
                    message.block_sizes.push(sizes.varint()?);
                }
            }
            Field::Varint(1..=4, _) | Field::Bytes(1..=4, _) | Field::Fixed(1..=4) => {
                return Err("its UnixFS message has a member of the wrong type");
            }
            // mode, mtime, fanout, hashType and whatever comes later.
            Field::Varint(..) | Field::Bytes(..) | Field::Fixed(_) => {}
        }
    }
    Ok(message)
}

/// One member of a protobuf message: field number and value.
enum Field {
    Varint(u64, u64),
    /// Where its bytes are in the block.
    Bytes(u64, Range<usize>),
    /// A fixed32 or fixed64, which no message here uses.
    Fixed(u64),
}

/// Walks the members of the protobuf message at `range`.
struct Fields<'a> {
    bytes: &'a [u8],
    range: Range<usize>,
}

impl Fields<'_> {
    fn next(&mut self) -> Result<Option<Field>, &'static str> {
        if self.range.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let number = key >> 3;
        if number == 0 {
            return Err("it is not protobuf");
        }
        Ok(Some(match key & 7 {
            0 => Field::Varint(number, self.varint()?),
            1 => {
                self.take(8)?;
                Field::Fixed(number)
            }
            2 => {
                let len = self.varint()?;
                Field::Bytes(number, self.take(len)?)
            }
            5 => {
                self.take(4)?;
                Field::Fixed(number)
            }
            _ => return Err("it is not protobuf"),
        }))
    }

    fn take(&mut self, len: u64) -> Result<Range<usize>, &'static str> {
        if len > self.range.len() as u64 {
            return Err("its protobuf is cut short");
        }
        let start = self.range.start;
        self.range.start += len as usize;
        Ok(start..self.range.start)
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let at = self.take(1)?.start;
            let byte = self.bytes[at];
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("its protobuf has a number over 64 bits")
    }
}

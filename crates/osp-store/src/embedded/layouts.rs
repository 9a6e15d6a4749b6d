//! Layouts and blocks in the database.
//!
//! The column `leaves` of a layout:
//!
//! ```text
//!  0                                        all leaves of one kind and length, the last one perhaps shorter
//!  ├ 1 byte   0
//!  ├ 1 byte   kind (0 raw, 1 wrapped File, 2 wrapped Raw)
//!  ├ 4 bytes  length, big-endian
//!  └ 32 bytes digest, for every leaf
//!
//!  0                                        any other
//!  ├ 1 byte   1
//!  └ 37 bytes kind, length, digest, for every leaf
//! ```

use super::{
    fail::Failure,
    key::{ContentKey, WrittenCid},
    standing::column,
};
use crate::StoreError;
use osp_core::{
    Cid,
    unixfs::{Layout, LeafKind, LeafRef, NodeBlock},
};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

/// `blocks.kind` of an interior node.
const INTERIOR: i64 = 3;

/// Where a block is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockPlace {
    /// The blob it belongs to.
    pub(super) blob: ContentKey,
    /// Bytes of the blob.
    pub(super) blob_size: u64,
    /// Whether it belongs to the blob's primary layout.
    pub(super) primary: bool,
    /// What to make it from.
    pub(super) from: BlockSource,
}

/// What a block is made from.
#[derive(Clone, Copy, Debug)]
pub(super) enum BlockSource {
    /// Bytes of the file.
    Leaf { kind: LeafKind, offset: u64, len: u64 },
    /// A stored node.
    Node { layout: i64, ordinal: i64 },
}

/// Adds a layout and its blocks; `false` when the root is there already.
pub(super) fn insert(tx: &Transaction<'_>, blob: i64, layout: &Layout) -> Result<bool, Failure> {
    let added = tx
        .prepare_cached(
            "INSERT INTO layouts (blob, root, cid, leaves) VALUES (?, ?, ?, ?) ON CONFLICT (root) DO NOTHING",
        )?
        .execute((blob, ContentKey::of(&layout.root), layout.root.to_bytes(), encode(&layout.leaves)))?;
    if added == 0 {
        return Ok(false);
    }
    let row = tx.last_insert_rowid();
    let mut block = tx.prepare_cached(
        "INSERT OR IGNORE INTO blocks (key, layout, kind, start, len) VALUES (?, ?, ?, ?, ?)",
    )?;
    for leaf in &layout.leaves {
        let start = i64::try_from(leaf.offset).unwrap_or(i64::MAX);
        block.execute((
            ContentKey::of(&leaf.cid()),
            row,
            i64::from(kind_byte(leaf.kind)),
            start,
            leaf.len,
        ))?;
    }
    let mut node_row =
        tx.prepare_cached("INSERT INTO nodes (layout, ordinal, cid, bytes) VALUES (?, ?, ?, ?)")?;
    for (ordinal, node) in (0_i64..).zip(&layout.nodes) {
        node_row.execute((row, ordinal, node.cid.to_bytes(), &node.bytes))?;
        let len = i64::try_from(node.bytes.len()).unwrap_or(i64::MAX);
        block.execute((ContentKey::of(&node.cid), row, INTERIOR, ordinal, len))?;
    }
    Ok(true)
}

/// Removes all layouts of a blob.
pub(super) fn remove(tx: &Transaction<'_>, blob: i64) -> Result<(), Failure> {
    for row in column::<i64>(tx, "SELECT id FROM layouts WHERE blob = ?", [blob])? {
        let leaves: Vec<u8> = tx.query_row("SELECT leaves FROM layouts WHERE id = ?", [row], |r| r.get(0))?;
        let mut keys: Vec<ContentKey> =
            decode(&leaves, u64::MAX)?.iter().map(|leaf| ContentKey::of(&leaf.cid())).collect();
        keys.extend(column::<ContentKey>(tx, "SELECT cid FROM nodes WHERE layout = ?", [row])?);
        let mut block = tx.prepare_cached("DELETE FROM blocks WHERE key = ? AND layout = ?")?;
        for key in keys {
            block.execute((key, row))?;
        }
        tx.execute("DELETE FROM nodes WHERE layout = ?", [row])?;
        tx.execute("DELETE FROM layouts WHERE id = ?", [row])?;
    }
    Ok(())
}

/// The layout with this root.
pub(super) fn load(db: &Connection, root: ContentKey) -> Result<Option<Layout>, Failure> {
    let found = db
        .prepare_cached(
            "SELECT l.id, l.cid, l.leaves, b.size FROM layouts l JOIN blobs b ON b.id = l.blob WHERE l.root = ?",
        )?
        .query_row([root], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, WrittenCid>(1)?, row.get::<_, Vec<u8>>(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((row, WrittenCid(root), leaves, size)) = found else { return Ok(None) };
    let leaves = decode(&leaves, size)?;
    let mut query = db.prepare_cached("SELECT cid, bytes FROM nodes WHERE layout = ? ORDER BY ordinal")?;
    let nodes = query
        .query_map([row], |row| Ok(NodeBlock { cid: row.get::<_, WrittenCid>(0)?.0, bytes: row.get(1)? }))?;
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Layout { root, size, nodes, leaves }))
}

/// The roots of a blob, as they were written, the primary one first.
pub(super) fn roots(db: &Connection, blob: i64) -> Result<Vec<Cid>, Failure> {
    let cids: Vec<WrittenCid> = column(db, "SELECT cid FROM layouts WHERE blob = ? ORDER BY id", [blob])?;
    Ok(cids.into_iter().map(|cid| cid.0).collect())
}

/// These roots and all others of the blobs they belong to.
pub(super) fn all_roots(db: &Connection, roots: &[Cid]) -> Result<Vec<ContentKey>, Failure> {
    let mut keys: Vec<ContentKey> = Vec::new();
    for root in roots.iter().map(ContentKey::of) {
        let same: Vec<ContentKey> = column(
            db,
            "SELECT other.root FROM layouts one JOIN layouts other ON other.blob = one.blob WHERE one.root = ?",
            [root],
        )?;
        for key in std::iter::once(root).chain(same) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

/// Everywhere this block is, primary layouts first: their leaves need no second check.
pub(super) fn places(db: &Connection, block: ContentKey) -> Result<Vec<BlockPlace>, Failure> {
    let mut query = db.prepare_cached(
        "SELECT b.cid, b.size, l.root = b.cid, k.kind, k.start, k.len, k.layout
         FROM blocks k JOIN layouts l ON l.id = k.layout JOIN blobs b ON b.id = l.blob
         WHERE k.key = ? ORDER BY l.root = b.cid DESC",
    )?;
    let mut rows = query.query([block])?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, start): (i64, i64) = (row.get(3)?, row.get(4)?);
        let from = if kind == INTERIOR {
            BlockSource::Node { layout: row.get(6)?, ordinal: start }
        } else {
            let kind = u8::try_from(kind).ok().and_then(leaf_kind).ok_or_else(damaged)?;
            BlockSource::Leaf { kind, offset: row.get(4)?, len: row.get(5)? }
        };
        places.push(BlockPlace { blob: row.get(0)?, blob_size: row.get(1)?, primary: row.get(2)?, from });
    }
    Ok(places)
}

/// The bytes of an interior node.
pub(super) fn node(db: &Connection, layout: i64, ordinal: i64) -> Result<Option<Vec<u8>>, Failure> {
    let mut query = db.prepare_cached("SELECT bytes FROM nodes WHERE layout = ? AND ordinal = ?")?;
    Ok(query.query_row((layout, ordinal), |row| row.get(0)).optional()?)
}

fn encode(leaves: &[LeafRef]) -> Vec<u8> {
    let Some((first, last)) = leaves.first().zip(leaves.last()) else { return vec![1] };
    let body = &leaves[..leaves.len() - 1];
    let uniform = body.iter().all(|leaf| leaf.len == first.len)
        && last.len <= first.len
        && leaves.iter().all(|leaf| leaf.kind == first.kind);
    let mut bytes = Vec::with_capacity(leaves.len() * if uniform { 32 } else { 37 } + 6);
    if uniform {
        bytes.extend([0, kind_byte(first.kind)]);
        bytes.extend(first.len.to_be_bytes());
        leaves.iter().for_each(|leaf| bytes.extend(leaf.digest));
    } else {
        bytes.push(1);
        for leaf in leaves {
            bytes.push(kind_byte(leaf.kind));
            bytes.extend(leaf.len.to_be_bytes());
            bytes.extend(leaf.digest);
        }
    }
    bytes
}

/// `size`: of the file, for the length of the last leaf.
fn decode(bytes: &[u8], size: u64) -> Result<Vec<LeafRef>, Failure> {
    let mut leaves = Vec::new();
    let mut offset = 0_u64;
    let mut push = |kind: u8, len: [u8; 4], digest: &[u8; 32]| {
        let kind = leaf_kind(kind)?;
        let len = u32::try_from(size.saturating_sub(offset)).unwrap_or(u32::MAX).min(u32::from_be_bytes(len));
        leaves.push(LeafRef { digest: *digest, offset, len, kind });
        offset += u64::from(len);
        Some(())
    };
    let parsed = match bytes {
        [0, kind, a, b, c, d, digests @ ..] => {
            let (digests, rest) = digests.as_chunks::<32>();
            digests
                .iter()
                .try_for_each(|digest| push(*kind, [*a, *b, *c, *d], digest))
                .filter(|()| rest.is_empty())
        }
        [1, leaves @ ..] => {
            let (leaves, rest) = leaves.as_chunks::<37>();
            let each = |[kind, a, b, c, d, digest @ ..]: &[u8; 37]| push(*kind, [*a, *b, *c, *d], digest);
            leaves.iter().try_for_each(each).filter(|()| rest.is_empty())
        }
        _ => None,
    };
    parsed.ok_or_else(damaged)?;
    Ok(leaves)
}

fn damaged() -> Failure {
    StoreError::Database("a stored layout is damaged; restore a backup with «osp restore»".into()).into()
}

fn kind_byte(kind: LeafKind) -> u8 {
    match kind {
        LeafKind::Raw => 0,
        LeafKind::WrappedFile => 1,
        LeafKind::WrappedRaw => 2,
    }
}

fn leaf_kind(byte: u8) -> Option<LeafKind> {
    [LeafKind::Raw, LeafKind::WrappedFile, LeafKind::WrappedRaw].get(usize::from(byte)).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn leaves(list: &[(LeafKind, u32)]) -> Vec<LeafRef> {
        let mut offset = 0;
        list.iter()
            .zip(1_u8..)
            .map(|((kind, len), n)| {
                let leaf = LeafRef { digest: [n; 32], offset, len: *len, kind: *kind };
                offset += u64::from(*len);
                leaf
            })
            .collect()
    }

    #[test]
    fn leaves_are_read_as_they_were_written() {
        use LeafKind::{Raw, WrappedFile, WrappedRaw};
        for (list, length) in [
            (vec![(Raw, 0)], 6 + 32),
            (vec![(Raw, 1024), (Raw, 1024), (Raw, 3)], 6 + 3 * 32),
            (vec![(WrappedRaw, 7), (WrappedRaw, 7)], 6 + 2 * 32),
            (vec![(Raw, 3), (Raw, 1024)], 1 + 2 * 37),
            (vec![(Raw, 5), (WrappedFile, 5)], 1 + 2 * 37),
        ] {
            let leaves = leaves(&list);
            let size = leaves.last().unwrap().end();
            let bytes = encode(&leaves);
            assert_eq!(bytes.len(), length);
            assert_eq!(decode(&bytes, size).unwrap(), leaves);
        }
    }

    #[test]
    fn damaged_leaves_are_refused() {
        for bytes in [&[][..], &[2], &[0, 0, 0], &[0, 9, 0, 0, 0, 1, 1], &[1, 0, 0]] {
            assert!(decode(bytes, 10).is_err(), "{bytes:?}");
        }
    }
}

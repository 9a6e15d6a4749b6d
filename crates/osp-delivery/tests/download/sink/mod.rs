//! What the tests of delivery share: a sink that remembers, and files as gateways serve them.
#![allow(dead_code, reason = "each test uses its part")]

use crate::server::{Reply, Seen};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{cid_v0, same_block},
    unixfs::{Importer, Layout, Profile},
};
use osp_delivery::{SinkError, VerifiedSink, car};

/// Remembers everything it was told.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) spooled: usize,
    pub(crate) size: Option<u64>,
    pub(crate) restarts: usize,
    /// Fails when it has this many bytes.
    pub(crate) full_at: Option<usize>,
}

#[async_trait::async_trait]
impl VerifiedSink for Memory {
    fn size(&mut self, bytes: u64) {
        self.size = Some(bytes);
    }
    async fn write(&mut self, bytes: Bytes) -> Result<(), SinkError> {
        assert_eq!(self.spooled, 0, "verified bytes do not follow spooled ones");
        self.bytes.extend_from_slice(&bytes);
        match self.full_at {
            Some(full) if self.bytes.len() >= full => Err("the disk is full".into()),
            _ => Ok(()),
        }
    }
    async fn spool(&mut self, bytes: Bytes) -> Result<(), SinkError> {
        assert_eq!(self.spooled, self.bytes.len(), "spooling starts at the start");
        self.bytes.extend_from_slice(&bytes);
        self.spooled = self.bytes.len();
        Ok(())
    }
    async fn restart(&mut self) -> Result<(), SinkError> {
        *self = Self { restarts: self.restarts + 1, full_at: self.full_at, ..Self::default() };
        Ok(())
    }
}

/// A file with its DAG.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) layout: Layout,
}

impl File {
    pub(crate) fn new(profile: Profile, bytes: Vec<u8>) -> Self {
        let mut importer = Importer::new(profile);
        importer.update(&bytes);
        Self { layout: importer.finish_layout(), bytes }
    }

    /// No two chunks alike.
    pub(crate) fn varied(profile: Profile, size: usize) -> Self {
        let mut state = 0x9E37_79B9_u32;
        let bytes = (0..size).map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as u8
        });
        Self::new(profile, bytes.collect())
    }

    pub(crate) fn cid(&self) -> Cid {
        self.layout.root
    }

    pub(crate) fn block(&self, cid: &Cid) -> Option<Vec<u8>> {
        if let Some(node) = self.layout.nodes.iter().find(|n| same_block(&n.cid, cid)) {
            return Some(node.bytes.clone());
        }
        let leaf = self.layout.leaves.iter().find(|l| same_block(&l.cid(), cid))?;
        Some(leaf.kind.block(&self.bytes[leaf.offset as usize..leaf.end() as usize]))
    }

    /// Blocks depth first, with the file offset at which each ends.
    pub(crate) fn blocks(&self) -> Vec<(Cid, Vec<u8>, u64)> {
        let mut out = Vec::new();
        let mut offset = 0;
        self.walk(&self.cid(), &mut offset, &mut out);
        out
    }

    fn walk(&self, cid: &Cid, offset: &mut u64, out: &mut Vec<(Cid, Vec<u8>, u64)>) {
        let block = self.block(cid).unwrap();
        let at = out.len();
        out.push((*cid, block.clone(), 0));
        match osp_core::unixfs::verify_block(cid, &block).unwrap() {
            osp_core::unixfs::Node::Leaf { data, .. } => *offset += data.len() as u64,
            osp_core::unixfs::Node::File { children, .. } => {
                children.iter().for_each(|(child, _)| self.walk(child, offset, out));
            }
        }
        out[at].2 = *offset;
    }

    /// A CAR of the blocks that end after `from`.
    pub(crate) fn car(&self, from: u64) -> Vec<u8> {
        let sections = self.blocks().into_iter().filter(|b| b.2 > from || self.bytes.is_empty());
        car_of(&self.cid(), sections.map(|(cid, block, _)| (cid, block)))
    }

    /// What an honest gateway answers.
    pub(crate) fn gateway(&self, seen: &Seen) -> Reply {
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let Some(cid) = path.strip_prefix("/ipfs/").and_then(|c| osp_core::content::parse_cid(c).ok()) else {
            return Reply::status(404);
        };
        if query.contains("format=raw") {
            return match self.block(&cid) {
                Some(block) => Reply::new(200, &[RAW], &block),
                None => Reply::status(404),
            };
        }
        if !same_block(&cid, &self.cid()) {
            return Reply::status(404);
        }
        assert!(query.contains("format=car") && query.contains("dag-scope=entity"), "{query}");
        let from = query.split("entity-bytes=").nth(1).map_or(0, |range| {
            assert!(range.ends_with(":*"), "{range}");
            range.trim_end_matches(":*").parse().unwrap()
        });
        Reply::new(200, &[CAR], &self.car(from))
    }
}

pub(crate) const CAR: (&str, &str) = ("content-type", "application/vnd.ipld.car; version=1");
pub(crate) const RAW: (&str, &str) = ("content-type", "application/vnd.ipld.raw");

pub(crate) fn car_of(root: &Cid, sections: impl IntoIterator<Item = (Cid, Vec<u8>)>) -> Vec<u8> {
    let mut out = car::header(root);
    for (cid, block) in sections {
        out.extend(car::section_head(&cid, block.len()));
        out.extend(block);
    }
    out
}

/// The same root as CIDv0.
pub(crate) fn as_v0(cid: &Cid) -> Cid {
    cid_v0(osp_core::content::digest_of(cid).unwrap())
}

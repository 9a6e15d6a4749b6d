//! Bitswap messages and their bytes (field numbers: module doc of `bitswap`).

use crate::bitswap::limits::{MAX_BLOCK, MAX_ITEMS};
use crate::protobuf::{
    ProtobufError, Value, next_field, put_bytes, put_head, put_uint, put_varint, take_varint, varint_len,
};
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{self, DAG_PB, SHA2_256, Version as CidVersion},
};

/// The protocol's version, which decides what a message can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `/ipfs/bitswap/1.0.0`: wants and blocks, CIDv0 only.
    V1_0,
    /// `/ipfs/bitswap/1.1.0`: any CID.
    V1_1,
    /// `/ipfs/bitswap/1.2.0`: presences.
    V1_2,
}

/// What is wanted of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantType {
    /// The block.
    Block,
    /// Whether the other has it.
    Have,
}

/// One line of a wantlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The block.
    pub cid: Cid,
    /// Higher is more urgent.
    pub priority: i32,
    /// It is no longer wanted.
    pub cancel: bool,
    /// What is wanted.
    pub want: WantType,
    /// Answer even if it is not there.
    pub send_dont_have: bool,
}

impl Entry {
    /// A want that must be answered.
    #[must_use]
    pub fn want(cid: Cid, want: WantType) -> Self {
        Self { cid, priority: 1, cancel: false, want, send_dont_have: true }
    }

    /// The end of a want.
    #[must_use]
    pub fn cancel(cid: Cid) -> Self {
        Self { cid, priority: 0, cancel: true, want: WantType::Block, send_dont_have: false }
    }
}

/// Whether the sender has a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It does.
    Have,
    /// It does not.
    DontHave,
}

/// A block with the CID that its bytes and prefix give. Its data can be trusted to be that CID's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name.
    pub cid: Cid,
    /// Its bytes.
    pub data: Bytes,
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Wants and cancels.
    pub entries: Vec<Entry>,
    /// The wants replace all earlier ones.
    pub full: bool,
    /// Blocks, hashed while decoding.
    pub blocks: Vec<Block>,
    /// Answers about blocks.
    pub presences: Vec<(Cid, Presence)>,
    /// Bytes that the sender has queued for the receiver.
    pub pending_bytes: u32,
}

/// Why bytes are no Bitswap message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Not protocol buffers.
    #[error(transparent)]
    Protobuf(#[from] ProtobufError),
    /// Not a CID where one has to be.
    #[error("a want or presence names no CID")]
    Cid,
    /// A block with a prefix that is none.
    #[error("a block has no valid CID prefix")]
    Prefix,
    /// A block under a hash other than sha2-256, which nobody here asks for.
    #[error("a block is hashed with function {0:#x}; only sha2-256 was asked for")]
    Hash(u64),
    /// A block over 2 MiB.
    #[error("a block is over 2 MiB")]
    BlockSize,
    /// More than [`MAX_ITEMS`] wants, presences or blocks.
    #[error("a message has over {MAX_ITEMS} items")]
    Items,
}

impl Message {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.full && self.blocks.is_empty() && self.presences.is_empty()
    }

    /// Reads a message of any version; blocks share memory with `bytes` and are hashed.
    ///
    /// # Errors
    /// [`WireError`]. Unknown fields are passed over.
    pub fn decode(mut bytes: Bytes) -> Result<Self, WireError> {
        let mut message = Self::default();
        while let Some((number, value)) = next_field(&mut bytes)? {
            match number {
                1 => message.read_wantlist(value.bytes()?)?,
                2 => {
                    let prefix = Prefix { version: CidVersion::V0, codec: DAG_PB };
                    push(&mut message.blocks, prefix.block(value.bytes()?)?)?;
                }
                3 => push(&mut message.blocks, read_payload(value.bytes()?)?)?,
                4 => push(&mut message.presences, read_presence(value.bytes()?)?)?,
                5 => message.pending_bytes = u32::try_from(value.varint()?).unwrap_or(u32::MAX),
                _ => {}
            }
        }
        Ok(message)
    }

    fn read_wantlist(&mut self, mut bytes: Bytes) -> Result<(), WireError> {
        while let Some((number, value)) = next_field(&mut bytes)? {
            match number {
                1 => push(&mut self.entries, read_entry(value.bytes()?)?)?,
                2 => self.full = value.varint()? != 0,
                _ => {}
            }
        }
        Ok(())
    }

    /// The bytes, without what `version` cannot say: presences and questions for them before 1.2.0.
    #[must_use]
    pub fn encode(&self, version: Version) -> Vec<u8> {
        let presences = if version == Version::V1_2 { self.presences.as_slice() } else { &[] };
        let data: usize = self.blocks.iter().map(|block| block.data.len() + 64).sum();
        let mut out = Vec::with_capacity(data + 64 * (self.entries.len() + presences.len()) + 16);
        let wantlist = self.wantlist(version);
        if !wantlist.is_empty() {
            put_bytes(&mut out, 1, &wantlist);
        }
        for block in &self.blocks {
            if version == Version::V1_0 {
                put_bytes(&mut out, 2, &block.data);
                continue;
            }
            let prefix = Prefix::of(&block.cid).encode(&block.cid);
            let len = |bytes: usize| 1 + varint_len(bytes as u64) + bytes;
            put_head(&mut out, 3, len(prefix.len()) + len(block.data.len()));
            put_bytes(&mut out, 1, &prefix);
            put_bytes(&mut out, 2, &block.data);
        }
        for (cid, presence) in presences {
            let mut inner = Vec::with_capacity(48);
            put_bytes(&mut inner, 1, &cid.to_bytes());
            put_uint(&mut inner, 2, u64::from(*presence == Presence::DontHave));
            put_bytes(&mut out, 4, &inner);
        }
        put_uint(&mut out, 5, u64::from(self.pending_bytes.min(i32::MAX as u32)));
        out
    }

    fn wantlist(&self, version: Version) -> Vec<u8> {
        let mut out = Vec::with_capacity(56 * self.entries.len());
        for entry in &self.entries {
            let have = entry.want == WantType::Have;
            if have && !entry.cancel && version < Version::V1_2 {
                continue;
            }
            let mut inner = Vec::with_capacity(56);
            put_bytes(&mut inner, 1, &entry.cid.to_bytes());
            // A negative int32 is written as 64 bits with the sign.
            put_uint(&mut inner, 2, i64::from(entry.priority) as u64);
            put_uint(&mut inner, 3, u64::from(entry.cancel));
            if version == Version::V1_2 {
                put_uint(&mut inner, 4, u64::from(have));
                put_uint(&mut inner, 5, u64::from(entry.send_dont_have));
            }
            put_bytes(&mut out, 1, &inner);
        }
        put_uint(&mut out, 2, u64::from(self.full));
        out
    }
}

fn push<T>(items: &mut Vec<T>, item: T) -> Result<(), WireError> {
    if items.len() == MAX_ITEMS {
        return Err(WireError::Items);
    }
    items.push(item);
    Ok(())
}

fn read_cid(value: Value) -> Result<Cid, WireError> {
    content::cid_from_bytes(&value.bytes()?).ok_or(WireError::Cid)
}

fn read_entry(mut bytes: Bytes) -> Result<Entry, WireError> {
    let mut cid = None;
    let (mut priority, mut cancel, mut want, mut send_dont_have) = (0, false, WantType::Block, false);
    while let Some((number, value)) = next_field(&mut bytes)? {
        match number {
            1 => cid = Some(read_cid(value)?),
            // An int32 on the wire is its low 32 bits.
            2 => priority = value.varint()? as i32,
            3 => cancel = value.varint()? != 0,
            4 => want = if value.varint()? == 1 { WantType::Have } else { WantType::Block },
            5 => send_dont_have = value.varint()? != 0,
            _ => {}
        }
    }
    Ok(Entry { cid: cid.ok_or(WireError::Cid)?, priority, cancel, want, send_dont_have })
}

fn read_payload(mut bytes: Bytes) -> Result<Block, WireError> {
    let (mut prefix, mut data) = (None, Bytes::new());
    while let Some((number, value)) = next_field(&mut bytes)? {
        match number {
            1 => prefix = Some(Prefix::decode(value.bytes()?)?),
            2 => data = value.bytes()?,
            _ => {}
        }
    }
    prefix.ok_or(WireError::Prefix)?.block(data)
}

fn read_presence(mut bytes: Bytes) -> Result<(Cid, Presence), WireError> {
    let (mut cid, mut presence) = (None, Presence::Have);
    while let Some((number, value)) = next_field(&mut bytes)? {
        match number {
            1 => cid = Some(read_cid(value)?),
            2 => presence = if value.varint()? == 1 { Presence::DontHave } else { Presence::Have },
            _ => {}
        }
    }
    Ok((cid.ok_or(WireError::Cid)?, presence))
}

/// What a block says of its CID. The hash is always sha2-256.
struct Prefix {
    version: CidVersion,
    codec: u64,
}

impl Prefix {
    fn of(cid: &Cid) -> Self {
        Self { version: cid.version(), codec: cid.codec() }
    }

    fn decode(mut bytes: Bytes) -> Result<Self, WireError> {
        let mut next = || take_varint(&mut bytes).map_err(|_| WireError::Prefix);
        let (version, codec, hash, len) = (next()?, next()?, next()?, next()?);
        if hash != SHA2_256 {
            return Err(WireError::Hash(hash));
        }
        let version = match version {
            0 if codec == DAG_PB => CidVersion::V0,
            1 => CidVersion::V1,
            _ => return Err(WireError::Prefix),
        };
        if len != 32 || !bytes.is_empty() {
            return Err(WireError::Prefix);
        }
        Ok(Self { version, codec })
    }

    fn encode(&self, cid: &Cid) -> Vec<u8> {
        let mut out = Vec::with_capacity(8);
        put_varint(&mut out, u64::from(self.version));
        put_varint(&mut out, self.codec);
        put_varint(&mut out, cid.hash().code());
        put_varint(&mut out, u64::from(cid.hash().size()));
        out
    }

    fn block(&self, data: Bytes) -> Result<Block, WireError> {
        if data.len() > MAX_BLOCK {
            return Err(WireError::BlockSize);
        }
        let digest = content::sha256(&data);
        let cid = match self.version {
            CidVersion::V0 => content::cid_v0(digest),
            CidVersion::V1 => Cid::new_v1(self.codec, *content::raw_cid(digest).hash()),
        };
        Ok(Block { cid, data })
    }
}

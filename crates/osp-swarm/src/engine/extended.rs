//! What a peer says in extended messages: its handshake (BEP 10), metadata (BEP 9), peer exchange (BEP 11).

use super::{
    Engine, Event, PeerKind, Reason,
    budget::{MAX_METADATA_SERVED, MAX_METADATA_SIZES},
    exchange::is_exchangeable,
    metadata::Assembled,
};
use crate::{
    ids::ConnId,
    time::Time,
    wire::{
        Message,
        extension::{ExtendedHandshake, METADATA_PART, MetadataMessage, PexMessage, UT_METADATA, UT_PEX},
    },
};
use bytes::Bytes;
use osp_core::torrent::{hash_piece, info_of};
use std::net::SocketAddr;

/// Parts of the metadata that wait to be sent to one peer.
const MAX_PARTS_WAITING: usize = 16;

impl Engine {
    /// `Ok(false)`: it had no effect.
    pub(super) fn heard_extended(
        &mut self,
        conn: ConnId,
        id: u8,
        payload: Bytes,
        now: Time,
    ) -> Result<bool, Reason> {
        match id {
            0 => self.heard_hello(conn, &payload, now),
            UT_METADATA => match MetadataMessage::parse(&payload) {
                Ok(Some(message)) => self.heard_metadata(conn, message, now),
                Ok(None) => Ok(false),
                Err(()) => Err(Reason::Protocol("a broken metadata message")),
            },
            UT_PEX if self.config.exchange => self.heard_addresses(conn, &payload, now),
            _ => Ok(false),
        }
    }

    fn heard_hello(&mut self, conn: ConnId, payload: &[u8], now: Time) -> Result<bool, Reason> {
        let hello =
            ExtendedHandshake::parse(payload).ok_or(Reason::Protocol("a broken extended handshake"))?;
        let Some(session) = self.sessions.get_mut(&conn) else { return Ok(true) };
        let extensions = &mut session.extensions;
        // Members that are left out keep what was said before (BEP 10).
        extensions.ut_metadata = hello.ut_metadata.or(extensions.ut_metadata).filter(|id| *id != 0);
        extensions.ut_pex = hello.ut_pex.or(extensions.ut_pex).filter(|id| *id != 0);
        extensions.metadata_size = hello.metadata_size.or(extensions.metadata_size);
        extensions.reqq = hello.reqq.or(extensions.reqq);
        extensions.client = hello.client.or(extensions.client.take());
        if !session.outgoing && session.kind != PeerKind::WebRtc {
            // The port it called from is not the one it can be called at.
            session.callable = hello.port.and_then(|port| Some(SocketAddr::new(session.address?.ip(), port)));
        }
        self.ask_for_metadata(now);
        // May be sent again, but not for ever.
        Ok(false)
    }

    fn heard_metadata(&mut self, conn: ConnId, message: MetadataMessage, now: Time) -> Result<bool, Reason> {
        match message {
            MetadataMessage::Request { part } => Ok(self.metadata_requested(conn, part)),
            MetadataMessage::Reject { part } => {
                self.metadata.refused(conn, Some(part));
                if let Some(session) = self.sessions.get_mut(&conn) {
                    // It said that it has it, and does not give it: it is not asked again.
                    session.extensions.metadata_size = None;
                }
                self.ask_for_metadata(now);
                Ok(false)
            }
            MetadataMessage::Data { part, total, data } => {
                let Some(session) = self.sessions.get(&conn) else { return Ok(true) };
                let Some(size) = session.extensions.metadata_size.filter(|_| self.info.is_none()) else {
                    return Ok(false);
                };
                let sender = session.sender(conn);
                match self.metadata.arrived(conn, sender, size, total, part, data) {
                    Assembled::NotYet => {}
                    Assembled::Broken => return Err(Reason::BadMetadata),
                    Assembled::Whole(bytes, _) => self.metadata_whole(size, &bytes, now),
                }
                self.ask_for_metadata(now);
                Ok(true)
            }
        }
    }

    fn metadata_whole(&mut self, size: u32, bytes: &[u8], now: Time) {
        if hash_piece(bytes) != self.infohash.0 {
            if let Some(liar) = self.metadata.wrong(size, |part| self.blame.digest(part)) {
                self.condemn(&liar, Reason::BadMetadata, now);
            }
            return;
        }
        for liar in self.metadata.right(bytes, |part| self.blame.digest(part)) {
            self.condemn(&liar, Reason::BadMetadata, now);
        }
        match info_of(&[b"d4:info", bytes, b"e"].concat()) {
            Some(info) if self.learn(info.clone(), now) => self.events.push_back(Event::Info(info)),
            _ => self.mismatched(now),
        }
    }

    /// Asks every peer that has the info dictionary for parts that nobody else was asked for.
    pub(super) fn ask_for_metadata(&mut self, now: Time) {
        if self.info.is_some() || self.mismatch {
            return;
        }
        // Where we know how the file is cut, we know how long the dictionary is, up to the name.
        let possible = |size: u32| {
            self.pieces.as_ref().is_none_or(|pieces| {
                let hashes = pieces.geometry().pieces() * 20;
                (hashes..hashes.saturating_add(METADATA_PART as u32)).contains(&size)
            })
        };
        let mut said: Vec<(u32, ConnId, u8, u32)> = self
            .sessions
            .iter()
            .filter_map(|(conn, session)| {
                let size = session.extensions.metadata_size.filter(|size| possible(*size))?;
                Some((session.metadata_late, *conn, session.extensions.ut_metadata?, size))
            })
            .collect();
        // Who was late before comes after the others.
        said.sort_unstable();
        self.metadata.keep_sizes(|size| said.iter().any(|(_, _, _, said)| *said == size));
        for (_, conn, id, size) in said {
            for part in self.metadata.next_parts(conn, size, now) {
                let payload = Bytes::from(MetadataMessage::Request { part }.encode());
                if let Some(session) = self.sessions.get_mut(&conn) {
                    session.say(&Message::Extended { id, payload });
                    self.mark(conn);
                }
            }
        }
    }

    /// Peers that owe metadata for too long are not asked again, so that others' lengths get their turn.
    pub(super) fn expire_metadata(&mut self, now: Time) {
        let late = self.metadata.expire(now);
        let lengths = self.metadata.lengths();
        for conn in &late {
            if let Some(session) = self.sessions.get_mut(conn) {
                session.metadata_late += 1;
                if session.metadata_late > 2 || lengths >= MAX_METADATA_SIZES {
                    session.extensions.metadata_size = None;
                }
            }
        }
        self.ask_for_metadata(now);
    }

    fn metadata_requested(&mut self, conn: ConnId, part: u32) -> bool {
        let parts = self.info.as_ref().map_or(0, |info| metadata_parts(info.to_bencode().len()));
        let Some(session) = self.sessions.get_mut(&conn) else { return true };
        let Some(id) = session.extensions.ut_metadata else { return false };
        let enough = session.metadata_served >= parts.saturating_mul(MAX_METADATA_SERVED);
        let waiting = session.metadata_requests.len() >= MAX_PARTS_WAITING;
        let served = part < parts && !enough && !waiting;
        if served {
            session.metadata_served += 1;
            session.metadata_requests.push_back(part);
        } else {
            let payload = Bytes::from(MetadataMessage::Reject { part }.encode());
            session.say(&Message::Extended { id, payload });
        }
        self.mark(conn);
        served
    }

    fn heard_addresses(&mut self, conn: ConnId, payload: &[u8], now: Time) -> Result<bool, Reason> {
        let message = PexMessage::parse(payload).ok_or(Reason::Protocol("a broken peer exchange message"))?;
        let Some(session) = self.sessions.get_mut(&conn) else { return Ok(true) };
        if !session.pex.hear(now) {
            return Ok(false);
        }
        let mut addresses = message.added;
        addresses.retain(|address| {
            is_exchangeable(*address, self.config.exchange_private) && !self.bans.has_address(*address)
        });
        if !addresses.is_empty() && !self.complete {
            self.events.push_back(Event::Addresses(addresses));
        }
        Ok(true)
    }
}

/// Parts of a dictionary of this many bytes.
pub(super) fn metadata_parts(bytes: usize) -> u32 {
    bytes.div_ceil(METADATA_PART) as u32
}

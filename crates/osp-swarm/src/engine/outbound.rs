//! What is sent, in this order: messages, parts of the metadata, blocks.

use super::{Engine, Outgoing, Reason, budget::MAX_CONTROL_BYTES, extended::metadata_parts};
use crate::{
    ids::ConnId,
    time::Time,
    wire::{
        Message,
        extension::{METADATA_PART, MetadataMessage},
    },
};
use bytes::Bytes;

impl Engine {
    pub(super) fn next_outgoing(&mut self, conn: ConnId, now: Time) -> Option<Outgoing> {
        let session = self.sessions.get_mut(&conn)?;
        if session.out.len() > MAX_CONTROL_BYTES {
            self.part(conn, Some(Reason::Protocol("it takes too little of what it asks for")), now);
            return None;
        }
        if session.handshake.is_some() {
            if session.may_speak(now) {
                for piece in self.have_log.get(session.haves_sent..).unwrap_or_default() {
                    Message::Have(*piece).encode(&mut session.out);
                }
                session.haves_sent = self.have_log.len();
            }
            self.write_metadata(conn);
        }
        let session = self.sessions.get_mut(&conn)?;
        if !session.out.is_empty() {
            session.last_sent = now;
            return Some(Outgoing::Bytes(Bytes::from(std::mem::take(&mut session.out))));
        }
        self.next_block(conn, now).map(Outgoing::Block)
    }

    /// One part of the metadata at a time, so that they are not all held for a peer that reads slowly.
    fn write_metadata(&mut self, conn: ConnId) {
        let (Some(session), Some(info)) = (self.sessions.get_mut(&conn), &self.info) else { return };
        let Some(id) = session.extensions.ut_metadata else { return };
        let Some(part) = session.metadata_requests.pop_front() else { return };
        let whole = info.to_bencode();
        let start = (part as usize).saturating_mul(METADATA_PART).min(whole.len());
        let end = (start + METADATA_PART).min(whole.len());
        let message = if part < metadata_parts(whole.len()) {
            let data = Bytes::copy_from_slice(&whole[start..end]);
            MetadataMessage::Data { part, total: whole.len() as u32, data }
        } else {
            MetadataMessage::Reject { part }
        };
        session.say(&Message::Extended { id, payload: Bytes::from(message.encode()) });
    }

    /// A peer that is sent to without end and takes nothing is ended when its messages pile up.
    pub(super) fn check_backlog(&mut self, conn: ConnId, now: Time) {
        if self.sessions.get(&conn).is_some_and(|session| session.out.len() > MAX_CONTROL_BYTES) {
            self.part(conn, Some(Reason::Protocol("it takes too little of what it asks for")), now);
        }
    }
}

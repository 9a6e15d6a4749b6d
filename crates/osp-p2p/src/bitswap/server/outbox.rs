//! Answers on their way to one peer.

use crate::bitswap::{
    Key,
    limits::{MAX_PRESENCES, SEND_TARGET},
    wire::{Block, Message, Presence},
};
use osp_core::Cid;
use std::collections::VecDeque;

/// Blocks and presences that wait, and the sizes of the messages in flight.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    blocks: VecDeque<Block>,
    presences: VecDeque<(Cid, Presence)>,
    in_flight: VecDeque<usize>,
    /// Bytes of `blocks` and `in_flight`.
    held: usize,
}

impl Outbox {
    pub(super) fn held(&self) -> usize {
        self.held
    }

    pub(super) fn is_full(&self) -> bool {
        self.presences.len() >= MAX_PRESENCES
    }

    pub(super) fn block(&mut self, block: Block) {
        self.held += block.data.len();
        self.blocks.push_back(block);
    }

    pub(super) fn presence(&mut self, cid: Cid, presence: Presence) {
        self.presences.push_back((cid, presence));
    }

    /// Takes a block back that has not been sent.
    pub(super) fn cancel(&mut self, key: &Key) {
        if let Some(at) = self.blocks.iter().position(|block| block.cid.hash() == key)
            && let Some(block) = self.blocks.remove(at)
        {
            self.held -= block.data.len();
        }
    }

    /// Takes everything back that has not been sent.
    pub(super) fn clear(&mut self) {
        self.held -= bytes(&self.blocks);
        self.blocks.clear();
        self.presences.clear();
    }

    /// Presences first: they are small and others decide by them. Then blocks up to [`SEND_TARGET`], at least one.
    pub(super) fn next_message(&mut self) -> Option<Message> {
        let mut message = Message { presences: self.presences.drain(..).collect(), ..Message::default() };
        let mut size = 0;
        while let Some(block) = self.blocks.front() {
            if size > 0 && size + block.data.len() > SEND_TARGET {
                break;
            }
            size += block.data.len();
            message.blocks.extend(self.blocks.pop_front());
        }
        if message.is_empty() {
            return None;
        }
        message.pending_bytes = u32::try_from(bytes(&self.blocks)).unwrap_or(u32::MAX);
        self.in_flight.push_back(size);
        Some(message)
    }

    /// The oldest message in flight is written.
    pub(super) fn sent(&mut self) {
        self.held -= self.in_flight.pop_front().unwrap_or(0);
    }
}

fn bytes(blocks: &VecDeque<Block>) -> usize {
    blocks.iter().map(|block| block.data.len()).sum()
}

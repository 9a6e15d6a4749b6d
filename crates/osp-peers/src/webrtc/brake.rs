//! The brake on a sender whose bytes nobody reads: the window that our acknowledgements offer.
//!
//! `str0m` acknowledges whatever arrives, hands it out, and offers its whole window again. Here the window of each
//! acknowledgement that goes out is made as small as the room in front of the reader. When the reader has made room
//! again, the last acknowledgement is sent once more with what there is now; else the sender would try after a second.

use super::sctp;

/// What is offered, of one association. Pure.
#[derive(Debug, Default)]
pub(super) struct Brake {
    /// Bytes there is room for; `None` as long as nobody said.
    room: Option<u32>,
    /// The last acknowledgement, if it offered less than [`Brake::room`]'s half.
    narrow: Option<Vec<u8>>,
    most: u32,
}

impl Brake {
    /// There is room for `bytes`, of `most`.
    pub(super) fn set_room(&mut self, bytes: usize, most: usize) {
        self.room = u32::try_from(bytes).ok();
        self.most = u32::try_from(most).unwrap_or(u32::MAX);
    }

    /// Whether the sender is held back and would not learn by itself that there is room again.
    pub(super) fn is_held(&self) -> bool {
        self.narrow.is_some()
    }

    /// A packet goes out; the one to send in its place, if it offers too much.
    pub(super) fn on_sent(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let room = self.room?;
        let offered = sctp::offered(packet)?;
        if room >= self.most / 2 {
            self.narrow = None;
        }
        if offered <= room {
            return None;
        }
        let packet = sctp::offering(packet, room);
        if room < self.most / 2 {
            self.narrow = Some(packet.clone());
        }
        Some(packet)
    }

    /// The acknowledgement to send once more, now that there is room.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        let room = self.room.filter(|room| *room >= self.most / 2)?;
        self.narrow.take().map(|packet| sctp::offering(&packet, room))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{
        super::sctp::{
            offered,
            tests::{data_packet, sack_packet},
        },
        *,
    };

    #[test]
    fn offers_no_more_than_there_is_room_and_says_when_there_is_again() {
        let mut brake = Brake::default();
        // Its window is 100,000.
        let sack = sack_packet(7, &[(2, 3)], &[]);
        assert_eq!(brake.on_sent(&sack), None, "nobody said how much");
        brake.set_room(150_000, 200_000);
        assert_eq!(brake.on_sent(&sack), None);
        brake.set_room(20_000, 200_000);
        assert_eq!(brake.on_sent(&data_packet(1, 100)), None);
        let narrowed = brake.on_sent(&sack).unwrap();
        assert_eq!(offered(&narrowed), Some(20_000));
        assert!(brake.is_held());
        assert_eq!(brake.next(), None, "there is no room yet");
        brake.set_room(99_999, 200_000);
        assert_eq!(brake.next(), None);
        brake.set_room(100_000, 200_000);
        assert_eq!(brake.next().unwrap(), sack);
        assert_eq!(brake.next(), None, "once");
        assert!(!brake.is_held());
    }

    #[test]
    fn a_later_acknowledgement_makes_the_repetition_needless() {
        let mut brake = Brake::default();
        brake.set_room(0, 200_000);
        assert_eq!(offered(&brake.on_sent(&sack_packet(7, &[], &[])).unwrap()), Some(0));
        brake.set_room(200_000, 200_000);
        assert_eq!(brake.on_sent(&sack_packet(8, &[], &[])), None);
        assert!(!brake.is_held());
    }
}

//! Which tracks are shown as they are found.
//!
//! Somebody who floods a genre shall not fill the page before others are heard. So of strangers a few tracks of each
//! artist and of each peer are shown at once; what is beyond waits for the end, and follows in the order of results.

use super::FoundTrack;
use std::collections::HashMap;

/// Tracks of a stranger that are shown at once.
const OF_ARTIST: usize = 3;
/// Strangers' tracks of one peer that are shown at once.
const OF_PEER: usize = 10;

/// Who had how many.
#[derive(Debug)]
pub struct Turns {
    one_artist: bool,
    artists: HashMap<String, usize>,
    peers: HashMap<String, usize>,
}

impl Turns {
    /// For one search. `one_artist`: it asks for the tracks of one, who then has no bound.
    #[must_use]
    pub fn new(one_artist: bool) -> Self {
        Self { one_artist, artists: HashMap::new(), peers: HashMap::new() }
    }

    /// Whether a track is shown at once.
    pub fn take(&mut self, found: &FoundTrack) -> bool {
        if self.one_artist || found.trust.is_some() {
            return true;
        }
        let artist = self.artists.entry(found.record.artist().to_string()).or_default();
        let peer = self.peers.entry(found.peer.to_string()).or_default();
        let room = *artist < OF_ARTIST && *peer < OF_PEER;
        if room {
            *artist += 1;
            *peer += 1;
        }
        room
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{
        content::{raw_cid, sha256},
        key::ArtistKey,
        record::TrackDraft,
    };
    use osp_p2p::PeerId;
    use osp_store::TrustLevel;

    fn found(artist: u8, peer: u8, trust: Option<TrustLevel>) -> FoundTrack {
        let draft = TrackDraft {
            title: "Title".to_owned(),
            format: "audio/opus".to_owned(),
            cid: raw_cid(sha256(b"bytes")).to_string(),
            ..TrackDraft::default()
        };
        let record = draft.sign(&ArtistKey::from_seed(&[artist; 32]), None).unwrap();
        let peer = PeerId::from_bytes(&[&[0x12, 0x20][..], &[peer; 32]].concat()).unwrap();
        FoundTrack { json: record.to_bytes().into(), record, peer, trust, relevance: 0 }
    }

    #[test]
    fn of_strangers_a_few_of_each_artist_and_of_each_peer() {
        let mut turns = Turns::new(false);
        let mut shown = |artist, peer| (0..20).filter(|_| turns.take(&found(artist, peer, None))).count();
        assert_eq!(shown(1, 1), OF_ARTIST, "one artist");
        assert_eq!(shown(1, 2), 0, "by way of another peer, too");
        let more: usize = (2..10).map(|artist| shown(artist, 1)).sum();
        assert_eq!(more, OF_PEER - OF_ARTIST, "one peer, however many artists");
        assert_eq!(shown(20, 3), OF_ARTIST, "others are heard");
    }

    #[test]
    fn whom_the_user_is_near_to_or_asked_for_has_no_bound() {
        let mut turns = Turns::new(false);
        assert!((0..50).all(|_| turns.take(&found(1, 1, Some(TrustLevel::Beyond)))));
        let mut turns = Turns::new(true);
        assert!((0..50).all(|_| turns.take(&found(1, 1, None))));
    }
}

//! Blocks and retractions made beside a running node are honoured by everything it serves.

use crate::support::{Machine, eventually, fixture, node::Node, text};

struct Served {
    artist: Machine,
    node: Node,
    id: String,
    cid: String,
}

impl Served {
    fn new() -> Self {
        let artist = Machine::of_artist();
        let record = artist.publish([fixture("tagged.opus")]).remove(0);
        let node = Node::start(&artist);
        let (id, cid) = (text(&record, "id").to_owned(), text(&record, "cid").to_owned());
        let served = Self { artist, node, id, cid };
        assert_eq!(served.statuses(), [200, 200, 200]);
        served
    }

    /// Of the record, its audio and its content at the gateway.
    fn statuses(&self) -> [u16; 3] {
        let Self { id, cid, .. } = self;
        [format!("/api/v1/tracks/{id}"), format!("/api/v1/tracks/{id}/audio"), format!("/ipfs/{cid}")]
            .map(|path| self.node.get(&path).status)
    }
}

#[test]
fn a_blocked_track_is_gone_until_it_is_unblocked() {
    let served = Served::new();
    for reference in [&served.id, &served.cid, crate::support::TEST_DID] {
        served.artist.ok(["block", "add", reference]);
        eventually("the list is empty", || served.node.titles().is_empty());
        eventually("everything says 410", || served.statuses() == [410, 410, 410]);
        served.artist.ok(["block", "remove", reference]);
        eventually("all is back", || served.statuses() == [200, 200, 200]);
        assert_eq!(served.node.titles(), ["Tone in Opus"]);
    }
}

#[test]
fn a_retracted_track_is_gone_and_the_answer_proves_it() {
    let served = Served::new();
    let retraction = served.artist.json(["retract", &served.id, "--reason", "wrong mix"]).remove(0);
    eventually("the list is empty", || served.node.titles().is_empty());
    eventually("the record is gone", || served.statuses()[..2] == [410, 410]);
    let answer = served.node.get(&format!("/api/v1/tracks/{}", served.id)).json();
    assert_eq!(answer["error"]["class"], "retracted");
    assert_eq!(answer["retraction"], retraction);
    let proof = served.artist.run_with_stdin(["verify", "-"], retraction.to_string().as_bytes());
    assert_eq!(proof.code, Some(0));
}

//! Nodes that send something false: named, refused, and the next one is asked.

use crate::support::{
    Machine, fixture,
    http::{Answer, Between},
    node::Node,
    text,
};

struct Stage {
    _artist: Machine,
    honest: Node,
    id: String,
}

impl Stage {
    fn new() -> Self {
        let artist = Machine::of_artist();
        // More than one block, so that a fetch can go wrong in the middle.
        let long = artist.file("long.wav", wav(3_000_000));
        let record = artist.publish([long]).remove(0);
        let honest = Node::start(&artist);
        Self { _artist: artist, honest, id: text(&record, "id").to_owned() }
    }

    /// The lie alone ends with 3 and leaves nothing behind; with an honest node after it all is well.
    fn play(&self, lie: fn(&str, &mut Answer)) {
        let liar = Between::new(&self.honest.url, lie);
        let listener = Machine::new();
        let resolve = |more: &[&str]| {
            let arguments =
                [&["resolve", &self.id, "--output", "out.wav", "--from", &liar.url], more].concat();
            listener.run(arguments)
        };
        resolve(&[]).failed(3, &liar.url);
        assert!(!listener.path("out.wav").exists());
        assert_eq!(listener.json(["doctor", "--scrub"])[0]["damaged"], serde_json::json!([]));
        let saved = resolve(&["--from", &Between::after(&self.honest.url, &liar).url]);
        assert_eq!(saved.code, Some(0), "{saved:?}");
        assert!(saved.stderr.contains(&liar.url), "the liar is named: {saved:?}");
        assert_eq!(std::fs::read(listener.path("out.wav")).unwrap(), wav(3_000_000));
        self.play_to_a_program(&liar);
    }

    /// With --json stderr is JSON alone: one error object, or a warning a line after success.
    fn play_to_a_program(&self, liar: &Between) {
        let listener = Machine::new();
        let resolve = |more: &[&str]| {
            let run = listener.run([&["--json", "resolve", &self.id, "--from", &liar.url], more].concat());
            (run.code, serde_json::from_str::<serde_json::Value>(&run.stderr).unwrap())
        };
        let (code, error) = resolve(&[]);
        assert_eq!(code, Some(3));
        assert!(text(&error["error"], "message").contains(&liar.url), "{error}");
        let (code, warning) = resolve(&["--from", &Between::after(&self.honest.url, liar).url]);
        assert_eq!(code, Some(0), "{warning}");
        assert!(text(&warning["warning"], "source").starts_with(&liar.url), "{warning}");
    }
}

/// Noise as a WAV file.
pub(crate) fn wav(samples: u32) -> Vec<u8> {
    let head = std::fs::read(fixture("tagged.wav")).unwrap();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + samples).to_le_bytes());
    bytes.extend(&head[8..12]);
    bytes.extend(b"fmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(8000u32.to_le_bytes());
    bytes.extend(8000u32.to_le_bytes());
    bytes.extend(b"\x01\0\x08\0data");
    bytes.extend(samples.to_le_bytes());
    bytes.extend((0..samples).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8));
    bytes
}

fn is_record(path: &str) -> bool {
    path.starts_with("/api/v1/tracks/") && !path.contains("/audio")
}

/// The file, and what its pieces are proven by.
fn is_content(path: &str) -> bool {
    path.starts_with("/ipfs/") || path.starts_with("/torrents/")
}

#[test]
fn a_record_with_another_title() {
    Stage::new().play(|path, answer| {
        if is_record(path) {
            let record = String::from_utf8(answer.body.clone()).unwrap();
            answer.body = record.replace("\"title\":\"long\"", "\"title\":\"Bong\"").into_bytes();
        }
    });
}

#[test]
fn a_record_that_is_no_record() {
    Stage::new().play(|path, answer| {
        if is_record(path) {
            answer.body = b"{}".to_vec();
        }
    });
}

#[test]
fn bytes_with_one_bit_flipped_in_the_middle() {
    Stage::new().play(|path, answer| {
        if is_content(path) && answer.body.len() > 1000 {
            let middle = answer.body.len() / 2;
            answer.body[middle] ^= 1;
        }
    });
}

#[test]
fn other_bytes_of_the_same_length() {
    Stage::new().play(|path, answer| {
        if is_content(path) {
            answer.body.fill(0);
        }
    });
}

/// Breaking off is no lie, since networks do it; but nothing of it is kept, and the next node helps.
#[test]
fn a_body_that_breaks_off() {
    let stage = Stage::new();
    let broken = Between::new(&stage.honest.url, |path, answer| {
        if is_content(path) {
            answer.missing = answer.body.len() / 2;
            answer.body.truncate(answer.body.len() - answer.missing);
        }
    });
    let listener = Machine::new();
    let arguments = ["resolve", &stage.id, "--output", "out.wav", "--from", &broken.url];
    listener.run(arguments).failed(4, &broken.url);
    assert!(!listener.path("out.wav").exists());
    listener.ok([&arguments[..], &["--from", &stage.honest.url]].concat());
    assert_eq!(std::fs::read(listener.path("out.wav")).unwrap(), wav(3_000_000));
}

//! Properties of whole files: what is sealed opens again, in every way there is; what was changed inside a box, cut off
//! or left out does not, and releases nothing that was not authenticated.

use crate::support;

use proptest::{collection::vec, prelude::*, sample::Index};
use smsg::{
    Attachment, Header, Limits, Manifest, Message, Prefix, UnixTime,
    chunked::{ChunkIndex, ChunkNo, Head, open_chunk},
    keys::{Cadence, Credential, Licence, Password},
    message::ReplyKey,
    open::{Access, admit},
    seal::{Release, Source, Target, seal},
};
use support::{Outcome, Script, any_time, noise, open_all_ways};

const NOW: UnixTime = UnixTime(1_768_230_245);

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(String::new()),
        "[ \\n\\t{}\"\\\\<>&\u{2028}\u{2029}é🎵]{0,20}",
        Just("../../naïve café – 日本語 🎵.mp3".to_owned()),
    ]
}

/// Contents that are hard to tell from JSON or from nothing, and ordinary ones.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        "[ \\n\\r\\t]{1,40}".prop_map(String::into_bytes),
        "[{}\"\\\\\\[\\],:]{1,40}".prop_map(String::into_bytes),
        Just(br#"{"body":"another message","attachments":[]}"#.to_vec()),
        vec(any::<u8>(), 0..300),
        (any::<u64>(), 0_usize..40_000).prop_map(|(seed, len)| noise(seed >> 1, len)),
        (any::<u8>(), 0_usize..40_000).prop_map(|(byte, len)| vec![byte; len]),
    ]
}

prop_compose! {
    fn message()(
        subject in text(),
        body in text(),
        from in text(),
        timestamp in prop_oneof![Just(0), any::<i64>()],
        meta in proptest::collection::btree_map(text(), text(), 0..3),
        reply_key in proptest::option::of((text(), text(), text(), text())),
    ) -> Message {
        let reply_key = reply_key.map(|(public_key, key_id, algorithm, fingerprint)| ReplyKey {
            public_key, key_id, algorithm, fingerprint,
        });
        // A message of nothing is not sealed.
        let body = if body.is_empty() { "b".into() } else { body };
        Message { subject, body, attachments: Vec::new(), reply_key, from, timestamp, meta }
    }
}

/// A release and its contents.
fn release() -> impl Strategy<Value = (Release, Vec<Vec<u8>>)> {
    (message(), vec((text(), text(), content()), 0..5), proptest::option::of(text())).prop_map(
        |(mut message, attachments, title)| {
            let mut contents = Vec::new();
            for (name, mime, content) in attachments {
                message.attachments.push(Attachment { name, mime, size: content.len() as u64 });
                contents.push(content);
            }
            let manifest = title.map(|title| Manifest { title, ..Manifest::default() });
            (Release { message, manifest, hint: None }, contents)
        },
    )
}

fn licence() -> Licence {
    Licence { id: "lic".into(), fingerprint: "fp".into() }
}

fn v3(chunk: Option<u32>) -> Target {
    Target::V3 { licence: licence(), cadence: Cadence::Quarter, now: NOW, chunk }
}

fn targets() -> Vec<Target> {
    let password = || Password::new("pass");
    let v2 = |compression| Target::V2 { password: password(), compression };
    let mut all = vec![Target::V1 { password: password() }, v3(None)];
    all.extend(support::written().into_iter().map(v2));
    all.extend([64, 100, 9_000, 1 << 20].map(|chunk| v3(Some(chunk))));
    all
}

fn target() -> impl Strategy<Value = Target> {
    proptest::sample::select(targets())
}

fn credential(target: &Target) -> Credential {
    match target {
        Target::V1 { password } | Target::V2 { password, .. } => Credential::Password(password.clone()),
        Target::V3 { .. } => Credential::Licence { licence: licence(), at: NOW, cadence: None },
    }
}

fn sealed(release: &Release, contents: &[Vec<u8>], target: &Target) -> Vec<u8> {
    let mut sources: Vec<_> = contents.iter().map(|content| Source(Box::new(&content[..]))).collect();
    let mut out = Vec::new();
    seal(release, &mut sources, target, &mut Script::seed(11), &mut out).unwrap();
    out
}

/// Opens a chunked file as a player does.
fn by_chunks(file: &[u8]) -> (Message, Vec<Vec<u8>>) {
    let Prefix { header, payload_offset, .. } = Prefix::parse_whole(file).unwrap();
    let licence = Credential::Licence { licence: licence(), at: NOW, cadence: None };
    let Access::Content(cek) = admit(&header, &licence, &any_time()).unwrap() else { panic!("this is v3") };
    let index = ChunkIndex::new(&header, payload_offset, Some(file.len() as u64 - payload_offset)).unwrap();
    index.check_size(Limits::default()).unwrap();
    let chunk = |i: usize| {
        let range = index.file_range(ChunkNo(i)).unwrap();
        let mut bytes =
            file[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec();
        open_chunk(&cek, ChunkNo(i), &mut bytes).unwrap().to_vec()
    };
    let mut head = Head::default();
    let layout = (0..index.len()).find_map(|i| head.push(&chunk(i)).unwrap()).unwrap();
    let contents = (0..layout.message().attachments.len()).map(|attachment| {
        let range = layout.attachment(attachment).unwrap();
        let covering = index.covering(range.clone());
        let start = index.place(ChunkNo(covering.start)).map_or(0, |place| place.plain_offset);
        let bytes: Vec<u8> = covering.flat_map(chunk).collect();
        let at = usize::try_from(range.start.saturating_sub(start)).unwrap();
        let len = usize::try_from(range.end - range.start).unwrap();
        if len == 0 { Vec::new() } else { bytes[at..at + len].to_vec() }
    });
    let contents = contents.collect();
    (layout.into_message(), contents)
}

/// What a changed file may have released: of chunks, those before the change; of anything else, nothing.
fn released_no_more_than(
    outcome: &Outcome,
    header: &Header,
    contents: &[u8],
    payload_at: usize,
    intact: usize,
) {
    let bound = header.chunked.as_ref().map_or(0, |table| {
        let whole = |&(at, size): &(i64, i64)| payload_at + usize::try_from(at + size).unwrap() <= intact;
        table.index.iter().take_while(|place| whole(place)).map(|(_, size)| *size as usize - 40).sum()
    });
    let released = outcome.all_contents();
    assert!(released.len() <= bound, "{} bytes of {bound}", released.len());
    assert!(contents.starts_with(&released), "what is released is what was sealed");
    assert!(bound > 0 || !outcome.message_seen);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_sealed_opens((release, contents) in release(), target in target()) {
        let file = sealed(&release, &contents, &target);
        let outcome = open_all_ways(&file, &credential(&target), &any_time());
        prop_assert!(outcome.error.is_none(), "{:?}", outcome.error);
        let mut release = release;
        if release.message.timestamp == 0 && matches!(target, Target::V3 { .. }) {
            release.message.timestamp = NOW.0;
        }
        prop_assert_eq!(&outcome.got.message, &release.message);
        prop_assert!(outcome.got.contents == contents);
        if let Target::V3 { chunk: Some(_), .. } = target {
            let (message, found) = by_chunks(&file);
            prop_assert_eq!(message, release.message);
            prop_assert!(found == contents);
        }
    }

    #[test]
    fn any_flipped_bit_in_a_box_is_refused(
        (release, contents) in release(),
        target in target(),
        at: Index,
        bit in 0_u8..8,
    ) {
        let mut file = sealed(&release, &contents, &target);
        let prefix = Prefix::parse_whole(&file).unwrap();
        let payload_at = usize::try_from(prefix.payload_offset).unwrap();
        // Plain v3 repeats the header before its boxes; it is not in a box (`inspect` compares it).
        let boxes_at = match target {
            Target::V3 { chunk: None, .. } => payload_at + 8 + prefix.header_json.len(),
            Target::V1 { .. } | Target::V2 { .. } | Target::V3 { .. } => payload_at,
        };
        let at = boxes_at + at.index(file.len() - boxes_at);
        file[at] ^= 1 << bit;
        let outcome = open_all_ways(&file, &credential(&target), &any_time());
        prop_assert_eq!(outcome.class(), "decryption_failed");
        released_no_more_than(&outcome, &prefix.header, &contents.concat(), payload_at, at);
    }

    #[test]
    fn any_cut_is_refused((release, contents) in release(), target in target(), at: Index) {
        let file = sealed(&release, &contents, &target);
        let prefix = Prefix::parse_whole(&file).unwrap();
        let payload_at = usize::try_from(prefix.payload_offset).unwrap();
        let at = at.index(file.len());
        let outcome = open_all_ways(&file[..at], &credential(&target), &any_time());
        // Plain v3 without attachments' bytes has no second box. A file that lost exactly its second box looks like one;
        // then the sizes in the message tell.
        prop_assert!(outcome.error.is_some());
        released_no_more_than(&outcome, &prefix.header, &contents.concat(), payload_at, at);
    }

    #[test]
    fn any_byte_left_out_is_refused((release, contents) in release(), target in target(), at: Index) {
        let mut file = sealed(&release, &contents, &target);
        let prefix = Prefix::parse_whole(&file).unwrap();
        let payload_at = usize::try_from(prefix.payload_offset).unwrap();
        let at = payload_at + at.index(file.len() - payload_at);
        file.remove(at);
        let outcome = open_all_ways(&file, &credential(&target), &any_time());
        prop_assert!(outcome.error.is_some());
        released_no_more_than(&outcome, &prefix.header, &contents.concat(), payload_at, at);
    }

    /// Another key opens nothing.
    #[test]
    fn a_wrong_key_is_refused((release, contents) in release(), target in target()) {
        let file = sealed(&release, &contents, &target);
        let (wrong, class) = match target {
            Target::V1 { .. } | Target::V2 { .. } => (support::password("passe"), "decryption_failed"),
            Target::V3 { .. } => (Credential::Cek(support::cek()), "decryption_failed"),
        };
        let outcome = open_all_ways(&file, &wrong, &any_time());
        prop_assert_eq!(outcome.class(), class);
        prop_assert!(!outcome.message_seen);
    }

    /// Whatever the bytes are: an error, and no panic.
    #[test]
    fn any_bytes_are_an_error(bytes in vec(any::<u8>(), 0..200), magic: bool) {
        let file = if magic { [b"SMSG\x02\0\0\0\x02{}", &bytes[..]].concat() } else { bytes };
        let outcome = open_all_ways(&file, &support::password("p"), &any_time());
        prop_assert!(outcome.error.is_some());
    }
}

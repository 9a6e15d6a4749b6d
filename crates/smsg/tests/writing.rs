//! What we write is, byte for byte, what the original wrote from the same message, keys and nonces; and what its writer
//! refuses, ours refuses.

use crate::support;

use serde_json::Value;
use smsg::{
    Attachment, Format, Header, Manifest, Message, Prefix, SealError, UnixTime,
    crypto::{Cek, Key, Nonce, PasswordKey, sealed_box},
    header::Compression,
    keys::{Cadence, Credential, Licence, Password},
    limits::{MAX_ATTACHMENTS, MAX_BOX, MAX_CHUNK, MAX_ENTRIES, MAX_MESSAGE_JSON, MIN_CHUNK_WRITTEN},
    manifest::Track,
    open::{Collected, open_bytes},
    payload::compression::reader,
    seal::{Release, Source, Target, seal},
};
use std::io::{self, Cursor, Read};
use support::{Script, any_time, case, credential, index, licence, noise, vector};

/// Files that no writer of ours would make, and why.
const NOT_OURS: &[(&str, &str)] = &[(
    "v1-multi-unicode",
    "claims the length of the base64 text as the size of an attachment; ours claim the bytes",
)];

/// The files that the original's writers made as they are.
fn written_by_the_original() -> Vec<Value> {
    let regular = |id: &str| {
        ["v1-", "v2-", "v3-", "v3c-"].iter().any(|start| id.starts_with(start)) && !id.contains('@')
    };
    let also = ["n-base", "n3-base", "q-v3c-whitespace-attachment"];
    let index = index();
    let cases = index["cases"].as_array().unwrap().iter().filter(|case| {
        let id = case["id"].as_str().unwrap();
        (regular(id) || also.contains(&id))
            && case["expect"]["ok"] == true
            && !NOT_OURS.iter().any(|(other, _)| *other == id)
    });
    cases.cloned().collect()
}

/// The release that a file was made from, as far as the file tells.
fn release_of(header: &Header, collected: &Collected) -> Release {
    let mut manifest = header.manifest.clone();
    if let Some(manifest) = &mut manifest
        && manifest.issued_at == MADE_AT.0
    {
        // Filled in by the writer.
        manifest.issued_at = 0;
    }
    let mut message = collected.message.clone();
    if header.format == Format::V3 && message.timestamp == MADE_AT.0 {
        message.timestamp = 0;
    }
    Release { message, manifest, hint: header.hint.clone() }
}

/// The frozen clock of the original.
const MADE_AT: UnixTime = UnixTime(1_768_230_245);

fn target(case: &Value, header: &Header) -> Target {
    let password = || Password::new(case["password"].as_str().unwrap());
    match header.format {
        Format::V1 => Target::V1 { password: password() },
        Format::V2 => Target::V2 { password: password(), compression: header.compression },
        Format::V3 => Target::V3 {
            licence: licence(case),
            cadence: header.cadence.clone().unwrap_or(Cadence::Daily),
            now: MADE_AT,
            chunk: header.chunked.as_ref().map(|table| u32::try_from(table.chunk_size).unwrap()),
        },
    }
}

/// The randomness that the original drew, in the order in which we draw it: content key, nonces of the wrapped keys, nonces
/// of the boxes.
fn randomness(case: &Value, header: &Header, payload: &[u8]) -> Script {
    let mut bytes = Vec::new();
    if header.format == Format::V3 {
        bytes.extend(content_key(case).0.as_bytes());
        for key in &header.wrapped_keys {
            bytes.extend(&data_encoding::BASE64.decode(key.wrapped.as_bytes()).unwrap()[..24]);
        }
    }
    let boxes = match (&header.chunked, header.format) {
        (Some(table), _) => table.index.iter().map(|(at, _)| usize::try_from(*at).unwrap()).collect(),
        (None, Format::V3) => {
            let boxes = v3_boxes(payload);
            let there = boxes.1 < payload.len();
            if there { vec![boxes.0, boxes.1] } else { vec![boxes.0] }
        }
        (None, Format::V1 | Format::V2) => vec![0],
    };
    boxes.into_iter().for_each(|at| bytes.extend(&payload[at..at + 24]));
    Script::exactly(bytes)
}

fn content_key(case: &Value) -> Cek {
    let bytes = data_encoding::HEXLOWER.decode(case["cek_hex"].as_str().unwrap().as_bytes()).unwrap();
    Cek(Key::from_bytes(bytes.try_into().unwrap()))
}

/// Where the boxes of plain v3 begin.
fn v3_boxes(payload: &[u8]) -> (usize, usize) {
    let u32_at = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap()) as usize;
    let message = 8 + u32_at(0);
    (message, message + u32_at(message - 4))
}

fn sources(contents: &[Vec<u8>]) -> Vec<Source<'_>> {
    contents.iter().map(|content| Source(Box::new(&content[..]))).collect()
}

fn split(file: &[u8]) -> (Prefix, &[u8]) {
    let prefix = Prefix::parse_whole(file).unwrap();
    let at = usize::try_from(prefix.payload_offset).unwrap();
    (prefix, &file[at..])
}

/// Plaintext of a box, decompressed.
fn plaintext(key: &Key, compression: Compression, sealed: &[u8]) -> Vec<u8> {
    let opened = sealed_box::open(key, sealed).unwrap();
    let mut out = Vec::new();
    reader(compression, &opened[..], 1 << 30).unwrap().read_to_end(&mut out).unwrap();
    out
}

#[test]
fn what_the_original_wrote_we_write() {
    let (mut exact, mut compressed) = (0, 0);
    for case in written_by_the_original() {
        let id = case["id"].as_str().unwrap();
        let original = vector(case["file"].as_str().unwrap());
        let (prefix, payload) = split(&original);
        let header = &prefix.header;
        if !support::writes(header.compression) {
            continue;
        }
        let (_, collected) = open_bytes(&original, &credential(&case), &any_time()).unwrap();
        let release = release_of(header, &collected);
        let before = release.clone();
        let mut rng = randomness(&case, header, payload);
        let mut ours = Vec::new();
        let len =
            seal(&release, &mut sources(&collected.contents), &target(&case, header), &mut rng, &mut ours)
                .unwrap();
        assert_eq!(len, ours.len() as u64, "{id}");
        assert!(rng.is_used_up(), "{id}");
        assert_eq!((&release.message, &release.manifest), (&before.message, &before.manifest), "{id}");
        if header.compression == Compression::None {
            exact += 1;
            assert!(
                ours == original,
                "{id} differs at {:?}",
                ours.iter().zip(&original).position(|(a, b)| a != b)
            );
            continue;
        }
        // Compressors differ; what they compress does not.
        compressed += 1;
        let (our_prefix, our_payload) = split(&ours);
        assert_eq!(our_prefix.header_json, prefix.header_json, "{id}");
        if header.format == Format::V3 {
            let key = content_key(&case).0;
            let (ours_at, theirs_at) = (v3_boxes(our_payload), v3_boxes(payload));
            assert_eq!(our_payload[..ours_at.0 - 4], payload[..theirs_at.0 - 4], "{id}");
            assert!(
                plaintext(&key, header.compression, &our_payload[ours_at.0..ours_at.1])
                    == plaintext(&key, header.compression, &payload[theirs_at.0..theirs_at.1]),
                "{id}"
            );
            assert!(our_payload[ours_at.1..] == payload[theirs_at.1..], "{id}");
        } else {
            let key = PasswordKey::derive(case["password"].as_str().unwrap()).0;
            let [ours, theirs] =
                [our_payload, payload].map(|sealed| plaintext(&key, header.compression, sealed));
            assert!(ours == theirs, "{id}");
        }
    }
    assert!(exact >= 18, "{exact}");
    let expected = [(Compression::Gzip, 2), (Compression::Zstd, 12)];
    let expected: i32 = expected.iter().filter(|(c, _)| support::writes(*c)).map(|(_, files)| files).sum();
    assert!(compressed >= expected, "{compressed}");
}

fn v1() -> Target {
    Target::V1 { password: Password::new("p") }
}

fn v2(compression: Compression) -> Target {
    Target::V2 { password: Password::new("p"), compression }
}

fn v3(chunk: Option<u32>) -> Target {
    let licence = Licence { id: "l".into(), fingerprint: String::new() };
    Target::V3 { licence, cadence: Cadence::Daily, now: MADE_AT, chunk }
}

/// Everything there is to write.
fn kinds(chunk: u32) -> Vec<Target> {
    let mut all = vec![v1(), v3(None), v3(Some(chunk))];
    all.extend(support::written().into_iter().map(v2));
    all
}

fn text(body: &str) -> Release {
    Release { message: Message { body: body.into(), ..Message::default() }, manifest: None, hint: None }
}

fn with_attachments(sizes: &[u64]) -> Release {
    let mut release = text("b");
    let attachment = |size: &u64| Attachment { name: "a".into(), mime: String::new(), size: *size };
    release.message.attachments = sizes.iter().map(attachment).collect();
    release
}

/// The class of the refusal, and that nothing was written.
fn refusal(release: &Release, contents: &[Vec<u8>], target: &Target) -> &'static str {
    let mut out = Vec::new();
    let error = seal(release, &mut sources(contents), target, &mut Script::seed(1), &mut out).unwrap_err();
    assert!(out.is_empty(), "{error}");
    error.class()
}

#[test]
fn what_the_original_refuses_we_refuse() {
    let index = index();
    for case in index["encode_errors"].as_array().unwrap() {
        let found = match case["id"].as_str().unwrap() {
            "v1 empty body, no attachments" => refusal(&text(""), &[], &v1()),
            "v1 empty password" => refusal(&text("b"), &[], &Target::V1 { password: Password::new("") }),
            "v2 empty body, no attachments" => refusal(&text(""), &[], &v2(Compression::None)),
            // Contents are bytes here: there is no base64 that could be wrong.
            "v2 attachment content not base64" => continue,
            "v3 empty license" => {
                let licence = Licence { id: String::new(), fingerprint: "f".into() };
                let target = Target::V3 { licence, cadence: Cadence::Daily, now: MADE_AT, chunk: None };
                refusal(&text("b"), &[], &target)
            }
            "v3 empty message" => refusal(&text(""), &[], &v3(Some(64))),
            other => panic!("{other} is new"),
        };
        assert_eq!(found, case["error_class"].as_str().unwrap(), "{}", case["id"]);
    }
}

#[test]
fn wishes_that_cannot_be_fulfilled() {
    let mut hinted = text("b");
    hinted.hint = Some("h".into());
    assert_eq!(refusal(&hinted, &[], &v2(Compression::None)), "unsupported");
    assert_eq!(refusal(&with_attachments(&[1]), &[], &v1()), "unsupported");
    assert_eq!(refusal(&text("b"), &[], &v3(Some(MIN_CHUNK_WRITTEN - 1))), "unsupported");
    for compression in [Compression::Gzip, Compression::Zstd] {
        if !support::writes(compression) {
            assert_eq!(refusal(&text("b"), &[], &v2(compression)), "unsupported");
        }
    }
}

/// What our own reader would refuse is not written.
#[test]
fn the_readers_limits_are_the_writers() {
    let many = with_attachments(&vec![0; MAX_ATTACHMENTS + 1]);
    assert_eq!(refusal(&many, &vec![Vec::new(); MAX_ATTACHMENTS + 1], &v1()), "over_limit");
    let long = text(&"b".repeat(usize::try_from(MAX_MESSAGE_JSON).unwrap()));
    for target in [v2(Compression::None), v3(None), v3(Some(1 << 20))] {
        assert_eq!(refusal(&long, &[], &target), "over_limit");
    }
    let huge = with_attachments(&[2 << 30]);
    assert_eq!(refusal(&huge, &[Vec::new()], &v2(Compression::Gzip)), "over_limit");
    assert_eq!(refusal(&huge, &[Vec::new()], &v3(Some(64))), "over_limit");
    assert_eq!(refusal(&text("b"), &[], &v3(Some(u32::try_from(MAX_CHUNK).unwrap() + 1))), "over_limit");
    let overflowing = with_attachments(&[u64::MAX, 1]);
    assert_eq!(refusal(&overflowing, &[Vec::new(), Vec::new()], &v3(Some(64))), "over_limit");
    let mut manifest = text("b");
    manifest.manifest = Some(Manifest { title: "t".repeat(17 << 20), ..Manifest::default() });
    assert_eq!(refusal(&manifest, &[], &v1()), "over_limit");
    // More than one nonce is good for.
    for target in [v1(), v2(Compression::None), v3(None)] {
        assert_eq!(refusal(&with_attachments(&[MAX_BOX + 1]), &[Vec::new()], &target), "over_limit");
    }
    let mut meta = text("b");
    meta.message.meta = (0..=MAX_ENTRIES).map(|n| (n.to_string(), String::new())).collect();
    assert_eq!(refusal(&meta, &[], &v1()), "over_limit");
    let track = |start| Track { start, ..Track::default() };
    for (tracks, class) in [
        (vec![track(0.0); MAX_ENTRIES + 1], "over_limit"),
        (vec![track(f64::NAN)], "unsupported"),
        (vec![track(f64::INFINITY)], "unsupported"),
    ] {
        let mut release = text("b");
        release.manifest = Some(Manifest { tracks, ..Manifest::default() });
        for target in [v1(), v2(Compression::None), v3(None), v3(Some(64))] {
            assert_eq!(refusal(&release, &[], &target), class);
        }
    }
}

#[test]
fn a_source_gives_what_was_announced() {
    for target in kinds(64) {
        for (announced, there) in
            [(vec![100, 5], [99, 5]), (vec![100, 5], [101, 5]), (vec![0, 5], [1, 5]), (vec![5, 0], [5, 1])]
        {
            let contents: Vec<_> = there.iter().map(|len| noise(1, *len)).collect();
            let mut out = Vec::new();
            let release = with_attachments(&announced);
            let result = seal(&release, &mut sources(&contents), &target, &mut Script::seed(1), &mut out);
            assert_eq!(result.unwrap_err().class(), "source_changed", "{target:?} {announced:?} {there:?}");
        }
    }
}

/// The error of a source or of the writer is passed on, with the attachment's name.
#[test]
fn readers_and_writers_that_fail() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    struct Full(usize);
    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| io::Error::other("the disk is full"))?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let release = with_attachments(&[100_000]);
    for target in kinds(10_000) {
        let mut failing = [Source(Box::new(Cursor::new(noise(1, 50_000)).chain(Fails)))];
        let error = seal(&release, &mut failing, &target, &mut Script::seed(1), &mut Vec::new()).unwrap_err();
        assert!(matches!(&error, SealError::Read { name, .. } if name == "a"), "{error}");
        let contents = [noise(1, 100_000)];
        let error = seal(&release, &mut sources(&contents), &target, &mut Script::seed(1), &mut Full(60_000))
            .unwrap_err();
        assert!(matches!(&error, SealError::Write(_)), "{error}");
    }
}

/// `now` decides the periods and fills the dates of manifest and message, in the file only.
#[test]
fn v3_dates() {
    let mut release = text("b");
    release.manifest = Some(Manifest { title: "t".into(), ..Manifest::default() });
    for (issued, expected) in [(0, MADE_AT.0), (5, 5)] {
        release.manifest.as_mut().unwrap().issued_at = issued;
        release.message.timestamp = issued;
        for target in [v3(Some(64)), v3(None)] {
            let mut out = Vec::new();
            seal(&release, &mut [], &target, &mut Script::seed(1), &mut out).unwrap();
            assert_eq!(release.manifest.as_ref().unwrap().issued_at, issued);
            let header = split(&out).0.header;
            assert_eq!(header.manifest.unwrap().issued_at, expected);
            let licence = Credential::Licence {
                licence: Licence { id: "l".into(), fingerprint: String::new() },
                at: MADE_AT,
                cadence: None,
            };
            let (_, collected) = open_bytes(&out, &licence, &any_time()).unwrap();
            assert_eq!(collected.message.timestamp, expected);
            assert_eq!(release.message.timestamp, issued);
            let dates: Vec<_> = header.wrapped_keys.into_iter().map(|key| key.date).collect();
            assert_eq!(dates, ["2026-01-12", "2026-01-13"]);
        }
    }
}

/// A box in a file is under a nonce of its own.
#[test]
fn nonces_differ() {
    let contents = [noise(1, 5_000)];
    let mut out = Vec::new();
    seal(&with_attachments(&[5_000]), &mut sources(&contents), &v3(Some(64)), &mut Script::seed(1), &mut out)
        .unwrap();
    let (prefix, payload) = split(&out);
    let index = prefix.header.chunked.unwrap().index;
    let mut nonces: Vec<_> =
        index.iter().map(|(at, _)| &payload[usize::try_from(*at).unwrap()..][..24]).collect();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), index.len());
    assert!(index.len() > 70 && nonces.iter().all(|nonce| **nonce != Nonce([0; 24]).0));
}

/// The licence that a file was made for opens it, at its time.
#[test]
fn a_vector_sealed_again_opens_with_its_licence() {
    let case = case("v3c-6h-16k");
    let original = vector("v3c-6h-16k.smsg");
    let (header, collected) = open_bytes(&original, &credential(&case), &any_time()).unwrap();
    let mut out = Vec::new();
    let release = release_of(&header, &collected);
    seal(
        &release,
        &mut sources(&collected.contents),
        &target(&case, &header),
        &mut Script::seed(4),
        &mut out,
    )
    .unwrap();
    let (_, again) = open_bytes(&out, &credential(&case), &any_time()).unwrap();
    assert_eq!((again.message, again.contents), (collected.message, collected.contents));
    let stranger = Credential::Licence {
        licence: Licence { id: "x".into(), fingerprint: String::new() },
        at: MADE_AT,
        cadence: None,
    };
    assert_eq!(open_bytes(&out, &stranger, &any_time()).unwrap_err().class(), "no_valid_key");
}

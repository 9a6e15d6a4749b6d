//! The bytes before the payload: from a prefix, from a whole file, from a reader.

use crate::common;

use common::cases;
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use smsg::{
    ContainerError, Format, Header, OpenError, Prefix,
    container::{self, Parsed},
    limits,
};
use std::io::Read;

/// `Prefix::read`, and how much of the reader it took.
fn read(bytes: &[u8]) -> (Result<Prefix, ContainerError>, u64) {
    let mut rest = bytes;
    let prefix = Prefix::read(&mut rest).map_err(|error| match error {
        OpenError::Container(error) => error,
        other => panic!("{other}"),
    });
    (prefix, (bytes.len() - rest.len()) as u64)
}

#[test]
fn prefixes_of_the_vectors() {
    for case in cases().iter().filter(|case| case.text("encoding") == "binary") {
        let Some(offset) = case.0["payload_offset"].as_u64() else { continue };
        let bytes = case.file();
        let Ok(prefix) = Prefix::parse_whole(&bytes) else { continue };
        assert_eq!(prefix.payload_offset, offset, "{}", case.id());
        assert_eq!(prefix.header_json, case.text("header_json").as_bytes(), "{}", case.id());
        let (same, taken) = read(&bytes);
        assert_eq!(same.unwrap().header_json, prefix.header_json, "{}", case.id());
        assert_eq!(taken, offset, "{}: the reader stands at the payload", case.id());
    }
}

#[test]
fn broken_containers_are_named_as_in_the_vectors() {
    let mut seen = 0;
    for case in cases().iter().filter(|case| case.text("encoding") == "binary") {
        let Some(expected) = case.error_class() else { continue };
        let ours = ["bad_magic", "bad_version", "truncated_container", "header_too_large", "header_not_json"];
        if !ours.contains(&expected) {
            continue;
        }
        let bytes = case.file();
        let error = Prefix::parse_whole(&bytes).unwrap_err();
        assert_eq!(error.class(), expected, "{}: {error}", case.id());
        assert_eq!(read(&bytes).0.unwrap_err(), error, "{}", case.id());
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}

#[test]
fn beginnings_of_the_vectors() {
    let index = common::index();
    let beginnings = index["v3_header_prefix"].as_array().unwrap();
    for beginning in beginnings {
        let id = beginning["id"].as_str().unwrap();
        let bytes = HEXLOWER.decode(beginning["bytes_hex"].as_str().unwrap().as_bytes()).unwrap();
        let parsed = Prefix::parse(&bytes);
        match id {
            "8-bytes" => assert!(matches!(parsed, Ok(Parsed::NeedMore(9))), "{parsed:?}"),
            "9-bytes" | "header-minus-1" => {
                assert!(matches!(parsed, Ok(Parsed::NeedMore(684))), "{parsed:?}")
            }
            "header-exact" => {
                let Ok(Parsed::Whole(prefix)) = parsed else { panic!("{parsed:?}") };
                assert_eq!(Some(prefix.payload_offset), beginning["payload_offset"].as_u64());
                let chunks = prefix.header.chunked.unwrap().index.len() as u64;
                assert_eq!(Some(chunks), beginning["total_chunks"].as_u64());
            }
            "bad-magic" => assert_eq!(parsed.unwrap_err(), ContainerError::BadMagic),
            // The original's call looks at neither.
            "version-7-accepted" => assert_eq!(parsed.unwrap_err(), ContainerError::UnsupportedContainer(7)),
            "top-length-byte-ignored" => assert_eq!(parsed.unwrap_err().class(), "header_too_large"),
            other => panic!("{other} is new"),
        }
    }
    assert_eq!(beginnings.len(), 7);
}

#[test]
fn errors_come_as_early_as_the_bytes_show_them() {
    for (bytes, expected) in [
        (&b"X"[..], "bad_magic"),
        (b"SMSg", "bad_magic"),
        (b"SMSG\x03", "bad_version"),
        (b"SMSG\x02\x01\x00\x00\x01", "header_too_large"),
        (b"SMSG\x02\x00\x00\x00\x00", "header_not_json"),
    ] {
        assert_eq!(Prefix::parse(bytes).unwrap_err().class(), expected);
        assert_eq!(read(bytes).0.unwrap_err().class(), expected);
    }
    for bytes in [&b""[..], b"S", b"SMS", b"SMSG", b"SMSG\x02", b"SMSG\x02\x00\x00\x00"] {
        assert!(matches!(Prefix::parse(bytes), Ok(Parsed::NeedMore(9))));
        assert_eq!(
            Prefix::parse_whole(bytes).unwrap_err(),
            ContainerError::Truncated { have: bytes.len() as u64 }
        );
    }
}

#[test]
fn a_claimed_length_is_not_believed() {
    // 16 MiB are claimed; the reader must not be asked for them at once when it gives little.
    struct Watched<'a>(&'a [u8], usize);
    impl Read for Watched<'_> {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            self.1 = self.1.max(buf.len());
            self.0.read(buf)
        }
    }
    let mut reader = Watched(b"SMSG\x02\x01\x00\x00\x00{\"a", 0);
    let error = Prefix::read(&mut reader).unwrap_err();
    assert!(matches!(error, OpenError::Container(ContainerError::Truncated { have: 12 })), "{error}");
    assert!(reader.1 <= 1 << 16, "asked for {} bytes", reader.1);
}

#[test]
fn no_header_is_written_that_would_not_be_read() {
    let mut header = Header::new(Format::V2);
    let empty = header.to_json().len() + r#""hint":"","#.len();
    header.hint = Some("x".repeat(usize::try_from(limits::MAX_HEADER).unwrap() - empty));
    let longest = container::write(&header).unwrap();
    assert_eq!(Prefix::parse_whole(&longest).unwrap().header, header);
    header.hint.as_mut().unwrap().push('x');
    assert_eq!(
        container::write(&header).unwrap_err(),
        ContainerError::HeaderTooLarge(limits::MAX_HEADER + 1)
    );
}

proptest! {
    #[test]
    fn a_prefix_asks_for_exactly_what_is_missing(hint in "[a-z]{0,40}", payload in prop::collection::vec(any::<u8>(), 0..20)) {
        let mut header = Header::new(Format::V1);
        header.hint = (!hint.is_empty()).then_some(hint);
        let mut file = container::write(&header).unwrap();
        let whole = file.len();
        file.extend_from_slice(&payload);
        for have in 0..file.len() {
            match Prefix::parse(&file[..have]).unwrap() {
                Parsed::NeedMore(wanted) => {
                    prop_assert!(have < whole);
                    prop_assert_eq!(wanted, if have < 9 { 9 } else { whole as u64 });
                }
                Parsed::Whole(prefix) => {
                    prop_assert!(have >= whole);
                    prop_assert_eq!(prefix.payload_offset, whole as u64);
                    prop_assert_eq!(prefix.header, header.clone());
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_parsing_panic(bytes in prop::collection::vec(any::<u8>(), 0..40), known in 0usize..10) {
        let mut bytes = bytes;
        for (byte, like) in bytes.iter_mut().zip(b"SMSG\x02\x00\x00\x00\x05{").take(known) {
            *byte = *like;
        }
        let whole = Prefix::parse_whole(&bytes);
        prop_assert_eq!(read(&bytes).0.map(|p| p.header), whole.as_ref().map(|p| p.header.clone()).map_err(Clone::clone));
        if let Err(error) = Prefix::parse(&bytes) {
            prop_assert_eq!(whole.unwrap_err(), error);
        }
    }
}

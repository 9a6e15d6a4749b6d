//! Base64 text of files: the forms that are read, those that are not, and the reader that takes either.

use crate::common;

use common::cases;
use proptest::prelude::*;
use smsg::{
    ContainerError, OpenError, Prefix,
    limits::DETECTED_WITHIN,
    text::{BinaryReader, Encoding, decode_bytes, detect, encode, to_binary},
};
use std::io::{self, Read};

/// Gives its bytes in pieces of given lengths, with interruptions in between.
struct Pieces<'a> {
    bytes: &'a [u8],
    lengths: Vec<usize>,
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(7) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let wanted = self.lengths[self.turn % self.lengths.len()].min(buf.len());
        let len = wanted.min(self.bytes.len());
        let (now, later) = self.bytes.split_at(len);
        buf[..len].copy_from_slice(now);
        self.bytes = later;
        Ok(len)
    }
}

fn read_all(bytes: &[u8], lengths: Vec<usize>) -> Result<(Encoding, Vec<u8>), ContainerError> {
    let mut reader = BinaryReader::new(Pieces { bytes, lengths, turn: 0 }).unwrap();
    let mut all = Vec::new();
    match reader.read_to_end(&mut all) {
        Ok(_) => Ok((reader.encoding(), all)),
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            Err(error.downcast().unwrap())
        }
    }
}

#[test]
fn text_of_the_vectors() {
    let mut seen = 0;
    for case in cases().iter().filter(|case| case.text("encoding") == "base64-text") {
        let bytes = case.file();
        let opened = decode_bytes(&bytes).and_then(|binary| Prefix::parse_whole(&binary));
        let expected = match case.id() {
            // The original says that the magic is wrong.
            "b64-of-b64" => Some("double_base64"),
            _ => case.error_class(),
        };
        assert_eq!(opened.as_ref().err().map(ContainerError::class), expected, "{}", case.id());
        seen += 1;
    }
    assert_eq!(seen, 9);
}

#[test]
fn either_form_is_detected() {
    for case in cases() {
        let bytes = case.file();
        let binary = to_binary(&bytes);
        let read = read_all(&bytes, vec![5, 1, 900]);
        assert_eq!(binary.as_ref().map(|binary| binary.to_vec()), read.as_ref().map(|read| read.1.clone()));
        match case.id() {
            // Where either form may be, text is read although the caller of the original had to say which.
            "b64-text-as-binary" | "b64-std" | "b64-crlf" | "b64-wrapped76" => {
                assert_eq!(binary.unwrap(), common::file("n-base.smsg"), "{}", case.id());
            }
            "b64-of-b64" => assert_eq!(binary, Err(ContainerError::DoubleBase64)),
            // `decode_bytes` refuses it, but it is a whole file.
            "b64-raw-binary" | "b64-empty" => assert_eq!(binary.unwrap(), bytes),
            id if id.starts_with("b64-") => assert_eq!(binary.unwrap_err().class(), "bad_base64", "{id}"),
            id => assert_eq!(binary.unwrap(), bytes, "{id}"),
        }
    }
}

#[test]
fn what_the_first_bytes_say() {
    for text in [&b"U01T"[..], b"U01TRwI=", b"\r\n\nU0\r1T", b"VTAxVFJ3ST0="] {
        assert_eq!(detect(text), Encoding::Base64, "{text:?}");
    }
    for binary in [&b"SMSG\x02"[..], b"", b"U01", b"\n\n\n", b" U01T", b"u01t", b"{}"] {
        assert_eq!(detect(binary), Encoding::Binary, "{binary:?}");
    }
}

#[test]
fn damage_is_found_where_it_is() {
    for text in [
        "U01TR",
        "U01TRw",
        "U01TRw=",
        "U01TRw==A",
        "U01TRw==AAAA",
        "U01TRw===",
        "U01TR===",
        "U01T====",
        "U01TRx==",
        "U01T RwI=",
        "U01TRwI= ",
        "U01TRwI=\t",
        "U01TRw-_",
        "U01T\u{0}RwI=",
        "U01TRwI=\n=",
        "U01TRw==U01TRw==",
    ] {
        let whole = decode_bytes(text.as_bytes());
        assert!(matches!(whole, Err(ContainerError::BadBase64(_))), "{text:?} {whole:?}");
        for cut in 1..9 {
            assert_eq!(
                read_all(text.as_bytes(), vec![cut]).unwrap_err(),
                whole.clone().unwrap_err(),
                "{text:?} {cut}"
            );
        }
    }
    let ContainerError::BadBase64(said) = decode_bytes(b"U01T\r\nRw?=").unwrap_err() else { panic!() };
    assert_eq!(said, "character 6 does not belong there");
}

#[test]
fn damage_inside_the_header_is_the_file_s_fault() {
    let mut reader = BinaryReader::new(&b"U01TRwIAAAAC e30="[..]).unwrap();
    let error = Prefix::read(&mut reader).unwrap_err();
    assert!(matches!(error, OpenError::Container(ContainerError::BadBase64(_))), "{error}");
}

#[test]
fn a_reader_that_fails_is_not_blamed_on_the_file() {
    #[derive(Debug)]
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    assert_eq!(BinaryReader::new(Fails).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    let mut reader = BinaryReader::new(Read::chain(&b"SMSG\x02"[..], Fails)).unwrap();
    let error = Prefix::read(&mut reader).unwrap_err();
    assert!(matches!(&error, OpenError::Read(e) if e.kind() == io::ErrorKind::ConnectionReset), "{error}");
}

#[test]
fn a_file_of_line_breaks_alone_is_read_as_it_is() {
    let breaks = vec![b'\n'; 100_000];
    assert_eq!(read_all(&breaks, vec![4_096]).unwrap(), (Encoding::Binary, breaks.clone()));
}

#[test]
fn text_behind_so_many_line_breaks_is_found_and_behind_more_is_not() {
    for (breaks, found) in
        [(10_000, true), (DETECTED_WITHIN - 4, true), (DETECTED_WITHIN - 3, false), (60_000, false)]
    {
        let mut late = vec![b'\n'; breaks];
        late.extend_from_slice(b"U01TRwI=");
        let (encoding, binary) =
            if found { (Encoding::Base64, b"SMSG\x02".to_vec()) } else { (Encoding::Binary, late.clone()) };
        assert_eq!(detect(&late), encoding, "{breaks}");
        assert_eq!(to_binary(&late).unwrap(), binary, "{breaks}");
        for lengths in [vec![1], vec![63], vec![4_096], vec![1 << 20]] {
            assert_eq!(read_all(&late, lengths).unwrap(), (encoding, binary.clone()), "{breaks}");
        }
    }
}

#[test]
fn text_encoded_twice_is_named_however_slowly_it_comes() {
    let twice = encode(encode(b"SMSG\x02\0\0\0\x02{}").as_bytes());
    for text in [twice.clone(), format!("\n{twice}"), format!("{}\r\n{}", &twice[..4], &twice[4..])] {
        for cut in 1..9 {
            let read = read_all(text.as_bytes(), vec![cut]);
            assert_eq!(read, Err(ContainerError::DoubleBase64), "{cut} at a time: {text:?}");
        }
    }
    // What ends before it can be told is what it is.
    assert_eq!(read_all(b"VTAx", vec![1]).unwrap(), (Encoding::Base64, b"U01".to_vec()));
}

proptest! {
    #[test]
    fn text_comes_back_whatever_its_lines(
        bytes in prop::collection::vec(any::<u8>(), 0..40_000),
        line in 1usize..200,
        crlf: bool,
        leading in 0usize..3,
        lengths in prop::collection::vec(1usize..5_000, 1..5),
    ) {
        let mut file = b"SMSG\x02".to_vec();
        file.extend_from_slice(&bytes);
        let text = encode(&file);
        let end = if crlf { "\r\n" } else { "\n" };
        let mut lines = end.repeat(leading);
        for piece in text.as_bytes().chunks(line) {
            lines.push_str(std::str::from_utf8(piece).unwrap());
            lines.push_str(end);
        }
        for form in [text.as_str(), lines.as_str()] {
            prop_assert_eq!(&smsg::text::decode(form).unwrap(), &file);
            prop_assert_eq!(&*to_binary(form.as_bytes()).unwrap(), &file[..]);
            let (encoding, read) = read_all(form.as_bytes(), lengths.clone()).unwrap();
            prop_assert_eq!(encoding, Encoding::Base64);
            prop_assert_eq!(&read, &file);
        }
        let (encoding, read) = read_all(&file, lengths.clone()).unwrap();
        prop_assert_eq!((encoding, &read), (Encoding::Binary, &file));
        let twice = encode(text.as_bytes());
        prop_assert_eq!(decode_bytes(twice.as_bytes()), Err(ContainerError::DoubleBase64));
        prop_assert_eq!(read_all(twice.as_bytes(), lengths), Err(ContainerError::DoubleBase64));
    }

    #[test]
    fn one_character_makes_text_damaged_or_another(
        bytes in prop::collection::vec(any::<u8>(), 1..60),
        at: prop::sample::Index,
        with: u8,
    ) {
        let text = encode(&bytes);
        let mut damaged = text.clone().into_bytes();
        let at = at.index(damaged.len());
        damaged[at] = with;
        if let Ok(decoded) = decode_bytes(&damaged) {
            // Only one text stands for given bytes, but for line breaks.
            let kept: Vec<u8> = damaged.into_iter().filter(|byte| *byte != b'\r' && *byte != b'\n').collect();
            prop_assert_eq!(encode(&decoded).into_bytes(), kept);
        }
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), like_text: bool) {
        let bytes = if like_text { [b"U01T", &bytes[..]].concat() } else { bytes };
        let whole = to_binary(&bytes).map(|binary| binary.into_owned());
        prop_assert_eq!(read_all(&bytes, vec![3, 10]).map(|read| read.1), whole);
    }
}

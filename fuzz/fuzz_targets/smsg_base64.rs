//! Binary or base64 text: no bytes panic the detection, reading piece by piece is reading at once, and what is encoded decodes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::text::{BinaryReader, decode, encode, to_binary};
use std::io::Read;

fuzz_target!(|bytes: &[u8]| {
    let at_once = to_binary(bytes).ok().map(|binary| binary.into_owned());
    let mut piecewise = Vec::new();
    let read = BinaryReader::new(bytes).and_then(|mut reader| {
        let mut piece = [0; 7];
        loop {
            match reader.read(&mut piece)? {
                0 => return Ok(()),
                n => piecewise.extend_from_slice(&piece[..n]),
            }
        }
    });
    assert_eq!(at_once, read.ok().map(|()| piecewise));
    if let Ok(decoded) = decode(&encode(bytes)) {
        assert_eq!(decoded, bytes);
    }
    let _ = std::str::from_utf8(bytes).map(decode);
});

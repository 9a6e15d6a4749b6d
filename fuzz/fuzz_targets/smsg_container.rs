//! Whole sealed files: no bytes panic the reader, and its ways of reading a beginning agree. The key opens the vectors that a
//! corpus may start from (`spec/vectors/smsg`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::{
    Limits, Prefix, UnixTime,
    container::Parsed,
    keys::{Credential, Licence, Password},
    open::{Options, open_bytes},
};

fuzz_target!(|bytes: &[u8]| {
    let whole = Prefix::parse_whole(bytes);
    match Prefix::parse(bytes) {
        Ok(Parsed::Whole(prefix)) => {
            assert_eq!(whole.as_ref().map(|whole| whole.payload_offset), Ok(prefix.payload_offset));
            assert!(prefix.payload_offset <= bytes.len() as u64);
        }
        Ok(Parsed::NeedMore(bytes_needed)) => assert!(whole.is_err() && bytes_needed > bytes.len() as u64),
        Err(refusal) => assert_eq!(whole.err(), Some(refusal)),
    }
    let now = UnixTime(1_768_230_245);
    let options = Options { limits: Limits { decompressed: 1 << 20 }, now: Some(now) };
    let licence = Licence { id: "lic-7G4x-0o1l-sSzZ".into(), fingerprint: "device-fp-1".into() };
    for credential in [
        Credential::Password(Password::new("correct horse battery staple")),
        Credential::Licence { licence, at: now, cadence: None },
    ] {
        if let Ok((_, opened)) = open_bytes(bytes, &credential, &options) {
            assert_eq!(opened.contents.len(), opened.message.attachments.len());
        }
    }
});

//! Bencode: no bytes panic it, a value that is taken strictly has one spelling, and torrents read from it hash as they
//! are written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_core::{
    bencode::{DictWriter, KeyOrder, ListWriter, Value, list, read_first},
    torrent::{info_from_bencode, info_of},
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((value, rest)) = read_first(bytes, KeyOrder::Sorted) {
        let written = list(|out| item(out, value));
        assert_eq!(written[1..written.len() - 1], bytes[..bytes.len() - rest.len()]);
        assert_eq!(read_first(bytes, KeyOrder::Any), Ok((value, rest)));
    }
    if let Ok((value, _)) = read_first(bytes, KeyOrder::Any) {
        let _ = format!("{value:?}");
    }
    if let Some(info) = info_from_bencode(bytes) {
        assert_eq!(info.to_bencode(), bytes);
    }
    if let Some(info) = info_of(bytes) {
        assert_eq!(info_from_bencode(&info.to_bencode()), Some(info));
    }
});

fn item(out: &mut ListWriter<'_>, value: Value<'_>) {
    match value {
        Value::Integer(value) => out.integer(value),
        Value::Bytes(bytes) => out.bytes(bytes),
        Value::List(list) => out.list(|out| list.iter().for_each(|value| item(out, value))),
        Value::Dict(dict) => out.dict(|out| dict.iter().for_each(|(key, value)| member(out, key, value))),
    };
}

fn member(out: &mut DictWriter<'_>, key: &[u8], value: Value<'_>) {
    match value {
        Value::Integer(value) => out.integer(key, value),
        Value::Bytes(bytes) => out.bytes(key, bytes),
        Value::List(list) => out.list(key, |out| list.iter().for_each(|value| item(out, value))),
        Value::Dict(dict) => {
            out.dict(key, |out| dict.iter().for_each(|(key, value)| member(out, key, value)))
        }
    };
}

//! Bencode: what is written reads back, what is not canonical is refused, and no bytes do harm.
#![allow(clippy::unwrap_used)]

use osp_core::bencode::{
    self, BencodeError, DictWriter, KeyOrder, ListWriter, MAX_DEPTH, Value, read, read_first,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A value that owns its bytes.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Integer(i64),
    Bytes(Vec<u8>),
    List(Vec<Tree>),
    Dict(BTreeMap<Vec<u8>, Tree>),
}

fn trees() -> impl Strategy<Value = Tree> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..12);
    let leaf = prop_oneof![any::<i64>().prop_map(Tree::Integer), bytes().prop_map(Tree::Bytes)];
    leaf.prop_recursive(6, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Tree::List),
            proptest::collection::btree_map(bytes(), inner, 0..6).prop_map(Tree::Dict),
        ]
    })
}

fn fill_list(out: &mut ListWriter<'_>, items: &[Tree]) {
    for item in items {
        match item {
            Tree::Integer(value) => out.integer(*value),
            Tree::Bytes(bytes) => out.bytes(bytes),
            Tree::List(items) => out.list(|out| fill_list(out, items)),
            Tree::Dict(entries) => out.dict(|out| fill_dict(out, entries)),
        };
    }
}

fn fill_dict(out: &mut DictWriter<'_>, entries: &BTreeMap<Vec<u8>, Tree>) {
    for (key, value) in entries {
        match value {
            Tree::Integer(value) => out.integer(key, *value),
            Tree::Bytes(bytes) => out.bytes(key, bytes),
            Tree::List(items) => out.list(key, |out| fill_list(out, items)),
            Tree::Dict(entries) => out.dict(key, |out| fill_dict(out, entries)),
        };
    }
}

fn tree_of(value: Value<'_>) -> Tree {
    match value {
        Value::Integer(value) => Tree::Integer(value),
        Value::Bytes(bytes) => Tree::Bytes(bytes.to_vec()),
        Value::List(list) => Tree::List(list.iter().map(tree_of).collect()),
        Value::Dict(dict) => {
            Tree::Dict(dict.iter().map(|(key, value)| (key.to_vec(), tree_of(value))).collect())
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(items in proptest::collection::vec(trees(), 0..6), rest in any::<[u8; 3]>()) {
        let mut bytes = bencode::list(|out| fill_list(out, &items));
        prop_assert_eq!(read(&bytes, KeyOrder::Sorted).map(tree_of), Ok(Tree::List(items.clone())));
        // With bytes after it, and cut short.
        let whole = bytes.len();
        bytes.extend(rest);
        let (value, after) = read_first(&bytes, KeyOrder::Sorted).unwrap();
        prop_assert_eq!(tree_of(value), Tree::List(items));
        prop_assert_eq!(after, rest);
        prop_assert_eq!(read(&bytes, KeyOrder::Sorted), Err(BencodeError::Trailing(3)));
        for end in 0..whole {
            prop_assert_eq!(read(&bytes[..end], KeyOrder::Sorted), Err(BencodeError::Truncated));
        }
    }

    /// What is taken has one spelling: writing it again gives the same bytes.
    #[test]
    fn what_is_read_is_canonical(bytes in "[0-9ilde:a-]{0,12}") {
        let bytes = [b"l", bytes.as_bytes(), b"e"].concat();
        if let Ok(Value::List(list)) = read(&bytes, KeyOrder::Sorted) {
            let items: Vec<_> = list.iter().map(tree_of).collect();
            prop_assert_eq!(bencode::list(|out| fill_list(out, &items)), bytes);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for order in [KeyOrder::Sorted, KeyOrder::Any] {
            if let Ok((value, rest)) = read_first(&bytes, order) {
                prop_assert!(rest.len() < bytes.len());
                let _ = format!("{value:?}");
            }
        }
    }
}

#[test]
fn one_spelling_of_a_number() {
    for (text, value) in
        [("i0e", 0), ("i-1e", -1), ("i9223372036854775807e", i64::MAX), ("i-9223372036854775808e", i64::MIN)]
    {
        assert_eq!(read(text.as_bytes(), KeyOrder::Sorted), Ok(Value::Integer(value)), "{text}");
    }
    for text in ["i-0e", "i00e", "i01e", "ie", "i-e", "i+1e", "i 1e", "i1 e", "i--1e", "i1.0e", "i-01e"] {
        assert_eq!(read(text.as_bytes(), KeyOrder::Any), Err(BencodeError::Number(1)), "{text}");
    }
    for text in ["i9223372036854775808e", "i-9223372036854775809e", "i99999999999999999999999999e"] {
        assert_eq!(read(text.as_bytes(), KeyOrder::Any), Err(BencodeError::Number(1)), "{text}");
    }
}

#[test]
fn one_spelling_of_a_length() {
    assert_eq!(read(b"0:", KeyOrder::Sorted), Ok(Value::Bytes(b"")));
    for text in ["00:", "01:a", "1a", "1 :a", "99999999999999999999:a"] {
        assert_eq!(read(text.as_bytes(), KeyOrder::Any), Err(BencodeError::Number(0)), "{text}");
    }
    assert_eq!(read(b"9223372036854775807:a", KeyOrder::Any), Err(BencodeError::Truncated));
    assert_eq!(read(b"-1:a", KeyOrder::Any), Err(BencodeError::Unexpected(0)));
}

#[test]
fn order_of_keys_where_it_counts() {
    for (text, at) in [("d1:bi1e1:ai2ee", 7), ("d1:ai1e1:ai2ee", 7), ("ld2:aai1e1:bi1e2:abi1eee", 15)] {
        assert_eq!(read(text.as_bytes(), KeyOrder::Sorted), Err(BencodeError::Unsorted(at)), "{text}");
        assert!(read(text.as_bytes(), KeyOrder::Any).is_ok(), "{text}");
    }
    let twice = read(b"d1:bi1e1:ai2e1:ai3ee", KeyOrder::Any).unwrap().dict().unwrap();
    assert_eq!(twice.integer(b"a"), Some(2));
    assert_eq!(read(b"di1ei2ee", KeyOrder::Any), Err(BencodeError::Unexpected(1)));
    assert_eq!(read(b"d1:ae", KeyOrder::Any), Err(BencodeError::Unexpected(4)));
}

#[test]
fn nesting_ends() {
    let nested = |depth: usize| [vec![b'l'; depth], vec![b'e'; depth]].concat();
    assert!(read(&nested(MAX_DEPTH), KeyOrder::Sorted).is_ok());
    assert_eq!(read(&nested(MAX_DEPTH + 1), KeyOrder::Sorted), Err(BencodeError::TooDeep(MAX_DEPTH)));
    assert_eq!(read(&nested(1_000_000), KeyOrder::Sorted), Err(BencodeError::TooDeep(MAX_DEPTH)));
}

#[test]
fn members_by_name_and_type() {
    let text = b"d4:dictd1:xi7ee4:listli1e1:ae6:numberi-5e4:rawx4:\xff\xfe\xfd\xfce4:trap";
    let (value, rest) = read_first(text, KeyOrder::Sorted).unwrap();
    let dict = value.dict().unwrap();
    assert_eq!(rest, b"4:trap");
    assert_eq!(dict.dict(b"dict").unwrap().raw(), b"d1:xi7ee");
    assert_eq!(dict.list(b"list").unwrap().iter().count(), 2);
    assert_eq!(dict.integer(b"number"), Some(-5));
    assert_eq!(dict.bytes(b"rawx"), Some(b"\xff\xfe\xfd\xfc".as_slice()));
    assert_eq!(dict.text(b"rawx"), None);
    assert_eq!(dict.integer(b"rawx"), None);
    assert_eq!(dict.get(b"missing"), None);
}

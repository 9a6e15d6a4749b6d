//! Headers: the original's come back byte for byte, what is not understood is refused.

use crate::common;

use common::{Case, case, cases};
use proptest::prelude::*;
use smsg::{
    ContainerError, Format, Header, Manifest, Prefix,
    header::{Checksum, ChunkTable, Compression, WrappedKey, warnings},
    keys::Cadence,
    limits,
    manifest::Track,
};
use std::collections::BTreeSet;

fn parse(json: &str) -> Result<Header, ContainerError> {
    Header::parse(json.as_bytes())
}

fn class(json: &str) -> &'static str {
    parse(json).map_or_else(|error| error.class(), |_| "ok")
}

/// Headers that the original did not write itself, so that ours need not look like them.
fn is_edited(case: &Case) -> Option<&'static str> {
    let id = case.id();
    if id == "x-header-unknown-fields" {
        return Some("members that are not known are not kept");
    }
    if id == "x-header-whitespace" {
        return Some("white space around it");
    }
    if id.starts_with("x-") && !case.text("header_json").contains("\"version\"") {
        return Some("crafted without version and algorithm, which we always write");
    }
    if id.starts_with("n3-") && case.text("header_json").starts_with("{\"version\"") {
        return Some("crafted with its members in another order");
    }
    None
}

#[test]
fn headers_of_the_original_come_back_byte_for_byte() {
    let mut compared = BTreeSet::new();
    for case in cases() {
        let json = case.text("header_json");
        if json.is_empty() || case.error_class().is_some() {
            continue;
        }
        if ["x-algorithm-ignored", "x-format-unknown", "x-compression-unknown", "n-header-null"]
            .contains(&case.id())
        {
            assert!(parse(json).is_err(), "{}: refused, unlike by the original", case.id());
            continue;
        }
        let header = parse(json).unwrap_or_else(|error| panic!("{}: {error}", case.id()));
        let written = String::from_utf8(header.to_json()).unwrap();
        assert_eq!(Header::parse(written.as_bytes()).unwrap(), header, "{}", case.id());
        if let Some(why) = is_edited(&case) {
            assert_ne!(written, json, "{} is exempt for nothing: {why}", case.id());
            continue;
        }
        assert_eq!(written, json, "{}", case.id());
        compared.insert(json.to_owned());
    }
    assert!(compared.len() >= 30, "only {} different headers were compared", compared.len());
}

#[test]
fn what_get_info_of_the_original_says_we_read_too() {
    for case in cases() {
        let info = &case.0["get_info"];
        let Ok(header) = parse(case.text("header_json")) else { continue };
        if info.is_null() {
            continue;
        }
        let format = match header.format {
            Format::V1 => "",
            Format::V2 => "v2",
            Format::V3 => "v3",
        };
        let compression = match header.compression {
            Compression::None => "",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        };
        assert_eq!(info["format"].as_str().unwrap_or_default(), format, "{}", case.id());
        assert_eq!(info["compression"].as_str().unwrap_or_default(), compression, "{}", case.id());
        assert_eq!(info["hint"].as_str(), header.hint.as_deref(), "{}", case.id());
        let manifest: Option<Manifest> = serde_json::from_value(info["manifest"].clone()).unwrap();
        assert_eq!(header.manifest, manifest, "{}", case.id());
    }
}

#[test]
fn headers_that_the_original_refuses_are_refused_in_the_same_class() {
    let mut judged = 0;
    for case in cases() {
        let Some(expected) = case.error_class() else { continue };
        let ours = ["header_not_json", "unsupported_key_method", "truncated_container", "header_too_large"];
        if case.text("encoding") != "binary" || !ours.contains(&expected) {
            continue;
        }
        assert_eq!(Prefix::parse_whole(&case.file()).unwrap_err().class(), expected, "{}", case.id());
        judged += 1;
    }
    assert!(judged >= 17, "{judged}");
}

#[test]
fn what_is_not_understood_is_refused() {
    for (json, expected) in [
        (r#"{"version":"2.0"}"#, "unsupported_version"),
        (r#"{"version":1}"#, "header_not_json"),
        (r#"{"algorithm":"aes-256-gcm"}"#, "unsupported_algorithm"),
        (r#"{"format":"v9"}"#, "unsupported_format"),
        (r#"{"format":"V2"}"#, "unsupported_format"),
        (r#"{"compression":"br"}"#, "unsupported_compression"),
        (r#"{"format":"v3","keyMethod":"direct"}"#, "unsupported_key_method"),
        (r#"{"format":"v3"}"#, "unsupported_key_method"),
        (r#"{"format":"v3","keyMethod":null}"#, "unsupported_key_method"),
        (r#"{"format":"v2","keyMethod":"other"}"#, "unsupported_key_method"),
        (r#"{"format":"v2","keyMethod":"lthn-rolling"}"#, "ok"),
        (r#"{"format":"v3","keyMethod":"lthn-rolling"}"#, "ok"),
        (r#"{"checksum":"00"}"#, "checksum"),
        (r#"{"checksum_algo":"sha256"}"#, "ok"),
        (r#"{"checksum":null}"#, "ok"),
        ("{}", "ok"),
        ("null", "header_not_json"),
        ("[]", "header_not_json"),
        ("[{}]", "header_not_json"),
        ("", "header_not_json"),
        ("{} x", "header_not_json"),
        ("\u{feff}{}", "header_not_json"),
    ] {
        assert_eq!(class(json), expected, "{json}");
    }
    assert_eq!(Header::parse(b"{\"other\":\"\xff\"}").unwrap_err().class(), "header_not_json");
}

#[test]
fn a_refusal_quotes_only_so_much_of_the_file() {
    let long = "x".repeat(100_000);
    for json in [format!(r#"{{"version":"{long}"}}"#), format!(r#"{{"format":{{"{long}":1}}}}"#), long] {
        let said = parse(&json).unwrap_err().to_string();
        assert!(said.len() < 400, "{} bytes", said.len());
    }
}

#[test]
fn members_have_one_name_one_type_and_come_once() {
    for json in [
        r#"{"Version":"1.0"}"#,
        r#"{"keymethod":"lthn-rolling"}"#,
        r#"{"format":"v2","format":"v2"}"#,
        r#"{"format":null,"format":"v2"}"#,
        r#"{"hint":7}"#,
        r#"{"manifest":[]}"#,
        r#"{"manifest":{"Title":"x"}}"#,
        r#"{"manifest":{"year":"2026"}}"#,
        r#"{"manifest":{"year":2026.5}}"#,
        r#"{"manifest":{"tracks":[null]}}"#,
        r#"{"manifest":{"tracks":[{"start":"0"}]}}"#,
        r#"{"manifest":{"links":{"a":1}}}"#,
        r#"{"manifest":{"links":{"a":"1","a":"1"}}}"#,
        r#"{"wrappedKeys":{}}"#,
        r#"{"chunked":{"index":[{"offset":0.5,"size":1}]}}"#,
        r#"{"chunked":{"index":[{"offset":1e30,"size":1}]}}"#,
        r#"{"chunked":{"index":[{"offset":9223372036854775808,"size":1}]}}"#,
        r#"{"chunked":{"index":[[0,1]]}}"#,
        r#"{"chunked":{"chunkSize":-1}}"#,
        r#"{"chunked":{"chunkSize":18446744073709551615}}"#,
        r#"{"chunked":{"totalChunks":9223372036854775808}}"#,
        r#"{"chunked":{"totalSize":18446744073709551615}}"#,
        // Other cases of s and k, to which Unicode folds U+017F and U+212A.
        "{\"ver\u{17f}ion\":\"1.0\"}",
        "{\"\u{212a}eyMethod\":\"x\"}",
        r#"{"\u212aeyMethod":"x"}"#,
        "{\"manifest\":{\"trac\u{212a}\u{17f}\":[]}}",
    ] {
        assert_eq!(class(json), "header_not_json", "{json}");
    }
}

#[test]
fn half_a_pair_of_surrogates_is_refused_wherever_it_stands() {
    for text in [
        r"\ud800",
        r"\uDFFF",
        r"\ud800x",
        r"\ud800\n",
        r"\udc00\ud800",
        r"\ud83c\ud83c\udfb5",
        r"\\\ud800",
        r"\ud800\\udc00",
    ] {
        for json in [
            format!(r#"{{"hint":"{text}"}}"#),
            format!(r#"{{"x":"{text}"}}"#),
            format!(r#"{{"x":[{{"y":["{text}"]}}]}}"#),
            format!(r#"{{"x":{{"{text}":1}}}}"#),
            format!(r#"{{"{text}":1}}"#),
            format!(r#"{{"manifest":{{"x":"{text}"}}}}"#),
        ] {
            assert_eq!(class(&json), "header_not_json", "{json}");
        }
    }
    for text in [r"\ud83c\udfb5", r"\uD83C\uDFB5\ud83c\udfb5", r"\\ud800", r"\\\\udc00", r"\ud7ff\ue000"] {
        assert_eq!(class(&format!(r#"{{"x":"{text}","hint":"{text}"}}"#)), "ok", "{text}");
    }
}

#[test]
fn null_is_absent() {
    let json = r#"{"version":null,"algorithm":null,"format":null,"compression":null,"hint":null,"manifest":null,"keyMethod":null,
        "cadence":null,"wrappedKeys":null,"chunked":null,"checksum":null,"checksum_algo":null}"#;
    assert_eq!(parse(json).unwrap(), Header::new(Format::V1));
    let json = r#"{"manifest":{"title":null,"year":null,"tracks":null,"links":null,"tags":null},"chunked":{"index":null}}"#;
    let header = parse(json).unwrap();
    assert_eq!(header.manifest, Some(Manifest::default()));
    assert_eq!(header.chunked.unwrap().index, []);
}

#[test]
fn chunks_have_signed_places_that_are_judged_later() {
    for id in ["n3-chunk-neg-offset", "n3-chunk-neg-size", "n3-chunk-overflow"] {
        let index = parse(case(id).text("header_json")).unwrap().chunked.unwrap().index;
        assert!(index.iter().any(|&(at, size)| at < 0 || size < 0 || at.checked_add(size).is_none()), "{id}");
    }
}

#[test]
fn lists_are_bounded() {
    let keys = |count: usize| format!(r#"{{"wrappedKeys":[{}{{}}]}}"#, "{},".repeat(count - 1));
    assert_eq!(parse(&keys(limits::MAX_WRAPPED_KEYS)).unwrap().wrapped_keys.len(), limits::MAX_WRAPPED_KEYS);
    assert_eq!(class(&keys(limits::MAX_WRAPPED_KEYS + 1)), "over_limit");
    let chunks = |count: usize| format!(r#"{{"chunked":{{"index":[{}{{}}]}}}}"#, "{},".repeat(count - 1));
    assert_eq!(parse(&chunks(limits::MAX_CHUNKS)).unwrap().chunked.unwrap().index.len(), limits::MAX_CHUNKS);
    assert_eq!(class(&chunks(limits::MAX_CHUNKS + 1)), "over_limit");
}

#[test]
fn lists_of_the_manifest_are_bounded() {
    let list = |name: &str, entry: &dyn Fn(usize) -> String, count: usize| {
        let entries: Vec<_> = (0..count).map(entry).collect();
        let (open, close) = if entry(0).contains(':') { ('{', '}') } else { ('[', ']') };
        format!(r#"{{"manifest":{{"{name}":{open}{}{close}}}}}"#, entries.join(","))
    };
    let text = |i: usize| format!("\"{i}\"");
    let named = |i: usize| format!("\"{i}\":\"\"");
    let object = |_| "{}".to_owned();
    let lists: [(&str, &dyn Fn(usize) -> String); 4] =
        [("tracks", &object), ("tags", &text), ("links", &named), ("extra", &named)];
    for (name, entry) in lists {
        assert_eq!(class(&list(name, entry, limits::MAX_ENTRIES)), "ok", "{name}");
        assert_eq!(class(&list(name, entry, limits::MAX_ENTRIES + 1)), "over_limit", "{name}");
        assert_eq!(class(&list(name, entry, limits::MAX_ENTRIES + 70)), "over_limit", "{name}");
    }
}

#[test]
fn a_manifest_that_could_not_be_read_again_is_not_written() {
    let with = |change: &dyn Fn(&mut Manifest)| {
        let mut manifest = Manifest { tracks: vec![Track::default()], ..Manifest::default() };
        change(&mut manifest);
        manifest.check().map_err(|error| error.class())
    };
    assert_eq!(with(&|_| {}), Ok(()));
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(with(&|manifest| manifest.tracks[0].start = wrong), Err("unsupported"));
        assert_eq!(with(&|manifest| manifest.tracks[0].end = wrong), Err("unsupported"));
    }
    let names = |count: usize| (0..count).map(|i| (i.to_string(), String::new()));
    for (count, expected) in [(limits::MAX_ENTRIES, Ok(())), (limits::MAX_ENTRIES + 1, Err("over_limit"))] {
        assert_eq!(with(&|manifest| manifest.tracks.resize(count, Track::default())), expected);
        assert_eq!(with(&|manifest| manifest.tags.resize(count, String::new())), expected);
        assert_eq!(with(&|manifest| manifest.links = names(count).collect()), expected);
        assert_eq!(with(&|manifest| manifest.extra = names(count).collect()), expected);
    }
}

#[test]
fn deep_nesting_neither_overflows_nor_hangs() {
    let deep = format!(r#"{{"other":{}{}}}"#, "[".repeat(1 << 20), "]".repeat(1 << 20));
    assert!(["ok", "header_not_json"].contains(&class(&deep)));
    let deep = format!(r#"{{"manifest":{}"#, r#"{"other":"#.repeat(1 << 20));
    assert_eq!(class(&deep), "header_not_json");
}

fn text() -> impl Strategy<Value = String> {
    "[a-z<>&\"\\\\\u{0}\n\u{2028}\u{2029}\u{e9}\u{1F3B5}]{0,8}"
}

prop_compose! {
    fn track()(title in text(), start in any::<f64>(), end in any::<f64>(), kind in text(), track_num: i64) -> Track {
        // Numbers that are none cannot be said in JSON.
        let finite = |x: f64| if x.is_finite() { x } else { 0.0 };
        Track { title, start: finite(start), end: finite(end), kind, track_num }
    }
}

prop_compose! {
    fn manifest()(
        texts in prop::array::uniform7(text()),
        numbers in prop::array::uniform4(any::<i64>()),
        tracks in prop::collection::vec(track(), 0..3),
        links in prop::collection::btree_map(text(), text(), 0..3),
        tags in prop::collection::vec(text(), 0..3),
        extra in prop::collection::btree_map(text(), text(), 0..3),
    ) -> Manifest {
        let [title, artist, album, genre, release_type, format, license_type] = texts;
        let [year, duration, expires_at, issued_at] = numbers;
        Manifest {
            title, artist, album, genre, year, release_type, duration, format, expires_at, issued_at, license_type, tracks,
            links, tags, extra,
        }
    }
}

prop_compose! {
    fn header()(
        format in prop::sample::select(vec![Format::V1, Format::V2, Format::V3]),
        compression in prop::sample::select(vec![Compression::None, Compression::Gzip, Compression::Zstd]),
        hint in prop::option::of(text().prop_filter("an empty hint is none", |hint| !hint.is_empty())),
        manifest in prop::option::of(manifest()),
        cadence in prop::option::of(prop::sample::select(vec!["daily", "12h", "6h", "1h", "weekly"])),
        wrapped_keys in prop::collection::vec((text(), text()), 0..3),
        chunked in prop::option::of((prop::array::uniform3(0..=i64::MAX.unsigned_abs()), prop::collection::vec(any::<(i64, i64)>(), 0..4))),
        checksum in prop::option::of((text(), text())),
    ) -> Header {
        Header {
            format, compression, hint, manifest,
            cadence: cadence.map(Cadence::from_name),
            wrapped_keys: wrapped_keys.into_iter().map(|(date, wrapped)| WrappedKey { date, wrapped }).collect(),
            chunked: chunked.map(|([chunk_size, total_chunks, total_size], index)| {
                ChunkTable { chunk_size, total_chunks, total_size, index }
            }),
            checksum: checksum.map(|(algorithm, digest)| Checksum { algorithm, digest }),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(header in header()) {
        let json = header.to_json();
        prop_assert_eq!(Header::parse(&json).unwrap(), header);
        let text = String::from_utf8(json).unwrap();
        let escaped = !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\n']);
        prop_assert!(escaped, "{}", text);
        let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        let places: Vec<_> = members.keys().map(|name| text.find(&format!("\"{name}\":")).unwrap()).collect();
        prop_assert!(places.is_sorted() || text.matches("\"format\":").count() > 1);
    }

    #[test]
    fn no_bytes_make_parsing_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Header::parse(&bytes);
    }

    #[test]
    fn no_damage_to_a_header_makes_parsing_panic(header in header(), at: prop::sample::Index, with: u8) {
        let mut json = header.to_json();
        let at = at.index(json.len());
        json[at] = with;
        if let Ok(other) = Header::parse(&json) {
            let _ = warnings(&other, Some(u64::from(with)), Some(&json));
            prop_assert_eq!(Header::parse(&other.to_json()).unwrap(), other);
        }
    }
}

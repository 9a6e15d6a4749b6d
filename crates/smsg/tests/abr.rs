//! ABR manifests and the bandwidth estimate against the original's values.

use proptest::prelude::*;
use serde::Deserialize;
use smsg::{
    Format, Header, Prefix,
    abr::{AbrError, AbrManifest, BadUrl, BandwidthEstimator, Variant, VariantUrl, judge_url},
    header::ChunkTable,
    limits::{MAX_ABR_MANIFEST, MAX_VARIANTS},
};

#[derive(Deserialize)]
struct Vectors {
    good: Vec<Good>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Good {
    id: String,
    text: String,
    default_idx: i64,
    select: Vec<Selected>,
}

#[derive(Deserialize)]
struct Selected {
    bandwidth: i64,
    selected: usize,
}

#[derive(Deserialize)]
struct Refused {
    json: String,
    go_error: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/abr.json")).unwrap()
}

#[test]
fn manifests_as_the_original() {
    for case in vectors().good {
        let manifest = AbrManifest::parse(case.text.as_bytes()).unwrap();
        assert_eq!(manifest.default_idx, case.default_idx, "{}", case.id);
        assert_eq!(String::from_utf8(manifest.to_json()).unwrap(), case.text, "{}", case.id);
        for Selected { bandwidth, selected } in case.select {
            assert_eq!(manifest.select(bandwidth), selected, "{} at {bandwidth}", case.id);
        }
        // Built from its variants in any order, it is the same: default and all.
        let mut built = AbrManifest::new(&*manifest.title);
        built.duration = manifest.duration;
        manifest.variants.iter().rev().for_each(|variant| built.add(variant.clone()));
        assert_eq!(built, manifest, "{}", case.id);
    }
}

#[test]
fn what_the_original_refuses() {
    for case in vectors().refused {
        let error = AbrManifest::parse(case.json.as_bytes()).unwrap_err();
        // The original takes `null` for a manifest without version; here it is no object (spec section 6).
        let of_version = case.go_error.starts_with("unsupported ABR version") && case.json != "null";
        assert_eq!(matches!(error, AbrError::UnsupportedVersion(_)), of_version, "{} {error}", case.json);
        assert_eq!(matches!(error, AbrError::NotJson(_)), !of_version, "{} {error}", case.json);
    }
}

#[test]
fn null_is_as_good_as_absent() {
    let null = br#"{"version":"abr-v1","title":null,"duration":null,"variants":null,"defaultIdx":null,"other":[{}]}"#;
    assert_eq!(AbrManifest::parse(null).unwrap(), AbrManifest::new(""));
    let members = br#"{"version":"abr-v1","variants":[{},{"name":null,"url":"a","bandwidth":null}]}"#;
    let urls: Vec<String> =
        AbrManifest::parse(members).unwrap().variants.into_iter().map(|v| v.url).collect();
    assert_eq!(urls, ["", "a"]);
}

#[test]
fn wrong_types_are_refused() {
    for members in [
        r#""variants":{}"#,
        r#""variants":[[]]"#,
        r#""variants":["a"]"#,
        r#""variants":[{"bandwidth":"5"}]"#,
        r#""variants":[{"bandwidth":1.5}]"#,
        r#""variants":[{"fileSize":9223372036854775808}]"#,
        r#""title":1"#,
        r#""duration":1e3"#,
        r#""title":"a","title":"b""#,
        r#""title":null,"title":"b""#,
        r#""variants":[null]"#,
        r#""Title":"a""#,
        r#""defaultidx":0"#,
        r#""variants":[{"URL":"a"}]"#,
        r#""variants":[{"url":"a","url":"a"}]"#,
        "\"variant\u{17f}\":[]",
        r#""x":"\ud800""#,
        r#""variants":[{"x":["\udc00"]}]"#,
        r#""title":"\ud800""#,
    ] {
        let json = format!(r#"{{"version":"abr-v1",{members}}}"#);
        assert!(matches!(AbrManifest::parse(json.as_bytes()), Err(AbrError::NotJson(_))), "{json}");
    }
    for json in [&b"{\"version\":\"abr-v1\",\"x\":\"\xff\"}"[..], b"\xef\xbb\xbf{\"version\":\"abr-v1\"}"] {
        assert!(matches!(AbrManifest::parse(json), Err(AbrError::NotJson(_))), "{json:?}");
    }
}

#[test]
fn bounds() {
    let with =
        |count: usize| format!(r#"{{"version":"abr-v1","variants":[{}{{}}]}}"#, "{},".repeat(count - 1));
    assert_eq!(AbrManifest::parse(with(MAX_VARIANTS).as_bytes()).unwrap().variants.len(), MAX_VARIANTS);
    let over = |json: &[u8]| matches!(AbrManifest::parse(json), Err(AbrError::OverLimit { .. }));
    assert!(over(with(MAX_VARIANTS + 1).as_bytes()));
    assert!(over(&vec![b' '; MAX_ABR_MANIFEST + 1]));
    let long = format!(r#"{{"version":"abr-v1","duration":"{}"}}"#, "x".repeat(100_000));
    assert!(
        AbrManifest::parse(long.as_bytes()).unwrap_err().to_string().len() < 300,
        "a stranger's text is cut"
    );
}

#[test]
fn the_default_exists() {
    let mut manifest = AbrManifest::new("t");
    assert_eq!(manifest.default_variant(), 0);
    manifest.add(Variant::default());
    manifest.add(Variant { bandwidth: 1, ..Variant::default() });
    assert_eq!(manifest.default_variant(), 1);
    for wrong in [-1, 2, i64::MIN, i64::MAX] {
        manifest.default_idx = wrong;
        assert_eq!(manifest.default_variant(), 0);
    }
}

#[test]
fn bandwidth_as_the_original() {
    #[derive(Deserialize)]
    struct Case {
        max_samples: usize,
        steps: Vec<Step>,
    }
    #[derive(Deserialize)]
    struct Step {
        bytes: Option<i64>,
        duration_ms: Option<i64>,
        estimate: i64,
    }
    for case in serde_json::from_str::<Vec<Case>>(include_str!("vectors/bandwidth.json")).unwrap() {
        let mut estimator = BandwidthEstimator::new(case.max_samples);
        for step in case.steps {
            if let (Some(bytes), Some(milliseconds)) = (step.bytes, step.duration_ms) {
                estimator.record(bytes, milliseconds);
            }
            assert_eq!(estimator.estimate(), step.estimate);
        }
    }
}

#[test]
fn bandwidth_at_the_edges() {
    let mut one = BandwidthEstimator::new(1);
    one.record(1_000, 0);
    one.record(1_000, -5);
    assert_eq!(one.estimate(), 1_000_000, "nothing measured");
    one.record(1_000, 8);
    one.record(2_000, 8);
    assert_eq!(one.estimate(), 2_000_000, "keeps one");
    one.record(i64::MAX, 1);
    assert_eq!(one.estimate(), i64::MAX);
    let mut many = BandwidthEstimator::default();
    [i64::MIN, i64::MIN, i64::MIN].into_iter().for_each(|bytes| many.record(bytes, 1));
    assert_eq!(many.estimate(), i64::MIN);
}

#[test]
fn which_addresses_are_followed() {
    for url in ["track-720p.smsg", "video/a b.smsg", "\u{65e5}\u{672c}.smsg", "..."] {
        assert_eq!(judge_url(url), Ok(VariantUrl::Below(url)));
    }
    for url in [
        "/a.smsg",
        "../a.smsg",
        "a/../../b",
        "./a",
        "a%2e%2e/b",
        "a?b",
        "a#b",
        "a//b",
        "a/b:c",
        "?javascript:x",
        "a/",
    ] {
        assert_eq!(judge_url(url), Ok(VariantUrl::Relative(url)), "{url}");
    }
    for url in ["https://example.org/a.smsg", "HTTP://example.org:8080/a?b", "http://[::1]/"] {
        assert_eq!(judge_url(url), Ok(VariantUrl::Absolute(url)), "{url}");
    }
    for url in [
        "javascript:alert(1)",
        "JavaScript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "blob:x",
        "C:/x",
        ":x",
        "ftp://a/",
    ] {
        assert_eq!(judge_url(url), Err(BadUrl::Scheme), "{url}");
    }
    for url in [
        "//example.org/a",
        "http:a",
        "https:/a",
        "http://",
        "https:///a",
        "http://user@host/",
        "http://:80/",
        "http://a b/",
    ] {
        assert_eq!(judge_url(url), Err(BadUrl::Authority), "{url}");
    }
    for url in [
        " javascript:x",
        "java\tscript:x",
        "java\nscript:x",
        "a\\b",
        "\\\\host\\a",
        "a ",
        "\u{0}a",
        "\u{85}a",
    ] {
        assert_eq!(judge_url(url), Err(BadUrl::Characters), "{url}");
    }
    assert_eq!(judge_url(""), Err(BadUrl::Empty));
    assert_eq!(judge_url(&"a".repeat(5_000)), Err(BadUrl::TooLong));
}

fn chunked(chunks: usize) -> Prefix {
    let mut header = Header::new(Format::V3);
    let index = vec![(0, 41); chunks];
    header.chunked = Some(ChunkTable { chunk_size: 1, total_chunks: 9, total_size: 1, index });
    Prefix { header_json: header.to_json(), header, payload_offset: 9 }
}

#[test]
fn a_variant_of_a_file() {
    let wished = Variant { name: "720p".into(), bandwidth: 5, ..Variant::default() };
    let variant = wished.clone().of_file("a 720p.smsg", &chunked(3), 1_000).unwrap();
    assert_eq!(
        variant,
        Variant { url: "a 720p.smsg".into(), chunk_count: 3, file_size: 1_000, ..wished.clone() }
    );
    for name in ["", "..", "a/b", "a#b", "a?b", "50%.smsg", "C:a", "a\\b", "\u{1b}"] {
        let refused = wished.clone().of_file(name, &chunked(3), 1_000);
        assert_eq!(refused, Err(AbrError::FileName(name.into())));
    }
    let mut plain = chunked(3);
    plain.header.chunked = None;
    assert!(matches!(wished.of_file("a", &plain, 1), Err(AbrError::NotChunked(_))));
}

fn variants() -> impl Strategy<Value = Vec<Variant>> {
    let variant = (any::<i64>(), 0..3_i64, "\\PC{0,8}").prop_map(|(bandwidth, third, name)| Variant {
        bandwidth,
        height: third * 360,
        name,
        ..Variant::default()
    });
    prop::collection::vec(variant, 0..12)
}

proptest! {
    #[test]
    fn what_is_written_is_read(title in "\\PC{0,20}", duration in any::<i64>(), variants in variants()) {
        let mut manifest = AbrManifest { duration, ..AbrManifest::new(title) };
        variants.into_iter().for_each(|variant| manifest.add(variant));
        prop_assert!(manifest.variants.is_sorted_by_key(|variant| variant.bandwidth));
        prop_assert_eq!(AbrManifest::parse(&manifest.to_json()), Ok(manifest));
    }

    #[test]
    fn what_is_selected_exists_and_fits(variants in variants(), bandwidth in any::<i64>()) {
        let manifest = AbrManifest { variants, ..AbrManifest::new("") };
        let selected = manifest.select(bandwidth);
        prop_assert!(selected == 0 || manifest.variants[selected].bandwidth as f64 <= bandwidth as f64 * 0.8);
    }

    #[test]
    fn no_manifest_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(AbrManifest::parse(&bytes).is_err());
    }

    #[test]
    fn no_address_panics(url in "\\PC{0,40}|(https?|javascript|data)?:?/{0,3}[a-z@:.%\\\\ \t]{0,20}") {
        if let Ok(VariantUrl::Below(path)) = judge_url(&url) {
            let inside = |part| matches!(part, std::path::Component::Normal(_));
            prop_assert!(std::path::Path::new(path).components().all(inside));
        }
    }

    #[test]
    fn no_download_panics(samples in prop::collection::vec((any::<i64>(), any::<i64>()), 0..8), kept in 0..9_usize) {
        let mut estimator = BandwidthEstimator::new(kept);
        samples.into_iter().for_each(|(bytes, milliseconds)| estimator.record(bytes, milliseconds));
        let _ = estimator.estimate();
    }
}

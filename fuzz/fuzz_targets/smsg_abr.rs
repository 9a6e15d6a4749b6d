//! ABR manifests: no bytes panic them, what is accepted is the same after a round trip, and what is chosen exists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::abr::{AbrManifest, VariantUrl, judge_url};

fuzz_target!(|input: (&[u8], i64)| {
    let (json, bandwidth) = input;
    let Ok(manifest) = AbrManifest::parse(json) else { return };
    assert_eq!(AbrManifest::parse(&manifest.to_json()).as_ref(), Ok(&manifest));
    assert!(manifest.select(bandwidth) < manifest.variants.len().max(1));
    assert!(manifest.default_variant() < manifest.variants.len().max(1));
    for variant in &manifest.variants {
        if let Ok(VariantUrl::Below(path)) = judge_url(&variant.url) {
            assert!(path.split('/').all(|segment| !matches!(segment, "" | "." | "..")));
        }
    }
});

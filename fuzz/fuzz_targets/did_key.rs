//! The DID parser: no text panics it, and a DID is written exactly as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_core::did::Did;

fuzz_target!(|text: &str| {
    // libFuzzer rarely finds a prefix of this length by itself.
    for text in [text.to_owned(), format!("did:key:z6Mk{text}"), format!("did:web:{text}")] {
        let Ok(did) = Did::parse(&text) else { continue };
        assert_eq!(did.to_string(), text);
        if let Did::Web(web) = did {
            assert!(web.document_url().starts_with("https://") && web.document_url().ends_with("/did.json"));
        }
    }
});

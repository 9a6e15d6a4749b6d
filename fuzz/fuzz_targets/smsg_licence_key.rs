//! Licence key texts: no text panics the checks, what is good stays good as it should be written, and what was typed is always
//! tried.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smsg::keys::licence_key::{Checked, candidates, check, estimate_bits};

fuzz_target!(|text: &str| {
    if let Checked::Good { canonical, style } = check(text) {
        let again = Checked::Good { canonical: canonical.clone(), style };
        assert_eq!(check(canonical.as_str()), again);
        assert_eq!(check(&canonical.as_str().replace('-', " ").to_lowercase()), again);
    }
    assert!(candidates(text).iter().any(|candidate| candidate.as_str() == text));
    assert!(estimate_bits(text) >= 0.0);
});

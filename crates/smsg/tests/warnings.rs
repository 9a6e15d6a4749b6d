//! What `inspect` says of a file: of its format, of its oddities.

use crate::common;

use common::case;
use smsg::{
    Header, Prefix,
    header::{Warning, warnings},
};
use std::collections::BTreeSet;

/// Warnings of a case, as `inspect` asks for them.
fn warned(id: &str) -> Vec<Warning> {
    let case = case(id);
    let header = Header::parse(case.text("header_json").as_bytes()).unwrap();
    warnings(&header, Some(case.number("payload_len")), None)
}

#[test]
fn regular_files_are_warned_of_what_their_format_lacks() {
    use Warning::{ChunkOrderNotAuthenticated, ExpiryIsARequest, FastPasswordHash, HeaderNotAuthenticated};
    assert_eq!(warned("v1-plain"), [HeaderNotAuthenticated, FastPasswordHash]);
    assert_eq!(warned("v2-expired-manifest"), [HeaderNotAuthenticated, FastPasswordHash, ExpiryIsARequest]);
    assert_eq!(warned("v3-daily"), [HeaderNotAuthenticated, ExpiryIsARequest]);
    for id in ["n3-base", "v3c-daily-64k", "v3c-1h-1m", "v3c-nocadence-64b"] {
        assert_eq!(
            warned(id),
            [HeaderNotAuthenticated, ChunkOrderNotAuthenticated, ExpiryIsARequest],
            "{id}"
        );
    }
}

#[test]
fn odd_files_are_warned_of_their_oddity() {
    for (id, odd) in [
        ("n3-totals-wrong", Warning::ChunkTotalsDisagree),
        ("n3-empty-index", Warning::ChunkTotalsDisagree),
        ("n3-chunk-dropped", Warning::ChunkTotalsDisagree),
        ("n3-chunk-dropped", Warning::ChunkPlacesOdd),
        ("n3-chunks-swapped", Warning::ChunkPlacesOdd),
        ("n3-trailing", Warning::ChunkPlacesOdd),
        ("n3-trunc-last", Warning::ChunkPlacesOdd),
        ("n3-chunk-neg-size", Warning::ChunkPlacesOdd),
        ("n3-chunk-overflow", Warning::ChunkPlacesOdd),
        ("n3-cadence-unknown", Warning::UnknownCadence),
    ] {
        assert!(warned(id).contains(&odd), "{id}: {odd:?} in {:?}", warned(id));
    }
}

#[test]
fn an_edited_header_differs_from_its_copy_inside() {
    let case = case("v3-daily");
    let file = case.file();
    let prefix = Prefix::parse_whole(&file).unwrap();
    let payload = &file[usize::try_from(case.number("payload_offset")).unwrap()..];
    let inner = prefix.inner_header(&mut &payload[..]).unwrap().unwrap();
    assert_eq!(inner, prefix.header_json);
    let mut header = prefix.header.clone();
    assert!(!warnings(&header, None, Some(&inner)).contains(&Warning::InnerHeaderDiffers));
    header.manifest.as_mut().unwrap().title.push('!');
    assert!(warnings(&header, None, Some(&inner)).contains(&Warning::InnerHeaderDiffers));
    assert!(warnings(&header, None, Some(b"{")).contains(&Warning::InnerHeaderDiffers));

    assert_eq!(prefix.inner_header(&mut &payload[..3]).unwrap(), None);
    assert_eq!(prefix.inner_header(&mut &payload[..14]).unwrap().unwrap(), &inner[..10]);
    for other in ["v1-plain", "n3-base"] {
        let prefix = Prefix::parse_whole(&common::case(other).file()).unwrap();
        assert_eq!(prefix.inner_header(&mut &payload[..]).unwrap(), None, "{other}");
    }
}

#[test]
fn every_warning_has_a_word_and_a_sentence_of_its_own() {
    let all = [
        Warning::HeaderNotAuthenticated,
        Warning::ChunkOrderNotAuthenticated,
        Warning::InnerHeaderDiffers,
        Warning::ChunkTotalsDisagree,
        Warning::ChunkPlacesOdd,
        Warning::FastPasswordHash,
        Warning::ExpiryIsARequest,
        Warning::UnknownCadence,
    ];
    let classes: BTreeSet<_> = all.iter().map(Warning::class).collect();
    let sentences: BTreeSet<_> = all.iter().map(Warning::to_string).collect();
    assert_eq!((classes.len(), sentences.len()), (all.len(), all.len()));
    assert!(sentences.iter().all(|sentence| sentence.ends_with('.') && !sentence.contains('\n')));
}

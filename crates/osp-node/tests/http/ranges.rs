//! The range parser against a model that looks at every byte, and against any header at all.

use osp_node::http::range::{Selection, content_range, select};
use proptest::prelude::*;

/// RFC 9110 section 14.1.2 word by word: which of `len` bytes a single range-spec selects.
fn model(first: Option<u64>, last: Option<u64>, len: u64) -> Option<Vec<u64>> {
    let all = 0..len;
    Some(match (first, last) {
        (Some(first), Some(last)) if last < first => return None,
        (Some(first), Some(last)) => all.filter(|b| first <= *b && *b <= last).collect(),
        (Some(first), None) => all.filter(|b| first <= *b).collect(),
        (None, Some(suffix)) => all.filter(|b| len - b <= suffix).collect(),
        (None, None) => return None,
    })
}

proptest! {
    #[test]
    fn a_single_range_selects_what_the_model_selects(
        first in proptest::option::of(0u64..40),
        last in proptest::option::of(0u64..40),
        len in 1u64..32,
        unit in "(bytes|Bytes|BYTES)",
        padding in "(|,| ,|\t, ,)",
    ) {
        let text = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
        let header = format!("{unit}={padding}{}-{}", text(first), text(last));
        match (select(header.as_bytes(), len), model(first, last, len)) {
            (Selection::Part(part), Some(bytes)) => prop_assert_eq!(part.collect::<Vec<_>>(), bytes),
            (Selection::Unsatisfiable, Some(bytes)) => prop_assert!(bytes.is_empty()),
            (Selection::Whole, None) => {}
            (got, want) => prop_assert!(false, "{}: {:?} instead of {:?}", header, got, want),
        }
    }

    #[test]
    fn no_header_gives_bytes_that_are_not_there(header in proptest::collection::vec(any::<u8>(), 0..64), len: u64) {
        if let Selection::Part(part) = select(&header, len) {
            prop_assert!(part.start < part.end && part.end <= len);
        }
    }

    #[test]
    fn almost_ranges_neither(header in "bytes=[0-9,\\- \t]{0,30}", len in 0u64..100) {
        if let Selection::Part(part) = select(header.as_bytes(), len) {
            prop_assert!(part.start < part.end && part.end <= len);
            let last = part.end - 1;
            prop_assert_eq!(content_range(&part, len), format!("bytes {}-{}/{}", part.start, last, len));
        }
    }
}

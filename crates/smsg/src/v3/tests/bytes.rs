//! Every byte counts: flips, cuts, additions, and chunks in another place.

use super::support::{Notary, Released, Sealed, read, read_into, seal};
use crate::v3::open::Opener;

/// Three chunks in two segments, one of which is short, so that flipping every bit is quick.
fn small(digests: bool) -> Sealed {
    seal(1, digests, &[&[40, 50], &[30]], &[0..3])
}

/// `every_bit`: no bit of the file can turn unnoticed, and whatever was released before is what was sealed. (A larger table has
/// pages that this key does not lead to: their bits matter to whose keys do.)
#[test]
fn every_bit() {
    for digests in [true, false] {
        let sealed = small(digests);
        let notary = Notary::default();
        let mut classes = std::collections::BTreeSet::new();
        for (at, opener) in (0..sealed.file.len()).map(|at| (at, sealed.key(0))) {
            for bit in 0..8 {
                let mut file = sealed.file.clone();
                file[at] ^= 1 << bit;
                let mut released = Released::new();
                let class = read_into(&file, &opener, &notary, &mut released);
                let class = class.expect_err(&format!("byte {at}, bit {bit}"));
                classes.insert(class);
                assert!(sealed.holds(&released), "byte {at}, bit {bit}");
            }
        }
        assert!(classes.contains("bad_signature") && classes.contains("bad_table"), "{classes:?}");
        let expected = if digests { "bad_digest" } else { "commitment" };
        assert!(classes.contains(expected), "{classes:?}");
    }
}

/// `cut`: no beginning of a file is a file, and nothing may follow its end.
#[test]
fn cut() {
    let sealed = small(true);
    let notary = Notary::default();
    for length in 0..sealed.file.len() {
        let mut released = Released::new();
        let result = read_into(&sealed.file[..length], &sealed.key(0), &notary, &mut released);
        assert_eq!(result, Err("truncated_container"), "{length}");
        assert!(sealed.holds(&released), "{length}");
    }
    let longer = [sealed.file.as_slice(), &[0]].concat();
    assert_eq!(read(&longer, &sealed.key(0)), Err("trailing_bytes"));
    assert_eq!(sealed.front().check_length(longer.len() as u64).unwrap_err().class(), "trailing_bytes");
    assert_eq!(sealed.front().check_length(1).unwrap_err().class(), "truncated_container");
    assert!(sealed.front().check_length(sealed.file.len() as u64).is_ok());
}

fn class_of(file: &[u8], opener: &Opener) -> &'static str {
    read(file, opener).unwrap_err()
}

/// `swap`: a chunk of equal length from another place, part or file. Without digests the commitment alone says it.
#[test]
fn swap() {
    for digests in [true, false] {
        let expected = if digests { "bad_digest" } else { "commitment" };
        let sealed = seal(1, digests, &[&[90_000, 90_000], &[90_000]], &[0..6]);
        let other = seal(2, digests, &[&[90_000, 90_000], &[90_000]], &[0..6]);
        let with = |at: u32, bytes: &[u8]| {
            let mut file = sealed.file.clone();
            file[sealed.chunk(at)].copy_from_slice(bytes);
            class_of(&file, &sealed.key(0))
        };
        let chunk = |number| &sealed.file[sealed.chunk(number)];
        // Repeated, from another segment, from another part, the last one, from another file at the same place.
        for (at, bytes) in [
            (2, chunk(0)),
            (0, chunk(2)),
            (1, chunk(3)),
            (4, chunk(0)),
            (3, chunk(5)),
            (0, &other.file[other.chunk(0)]),
        ] {
            assert_eq!(with(at, bytes), expected, "{at}");
        }
        let mut swapped = sealed.file.clone();
        swapped[sealed.chunk(0)].copy_from_slice(chunk(2));
        swapped[sealed.chunk(2)].copy_from_slice(chunk(0));
        assert_eq!(class_of(&swapped, &sealed.key(0)), expected);
    }
}

/// A chunk whose commitment is right and whose ciphertext is not, and the other way round.
#[test]
fn the_parts_of_a_chunk() {
    let sealed = small(false);
    for (offset, expected) in [(0, "commitment"), (31, "commitment"), (32, "decryption_failed")] {
        let mut file = sealed.file.clone();
        file[sealed.chunk(1).start + offset] ^= 1;
        assert_eq!(class_of(&file, &sealed.key(0)), expected);
    }
    let mut file = sealed.file.clone();
    file[sealed.chunk(1).end - 1] ^= 1;
    assert_eq!(class_of(&file, &sealed.key(0)), "decryption_failed");
}

/// Each group of digests has a digest of its own.
#[test]
fn damaged_digests() {
    let sealed = seal(1, true, &[&[257 * 65_536]], &[]);
    let chunks = sealed.front().chunks_at() as usize;
    let summary = chunks - 257 * 32 - 2 * 32 - 64;
    for (at, expected) in [
        (summary, "bad_signature"),
        (summary + 64, "bad_signature"),
        (summary + 127, "bad_signature"),
        (summary + 128, "bad_digest"),
        (chunks - 1, "bad_digest"),
        (chunks, "bad_digest"),
    ] {
        let mut file = sealed.file.clone();
        file[at] ^= 0x80;
        assert_eq!(class_of(&file, &sealed.root()), expected, "{at}");
    }
}

//! Two passes against one, at the borders of segments, and what changes between the passes.

use crate::crypto::{
    Key, Nonce,
    sealed_box::{self, NotAuthentic, OVERHEAD},
    two_pass::{Check, Release, SEGMENT},
};

const NOTES_KEY: [u8; 32] = [9; 32];

fn key() -> Key {
    Key::from_bytes([3; 32])
}

/// Plaintext in which no two segments are the same, and its box.
fn sealed(len: usize) -> (Vec<u8>, Vec<u8>) {
    let plaintext: Vec<u8> = (0..len).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let sealed = sealed_box::seal(&key(), &Nonce([7; 24]), &plaintext);
    (plaintext, sealed)
}

/// First pass, in pieces of `piece` bytes.
fn check(sealed: &[u8], piece: usize) -> Result<Release, NotAuthentic> {
    let mut check = Check::new(&key(), sealed.len() as u64, NOTES_KEY)?;
    sealed.chunks(piece).for_each(|bytes| check.update(bytes));
    check.finish()
}

/// Segment `index` as it lies in `sealed`.
fn read(release: &Release, sealed: &[u8], index: u64) -> Vec<u8> {
    let (start, len) = release.place(index).unwrap();
    let start = usize::try_from(start).unwrap();
    sealed[start..start + len].to_vec()
}

#[test]
fn two_passes_give_what_one_gives() {
    for len in [0, 1, 15, 16, 17, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 2 * SEGMENT + 17] {
        let (plaintext, sealed) = sealed(len);
        assert_eq!(sealed_box::open(&key(), &sealed), Ok(plaintext.clone()));
        for piece in [4099, SEGMENT + 7, usize::MAX] {
            let release = check(&sealed, piece).unwrap();
            assert_eq!(release.plaintext_len(), len as u64);
            assert_eq!(release.segments(), len.div_ceil(SEGMENT) as u64);
            // From the last to the first: any order will do.
            let mut opened = vec![0; len];
            for index in (0..release.segments()).rev() {
                let mut segment = read(&release, &sealed, index);
                release.open(index, &mut segment).unwrap();
                let start = usize::try_from(index).unwrap() * SEGMENT;
                opened[start..start + segment.len()].copy_from_slice(&segment);
            }
            assert!(opened == plaintext, "{len} in pieces of {piece}");
        }
    }
}

#[test]
fn a_box_may_come_byte_by_byte() {
    let (plaintext, sealed) = sealed(100);
    let release = check(&sealed, 1).unwrap();
    let mut segment = read(&release, &sealed, 0);
    release.open(0, &mut segment).unwrap();
    assert_eq!(segment, plaintext);
}

#[test]
fn changed_cut_and_extended_boxes_are_refused_in_the_first_pass() {
    let (_, sealed) = sealed(70);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(check(&changed, 33).is_err(), "bit {bit}");
    }
    for len in 0..sealed.len() {
        assert!(check(&sealed[..len], 33).is_err(), "{len} bytes");
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    assert!(check(&longer, 33).is_err());

    // As long as announced is not what came.
    let announced = |box_len: usize, bytes: &[u8]| {
        let mut check = Check::new(&key(), box_len as u64, NOTES_KEY).unwrap();
        check.update(bytes);
        check.finish().is_err()
    };
    assert!(announced(sealed.len(), &sealed[..sealed.len() - 1]));
    assert!(announced(sealed.len(), &longer));
    assert!(announced(OVERHEAD, &[]));
}

#[test]
fn lengths_that_no_box_has_are_refused() {
    for len in [0, OVERHEAD as u64 - 1, (1 << 38) - 64 + OVERHEAD as u64 + 1, u64::MAX] {
        assert!(Check::new(&key(), len, NOTES_KEY).is_err(), "{len}");
    }
    assert!(Check::new(&key(), (1 << 38) - 64 + OVERHEAD as u64, NOTES_KEY).is_ok());
}

#[test]
fn what_changed_after_the_first_pass_is_refused_and_stays_ciphertext() {
    let (_, sealed) = sealed(2 * SEGMENT + 100);
    let release = check(&sealed, SEGMENT).unwrap();
    for (index, at) in [(0, 0), (0, SEGMENT - 1), (1, 12345), (2, 99)] {
        let mut segment = read(&release, &sealed, index);
        segment[at] ^= 0x10;
        let changed = segment.clone();
        assert_eq!(release.open(index, &mut segment), Err(NotAuthentic));
        assert!(segment == changed, "segment {index} was decrypted");
    }
    // A whole segment in the place of another.
    let mut other = read(&release, &sealed, 1);
    assert_eq!(release.open(0, &mut other), Err(NotAuthentic));
}

#[test]
fn segments_that_are_not_there_are_refused() {
    let (_, sealed) = sealed(SEGMENT + 100);
    let release = check(&sealed, SEGMENT).unwrap();
    for index in [2, 3, u64::MAX / SEGMENT as u64, u64::MAX] {
        assert_eq!(release.place(index), None);
        assert_eq!(release.open(index, &mut [0; 100]), Err(NotAuthentic));
        assert_eq!(release.open(index, &mut []), Err(NotAuthentic));
    }
    let last = read(&release, &sealed, 1);
    assert_eq!(release.open(1, &mut last[..99].to_vec()), Err(NotAuthentic), "too short");
    assert_eq!(release.open(1, &mut [last, vec![0]].concat()), Err(NotAuthentic), "too long");
}

//! What is sealed comes out again, whole or in part, as a stream or by ranges.

use super::support::{Notary, draft, look_up, part, read, rng, seal, seal_draft, sound, write};
use crate::v3::{
    SealError,
    grant::Granted,
    header::{Mark, TimeIndex},
    open::{Asks as _, Opener, Session, Trust},
    seal::Preparation,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn files_come_out_as_they_went_in(
        lengths in proptest::collection::vec(proptest::collection::vec(1u64..140_000, 1..4), 1..3),
        digests in any::<bool>(),
        cut in (0u32..40, 1u32..40),
        seed in 0u64..1000,
    ) {
        let parts: Vec<&[u64]> = lengths.iter().map(Vec::as_slice).collect();
        let chunks: u32 =
            lengths.iter().flatten().map(|length| length.div_ceil(65_536) as u32).sum();
        let from = cut.0 % chunks;
        let cut = from..(from + cut.1).min(chunks);
        let sealed = seal(seed, digests, &parts, &[0..chunks, cut.clone()]);
        for (opener, wanted) in [(sealed.root(), 0..chunks), (sealed.key(0), 0..chunks), (sealed.key(1), cut)] {
            let released = read(&sealed.file, &opener).unwrap();
            prop_assert!(sealed.holds(&released));
            let places: Vec<_> = released.iter().map(|(part, at, bytes)| (*part, *at..*at + bytes.len() as u64)).collect();
            let expected: Vec<_> = wanted
                .map(|chunk| sealed.header.geometry().chunk(chunk).unwrap())
                .map(|place| (place.part, place.plain))
                .collect();
            prop_assert_eq!(places, expected);
        }
    }
}

/// More than one group of digests, and a batch that is not whole.
#[test]
fn a_file_of_many_chunks() {
    let sealed = seal(1, true, &[&[300 * 65_536 + 5]], &[0..301]);
    let released = read(&sealed.file, &sealed.key(0)).unwrap();
    assert_eq!(released.len(), 301);
    assert!(sealed.holds(&released));
    assert_eq!(sealed.front().file_length(), sealed.file.len() as u64);
}

#[test]
fn a_stretch_is_one_range_and_a_few_digests() {
    let sealed = seal(2, true, &[&[600 * 65_536], &[10]], &[0..601, 0..300]);
    let notary = Notary::default();
    let granted = look_up(&sealed.file, &sealed.licence_keys[1]).0.unwrap();
    assert_eq!(granted.serial, Some(8));
    let mut session = Session::new(sealed.front(), granted, Trust::Digests, &notary).unwrap();
    let bytes = 290 * 65_536 - 1..290 * 65_536 + 70_000;
    let plan = session.plan(0, bytes.clone()).unwrap().unwrap();
    assert_eq!(plan.chunks, 289..292);
    let mut asked = Vec::new();
    while let Some(range) = session.needs() {
        asked.push(range.end - range.start);
        session.take(&sealed.file[range.start as usize..range.end as usize]).unwrap();
    }
    // The signature with three groups, then the digests of the second group.
    assert_eq!(asked, [64 + 3 * 32, 256 * 32]);
    let mut stored = sealed.file[plan.bytes.start as usize..plan.bytes.end as usize].to_vec();
    let mut opener = session.opener();
    let mut plain = Vec::new();
    let mut rest = stored.as_mut_slice();
    for chunk in plan.chunks {
        let place = session.place(chunk).unwrap();
        let (this, behind) = rest.split_at_mut((place.stored.end - place.stored.start) as usize);
        plain.extend_from_slice(opener.open(chunk, this).unwrap());
        rest = behind;
    }
    let begin = (bytes.start - 289 * 65_536) as usize;
    assert_eq!(
        plain[begin..begin + (bytes.end - bytes.start) as usize],
        sealed.plain[0][bytes.start as usize..bytes.end as usize]
    );
    assert_eq!(session.plan(0, 299 * 65_536..301 * 65_536).unwrap().unwrap_err().class(), "not_licensed");
    assert!(session.plan(0, 0..600 * 65_536 + 1).is_none() && session.plan(2, 0..1).is_none());
}

#[test]
fn a_source_that_changes_is_noticed() {
    for wrong in [99, 101] {
        let artist = super::support::artist("artist");
        let mut random = rng(1);
        let header =
            draft(true, vec![part("a", &[100])]).sign(&artist, &Notary::default(), &mut random).unwrap();
        let preparation = Preparation::new(header, &mut random);
        let result = write(preparation, None, &[vec![0; wrong]], &artist);
        assert!(matches!(result, Err(SealError::SourceLength(name)) if name == "a"), "{wrong}");
    }
}

/// From memory and from readers comes the same file, of several batches and parts that end inside them.
#[test]
fn memory_is_sealed_as_readers_are() {
    let artist = super::support::artist("artist");
    let lengths: [&[u64]; 3] = [&[1_000_000, 70_000], &[1], &[300_000]];
    let plain: Vec<_> =
        (0..).zip(lengths).map(|(at, of)| sound(at, of.iter().sum::<u64>() as usize)).collect();
    let prepared = || {
        let mut random = rng(1);
        let parts = ["a", "b", "c"].into_iter().zip(lengths).map(|(name, of)| part(name, of)).collect();
        let header = draft(true, parts).sign(&artist, &Notary::default(), &mut random).unwrap();
        Preparation::new(header, &mut random)
    };
    let mut out = std::io::Cursor::new(Vec::new());
    let mut parts: Vec<_> = plain.iter().map(Vec::as_slice).collect();
    let (_, length) = prepared().seal_memory(None, &parts, &artist, &mut out).unwrap();
    assert_eq!(length, out.get_ref().len() as u64);
    assert!(*out.get_ref() == write(prepared(), None, &plain, &artist).unwrap().1);
    parts[2] = &plain[2][1..];
    let result = prepared().seal_memory(None, &parts, &artist, &mut std::io::Cursor::new(Vec::new()));
    assert!(matches!(result, Err(SealError::SourceLength(_))));
}

#[test]
fn each_seal_has_a_secret_of_its_own() {
    let artist = super::support::artist("artist");
    let mut random = rng(1);
    let header =
        draft(false, vec![part("a", &[100])]).sign(&artist, &Notary::default(), &mut random).unwrap();
    let [a, b] = [(); 2].map(|()| {
        let preparation = Preparation::new(header.clone(), &mut random);
        write(preparation, None, &[vec![0; 100]], &artist).unwrap()
    });
    assert_ne!(a.0.root().unwrap().as_bytes(), b.0.root().unwrap().as_bytes());
    assert_ne!(a.1, b.1);
}

/// 1:08 is one place in the part: the last frame that does not play behind it.
#[test]
fn the_time_index_leads_to_frames() {
    // A frame of 417 bytes each 1152 ticks; one of 200,000 in between, longer than three chunks.
    let mut frames = Vec::new();
    let (mut byte, mut ticks) = (0, 0);
    while byte < 2_000_000 {
        frames.push(Mark { ticks, byte });
        byte += if frames.len() == 1000 { 200_000 } else { 417 };
        ticks += 1152;
    }
    let draft_of = |index| {
        let mut part = part("a", &[700_000, byte - 700_000]);
        (part.scale, part.duration, part.index) = (Some(44_100), Some(ticks), index);
        draft(false, vec![part])
    };
    let artist = || super::support::artist("artist");
    let geometry = seal_draft(1, artist(), &draft_of(None), &[]).header.geometry().clone();
    let index = TimeIndex::build(&geometry, 0, &frames).unwrap();
    assert_eq!(index.1, 1);
    let sealed = seal_draft(1, artist(), &draft_of(Some(index)), &[]);
    let index = &sealed.header.parts()[0].index;
    for mark in index.marks() {
        assert!(frames.contains(mark));
    }
    for seconds in [0, 1, 20, 45] {
        let wanted = seconds * 44_100;
        let mark = index.seek(wanted).unwrap();
        let ideal = frames.iter().rev().find(|frame| frame.ticks <= wanted).unwrap();
        assert!(mark.ticks <= wanted && mark.byte <= ideal.byte, "{seconds}");
        let chunks = geometry.chunks_of(0, mark.byte..ideal.byte + 1).unwrap();
        assert!(chunks.len() <= 5, "{seconds}: {chunks:?}");
    }
    assert_eq!(index.seek(u64::MAX), index.marks().last().copied());
    assert_eq!(TimeIndex::default().seek(5), None);
}

/// Behind what a writer already has, and over what it had.
#[test]
fn written_into_what_is_there() {
    let artist = super::support::artist("artist");
    let mut random = rng(1);
    let header = draft(true, vec![part("a", &[100])]).sign(&artist, &Notary::default(), &mut random).unwrap();
    let mut out = std::io::Cursor::new(vec![7; 10_000]);
    out.set_position(10);
    let mut source: &[u8] = &[1; 100];
    let (_, length) =
        Preparation::new(header, &mut random).seal(None, &mut [&mut source], &artist, &mut out).unwrap();
    assert_eq!(out.position(), 10 + length);
    let front = super::support::front(&out.get_ref()[10..]).unwrap();
    assert_eq!(front.file_length(), length);
    assert!(out.get_ref()[..10].iter().chain(&out.get_ref()[10 + length as usize..]).all(|byte| *byte == 7));
}

#[test]
fn a_ledgers_root_opens_the_file_again() {
    let sealed = seal(1, true, &[&[70_000]], &[]);
    let root = sealed.keys.root().unwrap().clone();
    let keys = crate::v3::tree::Keys::from_root(sealed.header.id(), sealed.header.tree(), root);
    let opener = Opener::Granted(Box::new(Granted::all(keys)));
    assert!(sealed.holds(&read(&sealed.file, &opener).unwrap()));
}

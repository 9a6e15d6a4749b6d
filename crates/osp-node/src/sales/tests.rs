//! Keeping releases and their sales.
#![allow(clippy::unwrap_used)]

use super::{
    Custody, CustodyError, Deposit, Minted,
    ledger::{Event, KeyId, Line, Sale},
    price::Price,
};
use crate::{identity::Signatory, sealed::signing::Artist};
use osp_core::key::ArtistKey;
use smsg::v3::{
    Header,
    header::{HeaderDraft, PartDraft},
    ranges::Ranges,
    seal::Preparation,
    terms::{Kind, Terms},
    tree::Keys,
};
use std::path::Path;

const AT: &str = "2026-01-31T12:00:00Z";

fn artist(seed: u8) -> Signatory {
    ArtistKey::from_seed(&[seed; 32]).into()
}

fn release(artist: &Signatory) -> (Header, Keys) {
    let part = PartDraft {
        name: "a.mp3".into(),
        mime: "audio/mpeg".into(),
        segments: vec![200_000, 100],
        ..PartDraft::default()
    };
    let draft =
        HeaderDraft { title: "Night".into(), created: 1, parts: vec![part], ..HeaderDraft::default() };
    let mut rng = crate::sealed::rng();
    let verifier = |_: &str, m: &[u8], s: &[u8; 64]| artist.key().public().verify(m, s);
    let header = draft.sign(&Artist::new(artist), &verifier, &mut rng).unwrap();
    let keys = Preparation::new(header.clone(), &mut rng).keys().clone();
    (header, keys)
}

fn minted(serial: u32) -> Minted {
    let terms = Terms::new(Kind::Perpetual, Ranges::all(5));
    Minted { serial, key: [serial as u8; 32], terms }
}

fn keep(
    home: &Path,
    artist: &Signatory,
    (header, keys): &(Header, Keys),
    minted: &[Minted],
) -> Result<(), CustodyError> {
    let deposit = Deposit { header, keys, path: Some(Path::new("/music/night.smsg")), minted, at: AT };
    Custody::open(home).keep(&deposit, artist)
}

fn sale(serial: u32) -> Line {
    let terms = Terms { buyer: Some("b".into()), ..minted(serial).terms };
    let paid = Price::parse("4.50", "EUR").unwrap();
    Line {
        at: AT.into(),
        event: Event::Sale(Sale::new(serial, KeyId([serial as u8; 32]), &terms, Some(paid))),
    }
}

#[test]
fn what_was_kept_is_found_and_unlocked_by_its_artist_only() {
    let home = tempfile::tempdir().unwrap();
    let (artist, other) = (artist(1), artist(2));
    let made = release(&artist);
    keep(home.path(), &artist, &made, &[minted(0), minted(1)]).unwrap();
    // The same again changes nothing, and enters what is new.
    keep(home.path(), &artist, &made, &[minted(1), minted(2)]).unwrap();
    let custody = Custody::open(home.path());
    let kept = custody.find(made.0.id()).unwrap().unwrap();
    assert_eq!(kept.header, made.0);
    let keys = kept.unlock(&artist).unwrap();
    assert_eq!(keys.root().unwrap().as_bytes(), made.1.root().unwrap().as_bytes());
    assert!(matches!(kept.unlock(&other), Err(CustodyError::WrongIdentity { .. })));
    assert!(matches!(keep(home.path(), &other, &made, &[]), Err(CustodyError::WrongIdentity { .. })));
    let serials: Vec<_> =
        kept.ledger().read().unwrap().iter().map(|line| line.event.sale().unwrap().serial).collect();
    assert_eq!(serials, [0, 1, 2]);
    let id = super::custody::id_in_base32(made.0.id());
    for name in [&id, &id[..8], "/music/night.smsg"] {
        assert_eq!(custody.named(name).unwrap().header.id(), made.0.id(), "{name}");
    }
    assert!(matches!(custody.named("elsewhere"), Err(CustodyError::NotKept(_))));
    assert!(custody.find(release(&artist).0.id()).unwrap().is_none());
}

#[test]
fn another_root_never_replaces_one() {
    let home = tempfile::tempdir().unwrap();
    let artist = artist(1);
    let made = release(&artist);
    keep(home.path(), &artist, &made, &[]).unwrap();
    let other = Preparation::new(made.0.clone(), &mut crate::sealed::rng()).keys().clone();
    let refused = keep(home.path(), &artist, &(made.0.clone(), other), &[]);
    assert!(matches!(refused, Err(CustodyError::KeptOtherwise(_))));
}

/// Nothing on the disk is the root itself, and nobody else may read it.
#[test]
fn files_are_private_and_hold_no_root() {
    let home = tempfile::tempdir().unwrap();
    let artist = artist(1);
    let made = release(&artist);
    keep(home.path(), &artist, &made, &[minted(1)]).unwrap();
    let folder = home.path().join("releases").join(super::custody::id_in_base32(made.0.id()));
    let root = made.1.root().unwrap().as_bytes();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let bytes = std::fs::read(entry.path()).unwrap();
        let base64 = data_encoding::BASE64URL_NOPAD.encode(root);
        assert!(!bytes.windows(32).any(|window| window == root));
        assert!(!String::from_utf8_lossy(&bytes).contains(&base64));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        }
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["ledger.jsonl", "release.json"]);
}

#[test]
fn a_torn_last_line_was_never_written_and_a_broken_one_is_damage() {
    let home = tempfile::tempdir().unwrap();
    let artist = artist(1);
    let made = release(&artist);
    keep(home.path(), &artist, &made, &[]).unwrap();
    let ledger = Custody::open(home.path()).find(made.0.id()).unwrap().unwrap().ledger();
    ledger.begin().unwrap().append(vec![sale(1), sale(2)]).unwrap();
    let whole = std::fs::read(ledger.path()).unwrap();
    let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    // Wherever the second line was torn, the first stands, and the next takes the second one's place.
    for end in first..whole.len() {
        std::fs::write(ledger.path(), &whole[..end]).unwrap();
        assert_eq!(ledger.read().unwrap(), [sale(1)], "{end}");
        let mut writing = ledger.begin().unwrap();
        assert_eq!(writing.next_serial(), 2);
        writing.append(vec![sale(2)]).unwrap();
        assert_eq!(std::fs::read(ledger.path()).unwrap(), whole, "{end}");
    }
    let mut broken = whole.clone();
    broken[first / 2] = b'\n';
    std::fs::write(ledger.path(), &broken).unwrap();
    assert!(matches!(ledger.read(), Err(CustodyError::Damaged { .. })));
    assert!(matches!(ledger.begin(), Err(CustodyError::Damaged { .. })));
    // A price that is none is damage too, not a gift.
    let text = String::from_utf8(whole).unwrap().replace("4.50", "four");
    std::fs::write(ledger.path(), text).unwrap();
    assert!(matches!(ledger.read(), Err(CustodyError::Damaged { .. })));
}

/// Keeping that was killed between its steps is done again as if nothing had been.
#[test]
fn killed_between() {
    let home = tempfile::tempdir().unwrap();
    let artist = artist(1);
    let made = release(&artist);
    let folder = home.path().join("releases").join(super::custody::id_in_base32(made.0.id()));
    std::fs::create_dir_all(&folder).unwrap();
    let custody = Custody::open(home.path());
    assert!(custody.find(made.0.id()).unwrap().is_none() && custody.list().unwrap().is_empty());
    keep(home.path(), &artist, &made, &[minted(1)]).unwrap();
    std::fs::remove_file(folder.join("ledger.jsonl")).unwrap();
    keep(home.path(), &artist, &made, &[minted(1)]).unwrap();
    assert_eq!(custody.list().unwrap()[0].ledger().read().unwrap().len(), 1);
}

#[test]
fn lines_of_newer_versions_are_passed_over() {
    let line = br#"{"at":"2026-01-31T12:00:00Z","entry":"refund","serial":1}"#;
    assert_eq!(serde_json::from_slice::<Line>(line).unwrap().event, Event::Unknown);
}

/// Sales of several processes at once get several numbers.
#[test]
fn several_sellers_at_once() {
    let home = tempfile::tempdir().unwrap();
    let artist = artist(1);
    let made = release(&artist);
    keep(home.path(), &artist, &made, &[]).unwrap();
    let kept = Custody::open(home.path()).find(made.0.id()).unwrap().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let mut writing = kept.ledger().begin().unwrap();
                    let serial = writing.next_serial();
                    writing.append(vec![sale(serial)]).unwrap();
                }
            });
        }
    });
    let lines = kept.ledger().read().unwrap();
    let serials: Vec<_> = lines.iter().map(|line| line.event.sale().unwrap().serial).collect();
    assert_eq!(serials, (1..=20).collect::<Vec<_>>());
}

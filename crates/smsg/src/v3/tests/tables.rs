//! Keys in the file: found in two requests, refused when anything is not as it was signed.

use super::support::{
    Notary, Sealed, artist, draft, front, key, look_up, part, read, rng, seal, terms, write,
};
use crate::keys::{Password, licence_key::Style};
use crate::v3::{
    SealError,
    json::{self, Object},
    key_text::LicenceKey,
    open::{Begun, Expected, FrontReader, Opener},
    passphrase::{Passphrase, Stretch},
    seal::Preparation,
    table::{ENTRY, GrantDraft, Head, PLACE, TableDraft},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// A file with so many keys.
fn with_keys(count: usize) -> (Sealed, Vec<LicenceKey>) {
    let artist = artist("artist");
    let mut random = rng(3);
    let header =
        draft(true, vec![part("a", &[100, 100])]).sign(&artist, &Notary::default(), &mut random).unwrap();
    let preparation = Preparation::new(header.clone(), &mut random);
    let keys: Vec<LicenceKey> =
        (0..count).map(|_| LicenceKey::generate(Style::Code, "MGH", &mut random).unwrap()).collect();
    let table = TableDraft {
        grants: vec![
            GrantDraft { terms: terms([0..2]), open_to_all: false },
            GrantDraft { terms: terms([0..1]), open_to_all: true },
        ],
        keys: keys.iter().enumerate().map(|(serial, key)| (key.clone(), 0, serial as u32)).collect(),
        ..TableDraft::default()
    };
    let table = table.seal(&header, preparation.keys(), &artist, &mut random).unwrap();
    let plain = vec![super::support::sound(1, 200)];
    let (root, file) = write(preparation, Some(&table), &plain, &artist).unwrap();
    (Sealed { artist, keys: root, header, file, plain, licence_keys: keys.clone() }, keys)
}

#[test]
fn ten_thousand_keys_and_one_more_request() {
    let (sealed, keys) = with_keys(10_000);
    let table = sealed.front().table.unwrap();
    let size = table.end() - sealed.header.bytes().len() as u64;
    assert!(size < 1_200_000, "{size}");
    for at in (0..keys.len()).step_by(97).chain([9_999]) {
        let (granted, requests) = look_up(&sealed.file, &keys[at]);
        assert_eq!(granted.unwrap().serial, Some(at as u32));
        // The first 64 KiB of the file are the other one. Its last pages reach behind them, its first do not.
        assert!(requests <= 1, "{at}");
    }
    for absent in 0..50 {
        let (granted, requests) = look_up(&sealed.file, &key(1_000_000 + absent));
        assert_eq!(granted.unwrap_err().class(), "no_valid_key");
        assert!(requests <= 1);
    }
    assert!(sealed.holds(&read(&sealed.file, &Opener::Key(keys[5_000].clone())).unwrap()));
}

#[test]
fn pages_of_every_fullness() {
    for count in [0, 1, 2, 127, 128, 129, 256, 257] {
        let (sealed, keys) = with_keys(count);
        assert_eq!(sealed.front().table.unwrap().count() as usize, count);
        for (serial, key) in keys.iter().enumerate() {
            assert_eq!(look_up(&sealed.file, key).0.unwrap().serial, Some(serial as u32), "{count}");
        }
        assert_eq!(look_up(&sealed.file, &key(77)).0.unwrap_err().class(), "no_valid_key");
        let preview = read(&sealed.file, &Opener::OpenToAll).unwrap();
        assert_eq!(preview.len(), 1);
        assert!(sealed.holds(&preview));
    }
}

/// The file with another table head: what an artist could sign, or somebody else could make.
fn with_head(sealed: &Sealed, change: impl FnOnce(&mut Object), signed: bool) -> Vec<u8> {
    let at = sealed.header.bytes().len();
    let head = Head::length(&sealed.file[at..]).unwrap();
    let mut object = json::parse(&sealed.file[at + 4..at + head], "table").unwrap();
    change(&mut object);
    if signed {
        object.remove("signature");
        object = json::sign(object, &sealed.artist).unwrap();
    }
    let json = json::canonical(&object);
    let length = (json.len() as u32).to_be_bytes();
    [&sealed.file[..at], &length, &json, &sealed.file[at + head..]].concat()
}

#[test]
fn heads_that_are_refused() {
    let (sealed, _) = with_keys(3);
    let class = |member: &str, value: serde_json::Value| {
        let file = with_head(&sealed, |head| drop(head.insert(member.into(), value)), true);
        front(&file).map(drop).map_err(|refused| refused.class())
    };
    let unsigned = with_head(&sealed, |head| drop(head.insert("seq".into(), 1.into())), false);
    assert_eq!(front(&unsigned).unwrap_err().class(), "bad_signature");
    assert_eq!(class("file", json!("A".repeat(43))), Err("wrong_file"));
    assert_eq!(class("crit", json!(["variants"])), Err("unknown_critical"));
    assert_eq!(class("crit", json!([])), Err("bad_member"));
    assert_eq!(class("crit", json!(["seq"])), Ok(()));
    assert_eq!(class("anything", json!({"deep": [1]})), Ok(()));
    assert_eq!(class("count", json!((1 << 20) + 1)), Err("over_limit"));
    assert_eq!(class("type", json!("smsg:Header")), Err("bad_member"));
    assert_eq!(class("grants", json!([{"terms": {"licence": "x", "ranges": [[0, 1]]}}])), Err("bad_member"));
    assert_eq!(class("grants", json!(vec![json!(0); 65])), Err("over_limit"));
    for ranges in [
        json!([[0, 3]]),
        json!([[1, 1]]),
        json!([]),
        json!([[0, 1], [1, 2]]),
        json!([[0]]),
        json!([["0", 1]]),
    ] {
        let grants = json!([{"terms": {"licence": "x", "ranges": ranges.clone()}, "nodes": ""}]);
        assert_eq!(class("grants", grants), Err("bad_member"), "{ranges}");
    }
}

/// A head by another artist, though rightly signed by them.
#[test]
fn a_table_of_somebody_else() {
    let (sealed, _) = with_keys(3);
    let thief = Sealed { artist: artist("thief"), ..with_keys(3).0 };
    let file = with_head(&thief, |_| (), true);
    assert_eq!(front(&file).unwrap_err().class(), "wrong_artist");
    assert!(front(&sealed.file).is_ok());
}

/// Pages and directory, each damaged in the way its name says. The head is signed anew, as only the artist could.
#[test]
fn tables_that_are_not_sorted() {
    let (sealed, keys) = with_keys(200);
    let table = sealed.front().table.unwrap();
    let directory = table.directory().start as usize..table.directory().end as usize;
    let entries = directory.end..table.end() as usize;
    let redo = |file: &mut Vec<u8>, all: bool| {
        if all {
            for page in 0..2 {
                let from = entries.start + page * 128 * ENTRY;
                let to = (from + 128 * ENTRY).min(entries.end);
                let digest: [u8; 32] = Sha256::digest(&file[from..to]).into();
                let place = directory.start + page * PLACE;
                let first: [u8; 32] = file[from..from + 32].try_into().unwrap();
                file[place..place + 32].copy_from_slice(&first);
                file[place + 32..place + 64].copy_from_slice(&digest);
            }
        }
        let digest = Sha256::digest(&file[directory.clone()]);
        let changed = Sealed { artist: artist("artist"), file: file.clone(), ..with_keys(200).0 };
        with_head(&changed, |head| drop(head.insert("dir".into(), json::bytes(&digest))), true)
    };
    let classes = |file: &[u8]| -> Vec<&'static str> {
        keys.iter().map(|key| look_up(file, key).0.map_or_else(|refused| refused.class(), |_| "")).collect()
    };
    let mut same = sealed.file.clone();
    assert!(classes(&redo(&mut same, true)).iter().all(|class| class.is_empty()));

    let mut twice = sealed.file.clone();
    twice.copy_within(entries.start..entries.start + ENTRY, entries.start + ENTRY);
    assert_eq!(classes(&twice).iter().filter(|class| **class == "bad_table").count(), 128);
    assert_eq!(classes(&redo(&mut twice, true)).iter().filter(|class| **class == "bad_table").count(), 128);

    // The last of the first page again as the first of the second: whose page it is would be open.
    let mut across = sealed.file.clone();
    let last = entries.start + 127 * ENTRY;
    across.copy_within(last..last + ENTRY, last + ENTRY);
    assert_eq!(classes(&redo(&mut across, true)).iter().filter(|class| **class == "bad_table").count(), 127);

    let mut crossed = sealed.file.clone();
    let (a, b) = (entries.start, entries.start + 128 * ENTRY);
    let first: Vec<u8> = crossed[a..a + ENTRY].to_vec();
    crossed.copy_within(b..b + ENTRY, a);
    crossed[b..b + ENTRY].copy_from_slice(&first);
    assert!(classes(&redo(&mut crossed, true)).iter().all(|class| *class == "bad_table"));

    let mut directory_only = sealed.file.clone();
    directory_only[directory.start + 40] ^= 1;
    assert!(classes(&directory_only).iter().all(|class| *class == "bad_table"));
    // The first page's digest is another; keys of the second page are still found.
    let found = classes(&redo(&mut directory_only, false));
    assert_eq!(found.iter().filter(|class| **class == "bad_table").count(), 128);
    assert_eq!(found.iter().filter(|class| class.is_empty()).count(), 72);
}

/// Four thousand slots do not fit into a head, five are too many, and absurd work is refused before it is done.
#[test]
fn four_thousand_slots_and_absurd_work() {
    let (sealed, _) = with_keys(1);
    let slot = |kdf: serde_json::Value| {
        let mut slot =
            json!({"salt": "A".repeat(22), "grant": 0, "id": "A".repeat(43), "box": "A".repeat(64)});
        slot.as_object_mut().unwrap().extend(kdf.as_object().unwrap().clone());
        slot
    };
    let good = || slot(json!({"kdf": "argon2id", "m": 8, "t": 1, "p": 1}));
    let class = |slots: Vec<serde_json::Value>| {
        let file = with_head(&sealed, |head| drop(head.insert("pass".into(), slots.into())), true);
        front(&file).map(drop).map_err(|refused| refused.class())
    };
    assert_eq!(class(vec![good()]), Ok(()));
    assert_eq!(class((0..5).map(|_| good()).collect()), Err("over_limit"));
    assert_eq!(class((0..4_000).map(|_| good()).collect()), Err("header_too_large"));
    assert_eq!(class(vec![json!({}); 4_000]), Err("over_limit"));
    let max = (1u64 << 53) - 1;
    for (m, t, p) in [
        (0, 1, 1),
        (7, 1, 1),
        (31, 1, 4),
        (8, 0, 1),
        (8, 1, 0),
        (8, 7, 1),
        (64, 1, 5),
        (262_145, 1, 1),
        (262_144, 5, 4),
        (max, 1, 1),
        (8, max, 1),
        (8, 1, max),
        (max, max, max),
    ] {
        let absurd = slot(json!({"kdf": "argon2id", "m": m, "t": t, "p": p}));
        assert_eq!(class(vec![absurd]), Err("work_factor"), "{m} {t} {p}");
    }
    for (n, r, p) in [
        (0, 8, 1),
        (1 << 14, 8, 1),
        (1 << 18, 8, 1),
        (40_000, 8, 1),
        (1 << 15, 9, 1),
        (1 << 15, 8, 2),
        (max, max, max),
    ] {
        let absurd = slot(json!({"kdf": "scrypt", "n": n, "r": r, "p": p}));
        assert_eq!(class(vec![absurd]), Err("work_factor"), "{n} {r} {p}");
    }
    assert_eq!(class(vec![slot(json!({"kdf": "md5"}))]), Err("bad_member"));
}

#[test]
fn passphrases() {
    let artist = artist("artist");
    let mut random = rng(3);
    let header =
        draft(false, vec![part("a", &[100])]).sign(&artist, &Notary::default(), &mut random).unwrap();
    let preparation = Preparation::new(header.clone(), &mut random);
    let cheap = Stretch::Argon2id { memory: 64, passes: 1, lanes: 2 };
    let slow = Stretch::Scrypt { n: 1 << 15, r: 8, p: 1 };
    let table = TableDraft {
        grants: vec![GrantDraft { terms: terms([0..1]), open_to_all: false }],
        passphrases: vec![
            Passphrase::new("cafe\u{301} noir", cheap, 0).unwrap(),
            Passphrase::new("another", slow, 0).unwrap(),
        ],
        ..TableDraft::default()
    };
    let table = table.seal(&header, preparation.keys(), &artist, &mut random).unwrap();
    let (_, file) = write(preparation, Some(&table), &[vec![7; 100]], &artist).unwrap();
    let open =
        |text: &str| read(&file, &Opener::Passphrase(Password::new(text))).map(|released| released.len());
    // Composed and decomposed are one.
    for text in ["caf\u{e9} noir", "cafe\u{301} noir", "another"] {
        assert_eq!(open(text), Ok(1), "{text}");
    }
    assert_eq!(open("cafe noir"), Err("no_valid_key"));
    assert!(matches!(Passphrase::new("", cheap, 0), Err(SealError::EmptyPassphrase)));
    let absurd = Stretch::Argon2id { memory: 1 << 30, passes: 1, lanes: 1 };
    assert!(matches!(Passphrase::new("x", absurd, 0), Err(SealError::Refused(_))));
    assert!(Stretch::default().check().is_ok());
}

/// A new table, beside the file or in it: the chunks and the file's id stay, the number rises, no box is under a key used before.
#[test]
fn rekeyed() {
    let sealed = seal(1, true, &[&[100, 100]], &[0..2]);
    let keys = [key(1), sealed.licence_keys[0].clone()];
    let table = TableDraft {
        seq: 1,
        grants: vec![GrantDraft { terms: terms([0..1]), open_to_all: false }],
        keys: keys.iter().map(|key| (key.clone(), 0, 0)).collect(),
        ..TableDraft::default()
    };
    let make = |seed| table.seal(&sealed.header, &sealed.keys, &sealed.artist, &mut rng(seed)).unwrap();
    let old = sealed.front().table.unwrap();
    let (begin, end) = (sealed.header.bytes().len(), old.end() as usize);
    let rewrite = |table: &[u8]| [&sealed.file[..begin], table, &sealed.file[end..]].concat();
    let new = rewrite(&make(50));
    assert_eq!(front(&new).unwrap().header.id(), sealed.header.id());
    // The old key is in the new table too, and opens what that says.
    for key in keys {
        let released = read(&new, &Opener::Key(key)).unwrap();
        assert_eq!(released.len(), 1);
        assert!(sealed.holds(&released));
    }
    // The same key and grant, sealed twice: other salts, so other boxes.
    let [one, two] = [make(50), make(51)].map(|table| table[table.len() - 2 * ENTRY..].to_vec());
    assert_eq!(one[..32], two[..32]);
    assert_ne!(one[32..ENTRY], two[32..ENTRY]);

    let notary = Notary::default();
    let seen = |file: &[u8], table_seen| {
        let expected = Expected { table_seen, ..Expected::default() };
        let mut reader = FrontReader::new(&notary, expected);
        Begun::new(file.to_vec()).serve(&mut reader).map(drop).map_err(|refused| refused.class())
    };
    assert_eq!(seen(&new, 1), Ok(()));
    assert_eq!(seen(&sealed.file, 1), Err("table_rollback"));
    assert_eq!(seen(&sealed.file, 0), Ok(()));
}

#[test]
fn a_table_beside_the_file() {
    let sealed = seal(1, true, &[&[100, 100]], &[]);
    let table = TableDraft {
        seq: 4,
        grants: vec![GrantDraft { terms: terms([1..2]), open_to_all: false }],
        keys: vec![(key(1), 0, 99)],
        ..TableDraft::default()
    };
    let bytes = table.seal_alone(&sealed.header, &sealed.keys, &sealed.artist, &mut rng(9)).unwrap();
    let at = Head::alone(&bytes).unwrap();
    let length = Head::length(&bytes[at as usize..]).unwrap();
    let end = at + length as u64;
    let json = &bytes[at as usize + 4..end as usize];
    let head = Head::parse(json, end, &sealed.header, 0, &Notary::default()).unwrap();
    assert_eq!((head.seq, head.end()), (4, bytes.len() as u64));
    let mut lookup = crate::v3::table::Lookup::new(&sealed.header, &head, key(1).secret(sealed.header.id()));
    assert_eq!(Begun::new(bytes.clone()).serve(&mut lookup), Ok(None));
    let granted = lookup.finish().unwrap();
    assert_eq!(granted.serial, Some(99));
    let released = read(&sealed.file, &Opener::Granted(Box::new(granted))).unwrap();
    assert_eq!((released.len(), sealed.holds(&released)), (1, true));
    assert_eq!(Head::alone(b"SMSK\x04").unwrap_err().class(), "bad_version");
    assert_eq!(Head::alone(b"SMSG\x03").unwrap_err().class(), "bad_magic");
}

#[test]
fn tables_that_are_not_made() {
    let sealed = seal(1, true, &[&[100, 100]], &[]);
    let grant = || GrantDraft { terms: terms([0..2]), open_to_all: false };
    let make = |draft: TableDraft| draft.seal(&sealed.header, &sealed.keys, &sealed.artist, &mut rng(1));
    let keys = |keys: Vec<(LicenceKey, usize, u32)>| TableDraft {
        grants: vec![grant()],
        keys,
        ..TableDraft::default()
    };
    assert!(matches!(make(keys(vec![(key(1), 0, 0), (key(1), 0, 1)])), Err(SealError::DuplicateKey)));
    assert!(matches!(make(keys(vec![(key(1), 1, 0)])), Err(SealError::NoSuchGrant(1))));
    let foreign = seal(2, true, &[&[100, 100]], &[]);
    let table = make(keys(vec![(key(1), 0, 0)])).unwrap();
    let mut random = rng(1);
    let preparation = Preparation::new(foreign.header.clone(), &mut random);
    let result = write(preparation, Some(&table), &foreign.plain, &foreign.artist);
    assert!(matches!(result, Err(SealError::ForeignTable)));
}

//! What each kind of attacker of `spec/SMSG.md` 19.12 tries.

use super::support::{
    Notary, artist, draft, front, key, look_up, part, read, rng, seal, seal_draft, terms, write,
};
use crate::{
    crypto::{Key, ietf},
    v3::{
        SealError,
        chunk::Chunks,
        grant::Granted,
        header::Header,
        licence::Licence,
        open::{Asks as _, Begun, Expected, FrontReader, Opener, Session, Trust},
        ranges::Ranges,
        seal::Preparation,
        signing::{Naming, Signer, SigningFailed, Standing, Verifier},
        tree::Keys,
    },
};

/// A preview's key, tried on every chunk: also by a reader that ignores which chunks it was granted.
#[test]
fn outside_chunks() {
    let segments: Vec<u64> = vec![20; 33];
    let sealed = seal(1, true, &[&segments], &[3..9]);
    let notary = Notary::default();
    let granted = look_up(&sealed.file, &sealed.licence_keys[0]).0.unwrap();
    let mut chunks = Chunks::new(&granted.keys);
    for number in 0..33 {
        let mut chunk = sealed.file[sealed.chunk(number)].to_vec();
        let result = chunks.open(number, &mut chunk).map(|plain| plain.to_vec());
        match 3..9 {
            range if range.contains(&number) => {
                assert_eq!(result.unwrap(), sealed.plain[0][20 * number as usize..][..20]);
            }
            _ => assert_eq!(result.unwrap_err().class(), "not_licensed"),
        }
    }
    // Nodes used as if they were for other chunks: every chunk refuses every other set of as many nodes.
    let nodes = granted.keys.nodes(&Ranges::new(vec![3..9]).unwrap()).unwrap();
    for from in (0..28).filter(|from| *from != 3) {
        let ranges = Ranges::new(vec![from..from + 6]).unwrap();
        let Some(keys) = Keys::from_nodes(sealed.header.id(), sealed.header.tree(), &ranges, &nodes) else {
            continue;
        };
        for number in from..from + 6 {
            let mut chunk = sealed.file[sealed.chunk(number)].to_vec();
            // Chunks that were granted open where they are, wherever their keys are said to lie.
            let result = Chunks::new(&keys).open(number, &mut chunk).map(|plain| plain.to_vec());
            assert!(result.is_err() || (3..9).contains(&number), "{from} {number}");
        }
    }
    drop(notary);
}

/// Whoever has a chunk's key can make another chunk under it. The artist's digests refuse it; without them it passes, which is why they
/// are on unless a CID says the same.
#[test]
fn forged_by_a_buyer() {
    for digests in [true, false] {
        let sealed = seal(1, digests, &[&[100, 100]], &[0..2]);
        let granted = look_up(&sealed.file, &sealed.licence_keys[0]).0.unwrap();
        let mut file = sealed.file.clone();
        let forged = &mut file[sealed.chunk(1)];
        forged[32..132].fill(0x55);
        Chunks::new(&granted.keys).seal(1, forged).unwrap();
        match digests {
            true => assert_eq!(read(&file, &sealed.key(0)), Err("bad_digest")),
            false => assert_eq!(read(&file, &sealed.key(0)).unwrap()[1].2, [0x55; 100]),
        }
    }
}

/// One ciphertext that Poly1305 takes under two keys. It opens under both; as a chunk it opens under the one that it commits to.
#[test]
fn two_keys() {
    let vector = super::vectors::json("two-keys.json");
    let bytes = |name: &str| super::vectors::hex(&vector[name]);
    let [one, two] = ["ek_one", "ek_two"].map(|name| Key::from_bytes(bytes(name).try_into().unwrap()));
    let nonce: [u8; 12] = bytes("nonce").try_into().unwrap();
    let chunk = bytes("chunk");
    let (data, tag) = chunk[32..].split_last_chunk::<16>().unwrap();
    for key in [&one, &two] {
        ietf::open(key, nonce, &[], &mut data.to_vec(), tag).expect("the cipher alone takes both");
    }
    let keys = |name: &str| {
        let root = Key::from_bytes(bytes(name).try_into().unwrap());
        let file = crate::v3::FileId(bytes("file").try_into().unwrap());
        Keys::from_root(file, crate::v3::tree::Tree::new(1), root)
    };
    let open = |name: &str| {
        Chunks::new(&keys(name)).open(0, &mut chunk.clone()).map(|_| ()).map_err(|refused| refused.class())
    };
    assert_eq!((open("root_one"), open("root_two")), (Ok(()), Err("commitment")));

    // The same of entry, grant, slot and licence: the cipher alone takes each box under both keys. What a reader says to
    // the second is in files.json ("two keys: ..."): `no_valid_key` because the id is the first's, `bad_grant` because gcom is.
    let boxes = vector["boxes"].as_array().unwrap();
    let names: Vec<&str> = boxes.iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["entry", "grant", "slot", "licence"]);
    for case in boxes {
        let bytes = |name: &str| super::vectors::hex(&case[name]);
        for name in ["one", "two"] {
            let key = Key::from_bytes(bytes(name).try_into().unwrap());
            assert!(crate::v3::boxes::open(&key, &bytes("box"), &bytes("aad")).is_some(), "{case}");
        }
    }
}

/// All keys depend on every byte of the header: with another one nothing opens, even if it is signed as well.
#[test]
fn keys_depend_on_the_file() {
    let sealed = seal(1, false, &[&[100]], &[0..1]);
    let other = seal(2, false, &[&[100]], &[0..1]);
    let behind = &sealed.file[sealed.header.bytes().len()..];
    let crossed = [other.header.bytes(), behind].concat();
    assert_eq!(front(&crossed).unwrap_err().class(), "wrong_file");
    // Without its table too.
    let bare = |header: &Header| [header.bytes(), &[0; 4], &sealed.file[sealed.chunk(0)]].concat();
    assert!(read(&bare(&sealed.header), &sealed.root()).is_ok());
    assert_eq!(read(&bare(&other.header), &other.root()), Err("commitment"));
    let granted = Granted::all(sealed.keys.clone());
    let notary = Notary::default();
    let session = Session::new(other.front(), granted, Trust::Digests, &notary);
    assert_eq!(session.map(drop).unwrap_err().class(), "wrong_file");
    // One key text is two keys in two files.
    let key = key(5);
    assert_ne!(key.secret(sealed.header.id()).id(), key.secret(other.header.id()).id());
}

/// Sealed again under another DID: it opens, but it is not who was expected.
#[test]
fn foreign_artist() {
    let thief = artist("thief");
    let did = thief.did.clone();
    let sealed = seal_draft(1, thief, &draft(true, vec![part("a", &[100])]), &[]);
    let notary = Notary::default();
    let expect = |artist: &str| {
        let expected = Expected { artist: Some(artist.into()), ..Expected::default() };
        let mut reader = FrontReader::new(&notary, expected);
        Begun::new(sealed.file.clone()).serve(&mut reader).map(drop).map_err(|refused| refused.class())
    };
    assert_eq!(expect(&did), Ok(()));
    assert_eq!(expect(&artist("artist").did), Err("wrong_artist"));
    let file = Expected { file: Some(crate::v3::FileId([0; 32])), ..Expected::default() };
    let mut reader = FrontReader::new(&notary, file);
    let refused = Begun::new(sealed.file.clone()).serve(&mut reader).unwrap_err();
    assert_eq!(refused.class(), "wrong_file");
    assert!(reader.needs().is_some());
}

/// A buyer puts on the terms of another sale: the licence does not carry their key's id; rewritten, its signature does not hold; with
/// the box of one and the terms of the other, signed by the artist, the box does not open.
#[test]
fn borrowed_terms() {
    let sealed = seal(1, true, &[&[20, 20, 20, 20]], &[]);
    let notary = Notary::default();
    let id = sealed.header.id();
    let issue = |seed: u64, range: std::ops::Range<u32>| {
        let mut random = rng(seed);
        let secret = key(seed).secret(id);
        let terms = terms([range]);
        Licence::issue(&sealed.header, &sealed.keys, &secret, &terms, &sealed.artist, &mut random).unwrap()
    };
    let (cheap, dear) = (issue(1, 0..1), issue(2, 1..2));
    let parse = |bytes: &[u8]| Licence::parse(bytes, &sealed.header, &notary);
    let borrowed = parse(&dear).unwrap();
    assert_eq!(borrowed.open(&sealed.header, &key(1).secret(id)).unwrap_err().class(), "no_valid_key");
    let swap = |text: &str| {
        let mut object: serde_json::Value = serde_json::from_slice(&cheap).unwrap();
        let other: serde_json::Value = serde_json::from_slice(&dear).unwrap();
        object[text] = other[text].clone();
        object
    };
    for member in ["terms", "id", "salt", "box"] {
        let bytes = serde_json_canonicalizer::to_vec(&swap(member)).unwrap();
        assert_eq!(parse(&bytes).unwrap_err().class(), "bad_signature", "{member}");
        // Even the artist's signature does not help: the box is bound to all of it.
        let object = swap(member).as_object().unwrap().clone();
        let signed = crate::v3::json::sign(object, &sealed.artist).unwrap();
        let licence = parse(&crate::v3::json::canonical(&signed)).unwrap();
        let class = licence.open(&sealed.header, &key(1).secret(id)).unwrap_err().class();
        assert_eq!(class, if member == "id" { "no_valid_key" } else { "bad_grant" }, "{member}");
    }
    assert!(parse(&cheap).unwrap().open(&sealed.header, &key(1).secret(id)).is_ok());
}

/// A licence grants nothing that its issuer does not hold.
#[test]
fn a_buyer_cannot_issue_for_others_chunks() {
    let sealed = seal(1, true, &[&[20, 20, 20, 20]], &[1..3]);
    let granted = look_up(&sealed.file, &sealed.licence_keys[0]).0.unwrap();
    let secret = key(9).secret(sealed.header.id());
    let issue = |artist, range| {
        Licence::issue(&sealed.header, &granted.keys, &secret, &terms([range]), artist, &mut rng(1))
    };
    assert!(matches!(issue(&sealed.artist, 0..3), Err(SealError::NotHeld)));
    let buyer = artist("buyer");
    assert!(matches!(issue(&buyer, 1..2), Err(SealError::Refused(_))));
    assert!(issue(&sealed.artist, 1..2).is_ok());
}

/// Whoever writes a domain into a file of their own is found out where the domain answers, and marked where it does not; a key speaks for
/// a file from its header to its last licence.
#[test]
fn domains() {
    struct Domain(Naming, Notary);
    impl Verifier for Domain {
        fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
            let artist = artist.strip_prefix("did:key:").map(|key| format!("did:test:{key}"));
            artist.is_some_and(|artist| self.1.verifies(&artist, message, signature))
        }
        fn names(&self, artist: &str, key: &str) -> Naming {
            assert!(artist == DOMAIN && key.starts_with("did:key:"));
            self.0
        }
    }
    struct Web(super::support::Artist, Option<String>);
    impl Signer for Web {
        fn artist(&self) -> &str {
            DOMAIN
        }
        fn key(&self) -> Option<&str> {
            self.1.as_deref()
        }
        fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
            self.0.sign(message)
        }
    }
    const DOMAIN: &str = "did:web:music.example";
    let domain = |naming| Domain(naming, Notary::default());
    let [one, two] = ["one", "two"].map(|name| {
        let artist = artist(name);
        let key = artist.did.replace("did:test:", "did:key:");
        Web(artist, Some(key))
    });
    let mut random = rng(1);
    let draft = draft(true, vec![part("a.mp3", &[20, 20])]);
    let header = draft.sign(&one, &domain(Naming::Unknown), &mut random).unwrap();
    assert_eq!((header.artist(), header.key(), header.standing()), (DOMAIN, one.key(), Standing::Unchecked));
    let read = |naming| Header::parse(header.bytes(), &domain(naming)).map(|header| header.standing());
    assert_eq!(read(Naming::Named), Ok(Standing::Proven));
    assert_eq!(read(Naming::Denied).unwrap_err().class(), "bad_signature");
    // A verifier that knows nothing of domains takes none.
    let plain = |artist: &str, message: &[u8], signature: &[u8; 64]| {
        domain(Naming::Named).verifies(artist, message, signature)
    };
    assert_eq!(Header::parse(header.bytes(), &plain).unwrap_err().class(), "bad_signature");

    let preparation = Preparation::new(header.clone(), &mut random);
    let secret = key(1).secret(header.id());
    let licence = |signer: &Web| {
        Licence::issue(&header, preparation.keys(), &secret, &terms([0..2]), signer, &mut rng(2)).unwrap()
    };
    let (own, other) = (licence(&one), licence(&two));
    let read = |licence: &[u8], naming| {
        Licence::parse(licence, &header, &domain(naming)).map(|_| ()).map_err(|refused| refused.class())
    };
    assert_eq!((read(&own, Naming::Named), read(&own, Naming::Unknown)), (Ok(()), Ok(())));
    assert_eq!((read(&other, Naming::Named), read(&other, Naming::Unknown)), (Ok(()), Err("bad_signature")));
    assert_eq!(read(&own, Naming::Denied), Err("bad_signature"));
    // The key is bound like all else, and the seal is the header's key's.
    let text = String::from_utf8(own).unwrap().replace(one.key().unwrap(), two.key().unwrap());
    assert_eq!(read(text.as_bytes(), Naming::Named), Err("bad_signature"));
    let mut sources: [&mut dyn std::io::Read; 1] = [&mut &[0u8; 40][..]];
    let sealed = preparation.seal(None, &mut sources, &two, &mut std::io::Cursor::new(Vec::new()));
    assert!(matches!(sealed, Err(SealError::Refused(refused)) if refused.class() == "wrong_artist"));
}

/// What is debugged is not what is secret.
#[test]
fn no_keys_in_what_is_printed() {
    let sealed = seal(1, true, &[&[20, 20]], &[0..2]);
    let granted = look_up(&sealed.file, &sealed.licence_keys[0]).0.unwrap();
    let mut random = rng(1);
    let preparation = Preparation::new(sealed.header.clone(), &mut random);
    let printed = format!("{granted:?} {:?} {preparation:?}", Opener::Key(sealed.licence_keys[0].clone()));
    let root = sealed.keys.root().unwrap().as_bytes();
    assert!(!printed.contains(&format!("{root:?}")) && !printed.contains("MGH-"), "{printed}");
    let shown = sealed.licence_keys[0].shown().as_str().to_lowercase();
    assert!(!printed.to_lowercase().contains(&shown[4..]));
    let _ = write(preparation, None, &[vec![0; 40]], &sealed.artist);
}

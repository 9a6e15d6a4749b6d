//! spec/vectors/smsg3: made by the Python reader and writer, which were written from the text. See its README.

use super::support::verifies;
use crate::{
    crypto::Key,
    keys::Password,
    v3::{
        FileId, Header, Refused, boxes,
        chunk::Chunks,
        digests,
        grant::Granted,
        header::Geometry,
        kdf,
        key_text::LicenceKey,
        open::{Asks as _, Begun, Expected, FrontReader, OpenError, Opener, Trust, unseal},
        passphrase::Stretch,
        ranges::Ranges,
        signing::{Naming, Standing, Verifier},
        table::{Head, Lookup},
        terms,
        tree::{Keys, Tree},
    },
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn load(file: &str) -> Vec<u8> {
    let path = format!("{}/../../spec/vectors/smsg3/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(super) fn json(file: &str) -> Value {
    serde_json::from_slice(&load(file)).unwrap()
}

pub(super) fn hex(value: &Value) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn exactly<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap()
}

fn to_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn ranges(value: &Value) -> Ranges {
    let pairs = value.as_array().unwrap().iter();
    Ranges::new(pairs.map(|pair| number(&pair[0])..number(&pair[1])).collect()).unwrap()
}

/// The bytes of a case.
fn changed(case: &Value) -> Vec<u8> {
    let mut data = case["file"].as_str().map_or_else(|| hex(&case["hex"]), load);
    if let Some(at) = case["flip"].as_u64() {
        // The top bit of a length, else the lowest.
        data[at as usize] ^= if at == 5 { 128 } else { 1 };
    }
    data.truncate(case["cut"].as_u64().map_or(usize::MAX, |length| length as usize));
    data.extend(case["append"].as_str().map(|_| hex(&case["append"])).unwrap_or_default());
    data
}

/// A key of a table beside the file.
fn from_table(data: &[u8], table: &[u8], key: &LicenceKey) -> Result<Granted, Refused> {
    let mut front = FrontReader::new(&verifies, Expected::default());
    Begun::new(data.to_vec()).serve(&mut front)?;
    let header = front.finish()?.header;
    let at = Head::alone(table)? as usize;
    let end = at + Head::length(&table[at..])?;
    let head = Head::parse(&table[at + 4..end], end as u64, &header, 0, &verifies)?;
    assert_eq!(head.end(), table.len() as u64);
    let mut lookup = Lookup::new(&header, &head, key.secret(header.id()));
    while let Some(range) = lookup.needs() {
        lookup.take(&table[range.start as usize..range.end as usize])?;
    }
    lookup.finish()
}

/// Who knows what a case says of the artist's document: the `did:key`s in it, or that it could not be fetched.
struct Documents(Option<Vec<String>>);

impl Documents {
    fn of(case: &Value) -> Self {
        let keys = case["document"].as_array();
        Self(keys.map(|keys| keys.iter().map(|key| key.as_str().unwrap().to_owned()).collect()))
    }
}

impl Verifier for Documents {
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        let named = self.0.iter().flatten().filter(|_| artist.starts_with("did:web:"));
        named.map(String::as_str).chain([artist]).any(|did| verifies(did, message, signature))
    }
    fn names(&self, _: &str, key: &str) -> Naming {
        match &self.0 {
            Some(keys) if keys.iter().any(|named| named == key) => Naming::Named,
            Some(_) => Naming::Denied,
            None => Naming::Unknown,
        }
    }
}

struct Outcome {
    id: String,
    standing: Standing,
    terms: Value,
    serial: Option<u32>,
    chunks: Vec<u32>,
    plaintext: Vec<u8>,
}

fn open(case: &Value) -> Result<Outcome, OpenError> {
    let (data, documents) = (changed(case), Documents::of(case));
    let how = &case["open"];
    let key = how["key"].as_str().map(|text| LicenceKey::parse(text).unwrap());
    let opener = match (key, how["licence"].as_str(), how["table"].as_str(), how["passphrase"].as_str()) {
        (Some(key), Some(licence), ..) => Opener::Licence { licence: load(licence), key },
        (Some(key), _, Some(table), _) => Opener::Granted(Box::new(from_table(&data, &load(table), &key)?)),
        (Some(key), ..) => Opener::Key(key),
        (_, _, _, Some(text)) => Opener::Passphrase(Password::new(text)),
        _ => Opener::OpenToAll,
    };
    let opened = unseal(&*data, Expected::default(), &opener, Trust::Digests, &documents)?;
    let session = opened.session();
    let mut outcome = Outcome {
        id: to_hex(&session.front().header.id().0),
        standing: session.front().header.standing(),
        terms: session.terms().to_json().into(),
        serial: session.serial(),
        chunks: Vec::new(),
        plaintext: Vec::new(),
    };
    let geometry = session.front().header.geometry().clone();
    opened.chunks(|place, bytes| {
        outcome.chunks.push(geometry.chunk_at(place.part, place.plain.start).unwrap());
        outcome.plaintext.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(outcome)
}

#[test]
fn files() {
    let cases = json("files.json");
    let cases = cases["cases"].as_array().unwrap();
    assert!(cases.len() >= 107);
    for case in cases {
        let name = &case["name"];
        match open(case) {
            Err(error) => assert_eq!(case["class"], error.class(), "{name}: {error}"),
            Ok(outcome) => {
                assert_eq!(case["class"], Value::Null, "{name}: opens");
                assert_eq!(case["id"], outcome.id, "{name}");
                let unchecked = outcome.standing == Standing::Unchecked;
                assert_eq!(case["unchecked"].as_bool().unwrap_or(false), unchecked, "{name}");
                let wanted: Vec<u32> = ranges(&case["ranges"]).as_slice().iter().cloned().flatten().collect();
                assert_eq!(outcome.chunks, wanted, "{name}");
                assert_eq!(case["sha256"], to_hex(&Sha256::digest(&outcome.plaintext)), "{name}");
                if !case["serial"].is_null() {
                    assert_eq!(case["serial"], outcome.serial.unwrap(), "{name}");
                }
                if !case["terms"].is_null() {
                    assert_eq!(case["terms"], outcome.terms, "{name}");
                }
            }
        }
    }
}

#[test]
fn keys_of_chunks() {
    let steps = json("steps.json");
    let (file, frk) = (FileId(exactly(&steps["file"])), hex(&steps["frk"]));
    let root = kdf::expand::<32>(&kdf::extract(&file.0, &frk), &[b"smsg3 root"]);
    assert_eq!(steps["root"], to_hex(&*root));
    for case in steps["chunks"].as_array().unwrap() {
        let keys = Keys::from_root(file, Tree::new(number(&case["n"])), Key::from_bytes(*root));
        let at = number(&case["number"]);
        let mut walk = keys.walk();
        assert_eq!(case["leaf"], to_hex(walk.leaf(at).unwrap().key().as_bytes()));
        let mut chunk = [vec![0; 32], hex(&case["plaintext"]), vec![0; 16]].concat();
        Chunks::new(&keys).seal(at, &mut chunk).unwrap();
        assert_eq!(case["chunk"], to_hex(&chunk));
        assert_eq!(case["com"], to_hex(&chunk[..32]));
    }
    for case in steps["covers"].as_array().unwrap() {
        let places = Tree::new(number(&case["n"])).cover(&ranges(&case["ranges"]));
        let places: Vec<Value> = places.iter().map(|place| vec![place.level, place.index].into()).collect();
        assert_eq!(case["places"], Value::from(places), "{case}");
    }
}

#[test]
fn keys_of_listeners() {
    let steps = json("steps.json");
    let file = FileId(exactly(&steps["file"]));
    for case in steps["keys"].as_array().unwrap() {
        let secret = LicenceKey::parse(case["shown"].as_str().unwrap()).unwrap().secret(file);
        assert_eq!(case["id"], to_hex(secret.id()), "{case}");
        assert_eq!(case["wrap"], to_hex(secret.wrap(&exactly(&case["salt"])).as_bytes()), "{case}");
    }
    let grant = &steps["grant"];
    let hash = terms::hash(grant["terms"].as_object().unwrap());
    assert_eq!(grant["hash"], to_hex(&hash));
    let key = Key::from_bytes(exactly(&grant["gk"]));
    let (commitment, key) = kdf::committed(&key, &[b"smsg3 grant", &file.0, &hash]);
    assert_eq!(
        (&grant["gcom"], &grant["gek"]),
        (&to_hex(&commitment).into(), &to_hex(key.as_bytes()).into())
    );
    let entry = &steps["entry"];
    let secret = LicenceKey::parse(entry["key"].as_str().unwrap()).unwrap().secret(file);
    let bytes = hex(&entry["entry"]);
    assert_eq!(bytes[..32], secret.id()[..]);
    let inside = boxes::open(&secret.wrap(&exactly(&entry["salt"])), &bytes[32..], &[]).unwrap();
    assert_eq!(inside[..8], [1, 2, 0, 0, 1, 2, 3, 4]);
    assert_eq!(entry["gk"], to_hex(&inside[8..]));
}

#[test]
fn stretched_passphrases() {
    for case in json("steps.json")["stretch"].as_array().unwrap() {
        let factor = |name: &str| case[name].as_u64().unwrap();
        let stretch = match case["kdf"].as_str() {
            Some("scrypt") => Stretch::Scrypt { n: factor("n"), r: factor("r"), p: factor("p") },
            _ => Stretch::Argon2id { memory: factor("m"), passes: factor("t"), lanes: factor("p") },
        };
        let salt: [u8; 16] = std::array::from_fn(|at| at as u8);
        let out = stretch.stretch(case["passphrase"].as_str().unwrap(), &salt).unwrap();
        assert_eq!(case["out"], to_hex(&*out), "{case}");
    }
}

#[test]
fn places_digests_and_the_index() {
    let steps = json("steps.json");
    for case in steps["blake3"].as_array().unwrap() {
        let bytes: Vec<u8> = (0..case["bytes"].as_u64().unwrap()).map(|at| (at % 251) as u8).collect();
        assert_eq!(case["digest"], to_hex(&digests::digest(&bytes)));
    }
    for case in steps["places"].as_array().unwrap() {
        let segments: Vec<Vec<u64>> = serde_json::from_value(case["segments"].clone()).unwrap();
        let geometry = Geometry::new(segments.iter().map(Vec::as_slice)).unwrap();
        let places: Vec<Value> = (0..geometry.chunks())
            .map(|chunk| geometry.chunk(chunk).unwrap())
            .map(|place| {
                vec![place.part as u64, place.plain.start, place.plain.end, place.stored.start].into()
            })
            .collect();
        assert_eq!(case["chunks"], Value::from(places));
    }
    let header = &steps["header"];
    let length = number(&header["length"]) as usize;
    let header_here = Header::parse(&load(header["file"].as_str().unwrap())[..length], &verifies).unwrap();
    assert_eq!(header["id"], to_hex(&header_here.id().0));
    assert_eq!(header["artist"], header_here.artist());
    let marks: Vec<Value> =
        header_here.parts()[0].index.marks().iter().map(|mark| vec![mark.ticks, mark.byte].into()).collect();
    assert_eq!(steps["index"]["marks"], Value::from(marks));
}

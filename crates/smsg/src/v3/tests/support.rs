//! Artists who sign, files that are sealed, readers that count.

use crate::keys::licence_key::Style;
use crate::v3::{
    Header, Refused, SealError,
    grant::Granted,
    header::{HeaderDraft, PartDraft},
    key_text::LicenceKey,
    open::{Asks as _, Begun, Expected, Front, FrontReader, OpenError, Opener, Trust, unseal},
    ranges::Ranges,
    seal::Preparation,
    signing::{Signer, SigningFailed, Verifier},
    table::{GrantDraft, Lookup, TableDraft},
    terms::{Kind, Terms},
    tree::Keys,
};
use chacha20::ChaCha8Rng;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use rand_core::SeedableRng as _;
use std::{
    collections::HashMap,
    io::{Cursor, Read},
    ops::Range,
    sync::Mutex,
};

/// Randomness that is the same each time.
pub(super) fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Artists with real keys.
pub(super) struct Artist {
    pub(super) did: String,
    key: SigningKey,
}

pub(super) fn artist(name: &str) -> Artist {
    let mut seed = [0; 32];
    seed[..name.len()].copy_from_slice(name.as_bytes());
    let key = SigningKey::from_bytes(&seed);
    let hex = data_encoding::HEXLOWER.encode(key.verifying_key().as_bytes());
    Artist { did: format!("did:test:{hex}"), key }
}

impl Signer for Artist {
    fn artist(&self) -> &str {
        &self.did
    }
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        Ok(self.key.sign(message).to_bytes())
    }
}

/// Resolves `did:test:` and remembers what it found, so that thousands of damaged files are judged quickly.
#[derive(Default)]
pub(super) struct Notary(Mutex<HashMap<Case, bool>>);

/// Artist and message; signature.
type Case = (Vec<u8>, Vec<u8>);

impl Verifier for Notary {
    fn verifies(&self, artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        let case = ([artist.as_bytes(), message].join(&0), signature.to_vec());
        *self.0.lock().unwrap().entry(case).or_insert_with(|| verifies(artist, message, signature))
    }
}

/// Resolves `did:test:`, which has the key in hexadecimal, and `did:key:` of the vectors.
pub(super) fn verifies(artist: &str, message: &[u8], signature: &[u8; 64]) -> bool {
    let key = match artist.strip_prefix("did:test:") {
        Some(hex) => data_encoding::HEXLOWER.decode(hex.as_bytes()).ok(),
        None => artist.strip_prefix("did:key:z").and_then(from_base58),
    };
    let key = key.and_then(|key| VerifyingKey::from_bytes(key.as_slice().try_into().ok()?).ok());
    key.is_some_and(|key| key.verify_strict(message, &(*signature).into()).is_ok())
}

/// The key in a did:key: base58 of 34 bytes, of which two say that it is Ed25519.
fn from_base58(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0u8; 34];
    for c in text.bytes() {
        let mut carry = ALPHABET.iter().position(|known| *known == c)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
    }
    bytes.strip_prefix(&[0xed, 0x01]).map(<[u8]>::to_vec)
}

/// Plaintext that repeats nowhere near.
pub(super) fn sound(seed: u64, length: usize) -> Vec<u8> {
    use rand_core::Rng as _;
    let mut bytes = vec![0; length];
    rng(seed).fill_bytes(&mut bytes);
    bytes
}

/// A sealed file and everything about it.
pub(super) struct Sealed {
    pub(super) artist: Artist,
    pub(super) keys: Keys,
    pub(super) header: Header,
    pub(super) file: Vec<u8>,
    pub(super) plain: Vec<Vec<u8>>,
    /// One for each grant.
    pub(super) licence_keys: Vec<LicenceKey>,
}

pub(super) fn part(name: &str, segments: &[u64]) -> PartDraft {
    PartDraft {
        name: name.into(),
        mime: "audio/mpeg".into(),
        segments: segments.to_vec(),
        ..PartDraft::default()
    }
}

pub(super) fn draft(digests: bool, parts: Vec<PartDraft>) -> HeaderDraft {
    HeaderDraft { title: "Sealed".into(), created: 1_768_230_000, digests, parts, ..HeaderDraft::default() }
}

pub(super) fn key(seed: u64) -> LicenceKey {
    LicenceKey::generate(Style::Code, "MGH", &mut rng(seed)).unwrap()
}

pub(super) fn terms(ranges: impl IntoIterator<Item = Range<u32>>) -> Terms {
    Terms::new(Kind::Perpetual, Ranges::union(ranges).unwrap())
}

/// Seals parts of these segments, with one key for each of the sets of chunks.
pub(super) fn seal(seed: u64, digests: bool, parts: &[&[u64]], grants: &[Range<u32>]) -> Sealed {
    let artist = artist("artist");
    let parts = parts.iter().enumerate().map(|(at, segments)| part(&format!("{at}.mp3"), segments)).collect();
    seal_draft(seed, artist, &draft(digests, parts), grants)
}

pub(super) fn seal_draft(seed: u64, artist: Artist, draft: &HeaderDraft, grants: &[Range<u32>]) -> Sealed {
    let mut random = rng(seed);
    let header = draft.sign(&artist, &Notary::default(), &mut random).unwrap();
    let preparation = Preparation::new(header.clone(), &mut random);
    let licence_keys: Vec<_> = (0..grants.len()).map(|at| key(seed * 1000 + at as u64)).collect();
    let table = TableDraft {
        grants: grants
            .iter()
            .map(|range| GrantDraft { terms: terms([range.clone()]), open_to_all: false })
            .collect(),
        keys: licence_keys.iter().enumerate().map(|(at, key)| (key.clone(), at, 7 + at as u32)).collect(),
        ..TableDraft::default()
    };
    let table =
        (!grants.is_empty()).then(|| table.seal(&header, preparation.keys(), &artist, &mut random).unwrap());
    let plain: Vec<Vec<u8>> = draft
        .parts
        .iter()
        .enumerate()
        .map(|(at, part)| sound(seed + at as u64, part.segments.iter().sum::<u64>() as usize))
        .collect();
    let (keys, file) = write(preparation, table.as_deref(), &plain, &artist).unwrap();
    Sealed { artist, keys, header, file, plain, licence_keys }
}

pub(super) fn write(
    preparation: Preparation,
    table: Option<&[u8]>,
    plain: &[Vec<u8>],
    artist: &Artist,
) -> Result<(Keys, Vec<u8>), SealError> {
    let mut readers: Vec<&[u8]> = plain.iter().map(Vec::as_slice).collect();
    let mut sources: Vec<&mut dyn Read> = readers.iter_mut().map(|reader| reader as &mut dyn Read).collect();
    let mut out = Cursor::new(Vec::new());
    let (keys, length) = preparation.seal(table, &mut sources, artist, &mut out)?;
    assert_eq!(length, out.get_ref().len() as u64);
    Ok((keys, out.into_inner()))
}

/// What came out, by part and place.
pub(super) type Released = Vec<(usize, u64, Vec<u8>)>;

/// Reads a file from beginning to end; what was released goes to `released` even when it fails.
pub(super) fn read_into(
    file: &[u8],
    opener: &Opener,
    notary: &Notary,
    released: &mut Released,
) -> Result<(), &'static str> {
    let opened = unseal(file, Expected::default(), opener, Trust::Digests, notary);
    let take = |opened: crate::v3::open::Opened<'_, &[u8]>| {
        opened.chunks(|place, bytes| {
            released.push((place.part, place.plain.start, bytes.to_vec()));
            Ok(())
        })
    };
    opened.and_then(take).map_err(|error: OpenError| error.class())
}

pub(super) fn read(file: &[u8], opener: &Opener) -> Result<Released, &'static str> {
    let mut released = Released::new();
    read_into(file, opener, &Notary::default(), &mut released).map(|()| released)
}

impl Sealed {
    /// Everything, by its owner.
    pub(super) fn root(&self) -> Opener {
        Opener::Granted(Box::new(Granted::all(self.keys.clone())))
    }

    pub(super) fn key(&self, grant: usize) -> Opener {
        Opener::Key(self.licence_keys[grant].clone())
    }

    /// Whether these pieces are what was sealed, at their places.
    pub(super) fn holds(&self, released: &Released) -> bool {
        released.iter().all(|(part, at, bytes)| {
            self.plain[*part].get(*at as usize..*at as usize + bytes.len()) == Some(bytes.as_slice())
        })
    }

    pub(super) fn front(&self) -> Front {
        front(&self.file).unwrap()
    }

    /// Where a chunk lies in the file.
    pub(super) fn chunk(&self, number: u32) -> Range<usize> {
        let at = self.front().chunks_at() as usize;
        let place = self.header.geometry().chunk(number).unwrap().stored;
        at + place.start as usize..at + place.end as usize
    }
}

pub(super) fn front(file: &[u8]) -> Result<Front, Refused> {
    let notary = Notary::default();
    let mut reader = FrontReader::new(&notary, Expected::default());
    match Begun::new(file.to_vec()).serve(&mut reader)? {
        None => reader.finish(),
        Some(_) => Err(Refused::Truncated("the test's file")),
    }
}

/// Looks a key up, and counts what had to be fetched behind the first 64 KiB.
pub(super) fn look_up(file: &[u8], key: &LicenceKey) -> (Result<Granted, Refused>, usize) {
    let front = front(file).unwrap();
    let begun = Begun::new(file[..file.len().min(64 << 10)].to_vec());
    let mut lookup = Lookup::new(&front.header, front.table.as_ref().unwrap(), key.secret(front.header.id()));
    let mut requests = 0;
    loop {
        match begun.serve(&mut lookup) {
            Err(refused) => return (Err(refused), requests),
            Ok(None) => return (lookup.finish(), requests),
            Ok(Some(range)) => {
                requests += 1;
                let bytes = &file[range.start as usize..range.end as usize];
                if let Err(refused) = lookup.take(bytes) {
                    return (Err(refused), requests);
                }
            }
        }
    }
}

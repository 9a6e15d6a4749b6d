//! A small file of version 3.0 that the targets damage, and the artist of it.

use chacha20::{ChaCha8Rng, rand_core::SeedableRng as _};
use smsg::{
    keys::licence_key::Style,
    v3::{
        Header, SealError,
        header::{HeaderDraft, PartDraft},
        key_text::LicenceKey,
        licence::Licence,
        ranges::Ranges,
        seal::Preparation,
        signing::{Signer, SigningFailed},
        table::{GrantDraft, TableDraft},
        terms::{Kind, Terms},
        tree::Keys,
    },
};
use std::io::{Cursor, Read};

/// Signs with the beginning of what is signed: as good as Ed25519 against whoever only changes bytes, and quick.
pub(crate) struct Artist;

impl Signer for Artist {
    fn artist(&self) -> &str {
        "did:example:artist"
    }
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        Ok(signature(message))
    }
}

fn signature(message: &[u8]) -> [u8; 64] {
    let digest = smsg::v3::digests::digest(message);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&digest);
    signature[32..].copy_from_slice(&digest);
    signature
}

pub(crate) fn verifies(_: &str, message: &[u8], found: &[u8; 64]) -> bool {
    *found == signature(message)
}

/// Everything of the file.
pub(crate) struct Sample {
    pub(crate) header: Header,
    pub(crate) keys: Keys,
    pub(crate) key: LicenceKey,
    pub(crate) plain: Vec<u8>,
    pub(crate) file: Vec<u8>,
    pub(crate) licence: Vec<u8>,
}

pub(crate) fn sample(digests: bool) -> Result<Sample, SealError> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let plain: Vec<u8> = (0..90u8).collect();
    let part = PartDraft { name: "a".into(), segments: vec![40, 20, 30], ..PartDraft::default() };
    let draft = HeaderDraft { title: "a".into(), digests, parts: vec![part], ..HeaderDraft::default() };
    let header = draft.sign(&Artist, &verifies, &mut rng)?;
    let preparation = Preparation::new(header.clone(), &mut rng);
    let key = LicenceKey::generate(Style::Code, "OSP", &mut rng).expect("a good prefix");
    let terms = Terms::new(Kind::Perpetual, Ranges::all(3));
    let table = TableDraft {
        grants: vec![GrantDraft { terms: terms.clone(), open_to_all: false }],
        keys: vec![(key.clone(), 0, 1)],
        ..TableDraft::default()
    };
    let table = table.seal(&header, preparation.keys(), &Artist, &mut rng)?;
    let secret = key.secret(header.id());
    let licence = Licence::issue(&header, preparation.keys(), &secret, &terms, &Artist, &mut rng)?;
    let mut out = Cursor::new(Vec::new());
    let mut source = plain.as_slice();
    let (keys, _) = preparation.seal(Some(&table), &mut [&mut source as &mut dyn Read], &Artist, &mut out)?;
    Ok(Sample { header, keys, key, plain, file: out.into_inner(), licence })
}

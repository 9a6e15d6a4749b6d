//! What keys of version 3.0 cost: 10,000 minted before publishing, 1,000 licences after, one of them used; and what a file costs
//! besides its sound.
//!
//! ```text
//! cargo run --release -p smsg --example v3_keys
//! ```
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use chacha20::ChaCha8Rng;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use rand_core::SeedableRng as _;
use smsg::{
    keys::licence_key::Style,
    v3::{
        Header,
        header::{HeaderDraft, PartDraft},
        key_text::LicenceKey,
        licence::Licence,
        open::{Asks as _, Begun, Expected, FrontReader},
        ranges::Ranges,
        seal::Preparation,
        signing::{Signer, SigningFailed},
        table::{GrantDraft, Lookup, TableDraft},
        terms::{Kind, Terms},
    },
};
use std::{
    error::Error,
    io::{Cursor, Read},
    time::Instant,
};

/// Bytes of sound: ten minutes of FLAC, or a short album in MP3.
const LEN: usize = 30_000_000;

struct Artist(SigningKey);

impl Signer for Artist {
    fn artist(&self) -> &str {
        "did:example:artist"
    }
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        Ok(self.0.sign(message).to_bytes())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let artist = Artist(SigningKey::from_bytes(&[7; 32]));
    let public: VerifyingKey = artist.0.verifying_key();
    let verifies = |_: &str, message: &[u8], signature: &[u8; 64]| {
        public.verify_strict(message, &(*signature).into()).is_ok()
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let part = PartDraft { name: "a.flac".into(), segments: vec![LEN as u64], ..PartDraft::default() };
    let draft =
        HeaderDraft { title: "Keys".into(), digests: true, parts: vec![part], ..HeaderDraft::default() };
    let header = draft.sign(&artist, &verifies, &mut rng)?;
    let preparation = Preparation::new(header.clone(), &mut rng);
    let terms = Terms::new(Kind::Perpetual, Ranges::all(header.geometry().chunks()));

    let start = Instant::now();
    let keys: Vec<LicenceKey> =
        (0..11_000).map(|_| LicenceKey::generate(Style::Code, "OSP", &mut rng)).collect::<Result<_, _>>()?;
    println!("11,000 keys drawn: {:.1} ms", millis(start));
    let table = TableDraft {
        grants: vec![GrantDraft { terms: terms.clone(), open_to_all: false }],
        keys: keys[..10_000].iter().zip(0..).map(|(key, serial)| (key.clone(), 0, serial)).collect(),
        ..TableDraft::default()
    };
    let start = Instant::now();
    let table = table.seal(&header, preparation.keys(), &artist, &mut rng)?;
    println!("table of 10,000 of them: {:.1} ms, {} bytes", millis(start), table.len());

    let plain = vec![0xA5u8; LEN];
    let mut file = Cursor::new(Vec::new());
    let mut source = plain.as_slice();
    let (root, length) =
        preparation.seal(Some(&table), &mut [&mut source as &mut dyn Read], &artist, &mut file)?;
    let file = file.into_inner();
    let besides = length - LEN as u64 - table.len() as u64;
    println!("30 MB besides sound and table: {besides} bytes, {:.3} %", besides as f64 * 100.0 / LEN as f64);

    // The first 64 KiB, then what the look-up asks for.
    let (mut worst, mut most) = (0f64, 0);
    for key in keys[..10_000].iter().step_by(101) {
        let start = Instant::now();
        let begun = Begun::new(file[..64 << 10].to_vec());
        let mut reader = FrontReader::new(&verifies, Expected::default());
        begun.serve(&mut reader)?;
        let front = reader.finish()?;
        let head = front.table.as_ref().ok_or("there is a table")?;
        let mut lookup = Lookup::new(&front.header, head, key.secret(front.header.id()));
        let mut requests = 1;
        while let Some(range) = begun.serve(&mut lookup)? {
            lookup.take(&file[usize::try_from(range.start)?..usize::try_from(range.end)?])?;
            requests += 1;
        }
        lookup.finish()?;
        (worst, most) = (worst.max(millis(start)), most.max(requests));
    }
    println!("opened with one of 10,000: at most {worst:.2} ms of 100 times, {most} requests");

    let start = Instant::now();
    for key in &keys[10_000..] {
        let secret = key.secret(header.id());
        Licence::issue(&header, &root, &secret, &terms, &artist, &mut rng)?;
    }
    println!("1,000 licences issued: {:.1} ms", millis(start));
    refuse_slots(&header, &artist, &verifies)
}

/// Heads with 4,000 slots: as long as they are, and empty ones, which fit and are signed.
fn refuse_slots(
    header: &Header,
    artist: &Artist,
    verifies: &(impl Fn(&str, &[u8], &[u8; 64]) -> bool + Sync),
) -> Result<(), Box<dyn Error>> {
    let mut head = serde_json::json!({
        "type": "smsg:Table", "artist": artist.artist(), "seq": 0, "count": 0, "grants": [], "pass": vec![serde_json::json!({}); 4_000],
        "file": data_encoding::BASE64URL_NOPAD.encode(&header.id().0), "salt": "A".repeat(43), "dir": "A".repeat(43),
    });
    let signature = artist.0.sign(&serde_json_canonicalizer::to_vec(&head)?).to_bytes();
    head["signature"] = data_encoding::BASE64URL_NOPAD.encode(&signature).into();
    let small = serde_json_canonicalizer::to_vec(&head)?;
    let large = vec![b' '; 4_000 * 190];
    for (name, json) in [("empty", &small), ("of 190 bytes", &large)] {
        let file = [header.bytes(), &u32::try_from(json.len())?.to_be_bytes(), json].concat();
        let mut worst = 0f64;
        let mut class = "taken";
        for _ in 0..100 {
            let begun = Begun::new(file.clone());
            let start = Instant::now();
            let mut reader = FrontReader::new(verifies, Expected::default());
            class = begun.serve(&mut reader).map_or_else(|refused| refused.class(), |_| "taken");
            worst = worst.max(millis(start));
        }
        println!("4,000 slots, {name}: {class} in at most {worst:.2} ms of 100 times");
    }
    Ok(())
}

fn millis(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

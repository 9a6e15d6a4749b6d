//! How fast version 3.0 seals and opens, from memory to memory, beside the cipher alone.
//!
//! ```text
//! cargo run --release -p smsg --example v3_speed            # on all cores
//! taskset -c 0 cargo run --release -p smsg --example v3_speed
//! ```
//!
//! The cipher alone is `ring`, as this crate calls it, and `openssl speed` if that is installed; both on one core. Beside them the
//! crate `age`, which is what `rage` is made of, to one X25519 recipient; it uses one core. Signatures are not made: there are
//! three of them in a file.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use chacha20::ChaCha8Rng;
use rand_core::SeedableRng as _;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use smsg::v3::{
    grant::Granted,
    header::{HeaderDraft, PartDraft},
    open::{Expected, Opener, Trust, unseal},
    seal::Preparation,
    signing::{Signer, SigningFailed},
};
use std::{
    error::Error,
    io::{Cursor, Read, Write as _},
    process::Command,
    time::Instant,
};

/// Bytes of plaintext.
const LEN: usize = 128 << 20;
const RUNS: usize = 5;

struct Nobody;

impl Signer for Nobody {
    fn artist(&self) -> &str {
        "did:example:nobody"
    }
    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SigningFailed> {
        Ok([0; 64])
    }
}

fn anything(_: &str, _: &[u8], _: &[u8; 64]) -> bool {
    true
}

fn main() -> Result<(), Box<dyn Error>> {
    let plain = vec![0xA5; LEN];
    let cores = std::thread::available_parallelism()?;
    println!(
        "128 MiB in memory, best of {RUNS}, {cores} core(s).\n\n| what | MB/s | of OpenSSL |\n|---|---|---|"
    );
    let openssl = openssl();
    let row = |name: &str, rate: f64| match openssl {
        Some(openssl) => println!("| {name} | {rate:.0} | {:.2} |", rate / openssl),
        None => println!("| {name} | {rate:.0} | |"),
    };
    if let Some(openssl) = openssl {
        row("`openssl speed -evp chacha20-poly1305`, 16 KiB, one core", openssl);
    }
    row("`ring` in chunks of 64 KiB, one core", best(|| cipher(&plain))?);
    let identity = age::x25519::Identity::generate();
    let mut encrypted = Vec::new();
    row("`age`, encrypt", best(|| age_encrypts(&plain, &identity, &mut encrypted))?);
    row("`age`, decrypt", best(|| age_decrypts(&encrypted, &identity))?);
    drop(encrypted);
    for digests in [true, false] {
        let with = if digests { "with digests" } else { "without digests" };
        let mut file = (Vec::new(), None);
        row(&format!("seal {with}"), best(|| seal(&plain, digests, &mut file))?);
        let opener = Opener::Granted(Box::new(file.1.ok_or("nothing was sealed")?));
        let open = || {
            let start = Clock::start();
            let opened = unseal(&*file.0, Expected::default(), &opener, Trust::Digests, &anything)?;
            let mut out = 0;
            opened.chunks(|_, bytes| {
                out += bytes.len();
                Ok(())
            })?;
            assert_eq!(out, LEN, "everything comes out");
            Ok(start.seconds())
        };
        row(&format!("open {with}"), best(open)?);
    }
    Ok(())
}

/// Time on one core is this thread's on the processor, as `openssl speed` counts it: others may use the
/// machine. On several cores it is the wall's.
struct Clock {
    wall: Instant,
    on_processor: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self { wall: Instant::now(), on_processor: on_processor() }
    }

    fn seconds(&self) -> f64 {
        match (self.on_processor, on_processor()) {
            (Some(before), Some(now)) => now - before,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

/// Seconds of this thread on the processor, if there is one core only: with more, work is done on other threads.
fn on_processor() -> Option<f64> {
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        return None;
    }
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
}

/// MB/s of the best of some runs, which say how many seconds they took.
fn best(mut run: impl FnMut() -> Result<f64, Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        best = best.min(run()?);
    }
    Ok(LEN as f64 / 1e6 / best)
}

/// Seals into `file`, whose memory is used again.
fn seal(plain: &[u8], digests: bool, file: &mut (Vec<u8>, Option<Granted>)) -> Result<f64, Box<dyn Error>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let part = PartDraft {
        name: "a".into(),
        mime: "audio/flac".into(),
        segments: vec![plain.len() as u64],
        ..PartDraft::default()
    };
    let draft = HeaderDraft { title: "Speed".into(), digests, parts: vec![part], ..HeaderDraft::default() };
    let preparation = Preparation::new(draft.sign(&Nobody, &anything, &mut rng)?, &mut rng);
    let mut memory = std::mem::take(&mut file.0);
    memory.resize(LEN + LEN / 256, 0);
    let mut out = Cursor::new(memory);
    let start = Clock::start();
    let (keys, length) = preparation.seal_memory(None, &[plain], &Nobody, &mut out)?;
    let took = start.seconds();
    file.0 = out.into_inner();
    file.0.truncate(usize::try_from(length)?);
    file.1 = Some(Granted::all(keys));
    Ok(took)
}

/// Into `out`, whose memory is used again.
fn age_encrypts(
    plain: &[u8],
    identity: &age::x25519::Identity,
    out: &mut Vec<u8>,
) -> Result<f64, Box<dyn Error>> {
    let recipient = identity.to_public();
    out.clear();
    out.reserve(LEN + LEN / 256);
    let start = Clock::start();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _))?;
    let mut writer = encryptor.wrap_output(&mut *out)?;
    writer.write_all(plain)?;
    writer.finish()?;
    Ok(start.seconds())
}

fn age_decrypts(encrypted: &[u8], identity: &age::x25519::Identity) -> Result<f64, Box<dyn Error>> {
    let start = Clock::start();
    let mut reader = age::Decryptor::new(encrypted)?.decrypt(std::iter::once(identity as _))?;
    let (mut out, mut buffer) = (0, vec![0; 1 << 20]);
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            read => out += read,
        }
    }
    assert_eq!(out, LEN, "everything comes out");
    Ok(start.seconds())
}

/// The cipher alone, in place.
fn cipher(plain: &[u8]) -> Result<f64, Box<dyn Error>> {
    let mut data = plain.to_vec();
    let start = Clock::start();
    for (number, chunk) in data.chunks_mut(65_536).enumerate() {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&(number as u64).to_be_bytes());
        let key = UnboundKey::new(&CHACHA20_POLY1305, &[7; 32]).map_err(|_| "ring takes 32 bytes")?;
        let _tag = LessSafeKey::new(key)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), chunk)
            .map_err(|_| "ring seals 64 KiB")?;
    }
    let took = start.seconds();
    std::hint::black_box(&data);
    Ok(took)
}

/// MB/s of `openssl speed`, if it is there.
fn openssl() -> Option<f64> {
    let arguments = ["speed", "-mr", "-seconds", "2", "-bytes", "16384", "-evp", "chacha20-poly1305"];
    let out = Command::new("openssl").args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let bytes: f64 =
        text.lines().find_map(|line| line.strip_prefix("+F:")?.rsplit(':').next()?.trim().parse().ok())?;
    Some(bytes / 1e6)
}

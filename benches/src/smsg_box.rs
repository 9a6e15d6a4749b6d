//! The sealed box of SMSG in memory, on one core, against the limit of the machine.
//!
//! A box is two passes over its bytes, the cipher and the key stream. The limit is what they would take one after the other
//! if each were as fast as the fastest known here: the cipher in OpenSSL, the key stream in the best of our backends.

use crate::{Bench, measure};
use smsg::crypto::{
    Key, Nonce,
    keystream::{self, Backend},
    sealed_box::{self, OVERHEAD},
    two_pass::Check,
};
use std::time::{Duration, Instant};

/// Bytes of plaintext.
const LEN: usize = 128 << 20;

pub(crate) fn run(_bench: &Bench) -> Result<(), String> {
    // Boxes share their key stream among the cores they may use: give them one.
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        let this = std::env::current_exe().map_err(|e| e.to_string())?;
        let status = measure::on_one_core(&this).arg("smsg_box").status().map_err(|e| e.to_string())?;
        return if status.success() { Ok(()) } else { Err(format!("ended with {status}")) };
    }
    let (key, nonce) = (Key::from_bytes([3; 32]), Nonce([7; 24]));
    let mut data = vec![0xA5; LEN + OVERHEAD];
    println!("128 MiB in memory, one core, best of 5.\n");
    println!("| what | MB/s |\n|---|---|");

    let openssl = measure::openssl_chacha20_poly1305()?;
    println!("| `openssl speed -evp chacha20-poly1305`, 16 KiB | {openssl:.0} |");
    println!("| the cipher alone (`ring`) | {:.0} |", rate(|| time(|| cipher(&mut data)))?);
    let mut keystream = 0f64;
    for backend in Backend::available() {
        let found = rate(|| {
            time(|| {
                keystream::xor_with(backend, &nonce, 0, &mut data);
                Ok(())
            })
        })?;
        println!("| key stream, {backend:?} | {found:.0} |");
        keystream = keystream.max(found);
    }
    let limit = 1.0 / (1.0 / openssl + 1.0 / keystream);
    println!("\n| box | MB/s | of the limit |\n|---|---|---|\n| limit | {limit:.0} | 1 |");

    let row = |name: &str, found: f64| println!("| {name} | {found:.0} | {:.2} |", found / limit);
    row(
        "`seal_in_place`",
        rate(|| {
            time(|| {
                sealed_box::seal_in_place(&key, &nonce, &mut data);
                Ok(())
            })
        })?,
    );
    row(
        "`open_in_place`",
        rate(|| {
            sealed_box::seal_in_place(&key, &nonce, &mut data);
            time(|| sealed_box::open_in_place(&key, &mut data).map(drop).map_err(|e| e.to_string()))
        })?,
    );
    row(
        "`two_pass`, both",
        rate(|| {
            sealed_box::seal_in_place(&key, &nonce, &mut data);
            time(|| two_passes(&key, &mut data))
        })?,
    );
    Ok(())
}

/// What `smsg` asks of `ring` for a box.
fn cipher(data: &mut [u8]) -> Result<(), String> {
    use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
    let key = UnboundKey::new(&CHACHA20_POLY1305, &[3; 32]).map_err(|e| e.to_string())?;
    LessSafeKey::new(key)
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key([7; 12]), Aad::empty(), data)
        .map(drop)
        .map_err(|e| e.to_string())
}

fn two_passes(key: &Key, data: &mut [u8]) -> Result<(), String> {
    let fail = |e: sealed_box::NotAuthentic| e.to_string();
    let mut check = Check::new(key, data.len() as u64, [9; 32]).map_err(fail)?;
    // As much at once as is read of a file.
    data.chunks(256 << 10).for_each(|bytes| check.update(bytes));
    let release = check.finish().map_err(fail)?;
    for index in 0..release.segments() {
        let (start, len) = release.place(index).ok_or("a segment has no place")?;
        let start = usize::try_from(start).map_err(|e| e.to_string())?;
        release.open(index, &mut data[start..start + len]).map_err(fail)?;
    }
    Ok(())
}

/// Time on the processor, as `openssl speed` counts: others may be using the machine.
fn time(work: impl FnOnce() -> Result<(), String>) -> Result<Duration, String> {
    let (start, clock) = (measure::thread_time(), Instant::now());
    work()?;
    let wall = clock.elapsed();
    Ok(measure::thread_time().zip(start).map_or(wall, |(end, start)| end.saturating_sub(start)))
}

/// MB/s of the fastest of five.
fn rate(mut once: impl FnMut() -> Result<Duration, String>) -> Result<f64, String> {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        best = best.min(once()?);
    }
    Ok(measure::rate(LEN as u64, best))
}

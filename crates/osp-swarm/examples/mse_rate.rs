//! What MSE costs: bytes through RC4, and exchanges. `cargo run --release -p osp-swarm --features mse --example mse_rate`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use osp_swarm::{
    InfoHash,
    wire::mse::{Called, Caller, Chance, Heard, Keystream, Method},
};
use std::time::Instant;

/// A whole exchange; the caller's key stream.
fn exchange() -> Keystream {
    let torrent = InfoHash([7; 20]);
    let chance = |side| Chance::new([side; 20], &[], &[]).unwrap();
    let (mut caller, step1) = Caller::start(torrent, &[Method::Rc4], &[], chance(1));
    let mut called = Called::start(&[Method::Rc4], chance(2));
    let (mut step2, mut step3, mut step4) = (Vec::new(), Vec::new(), Vec::new());
    called.received(&step1, &mut step2).unwrap();
    caller.received(&step2, &mut step3).unwrap();
    assert!(matches!(called.received(&step3, &mut step4), Ok(Heard::Asked(_))));
    called.found(torrent, &mut step4).unwrap();
    caller.received(&step4, &mut Vec::new()).unwrap().unwrap().ciphers.unwrap().sending
}

fn main() {
    let mut stream = exchange();
    let mut block = vec![0; 1 << 20];
    let started = Instant::now();
    (0..512).for_each(|_| stream.apply(&mut block));
    let rate = 512.0 * block.len() as f64 / started.elapsed().as_secs_f64() / 1e6;
    let started = Instant::now();
    (0..200).for_each(|_| drop(exchange()));
    println!("RC4 {rate:.0} MB/s; an exchange, both sides, {} us", started.elapsed().as_micros() / 200);
}

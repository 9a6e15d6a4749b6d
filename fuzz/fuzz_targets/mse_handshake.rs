//! Encrypted handshakes: bits turned on their way are refused or change bytes, and the same exchange untouched succeeds
//! however it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_swarm::{
    InfoHash,
    wire::mse::{Called, Caller, Chance, Heard, MAX_PAD, Method},
};

const TORRENT: InfoHash = InfoHash([7; 20]);

fuzz_target!(|input: (&[u8], u8, u8, u16, u8, u8, &[u8])| {
    let (payload, methods, step, at, mask, cut, noise) = input;
    let all = [Method::Plain, Method::Rc4];
    let of = |bits: u8| -> Vec<_> { (0..2_usize).filter(|i| bits >> i & 1 == 1).map(|i| all[i]).collect() };
    let (offered, accepted) = (of(methods), of(methods >> 2));
    let payload = &payload[..payload.len().min(usize::from(u16::MAX))];
    let chance = |side: u8| {
        let pad = |part: usize| noise.get(part..).map_or(&[][..], |rest| &rest[..rest.len().min(MAX_PAD)]);
        Chance::new([side; 20], pad(usize::from(side)), pad(100)).expect("pads of at most 512 bytes")
    };
    let turn = |which: u8, bytes: &mut Vec<u8>| {
        let at = usize::from(at);
        if step % 5 == which && at < bytes.len() {
            bytes[at] ^= mask;
        }
    };
    let (mut caller, mut bytes) = Caller::start(TORRENT, &offered, payload, chance(1));
    let mut called = Called::start(&accepted, chance(2));
    let mut heard = None;
    for which in [1, 3] {
        turn(which, &mut bytes);
        let mut out = Vec::new();
        for part in bytes.chunks(usize::from(cut).max(1)) {
            let Ok(mut told) = called.received(part, &mut out) else { return };
            if let Heard::Asked(_) = told {
                let Ok(more) = called.found(TORRENT, &mut out) else { return };
                told = more;
            }
            if let Heard::Done(done) = told {
                heard = Some(done);
                break;
            }
        }
        turn(which + 1, &mut out);
        bytes.clear();
        for part in out.chunks(usize::from(cut).max(1)) {
            match caller.received(part, &mut bytes) {
                Err(_) => return,
                Ok(None) => {}
                Ok(Some(done)) => {
                    let heard = heard.take().expect("the called side is done first");
                    if mask == 0 || step % 5 == 0 {
                        assert_eq!(done.method, heard.method);
                        assert!(payload.starts_with(&heard.received));
                    }
                    return;
                }
            }
        }
    }
    let untouched = mask == 0 || step % 5 == 0;
    let common = offered.iter().any(|method| accepted.contains(method));
    assert!(!(untouched && common), "an exchange that nobody touched comes to its end");
});

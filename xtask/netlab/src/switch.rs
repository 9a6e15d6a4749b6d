//! The switch: takes frames from every host, holds them as long as both lines need, and passes them on.

use crate::{
    hosts::Host,
    link::{Direction, Line},
};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

/// Longest frame; the interfaces' MTU is 1500.
const FRAME: usize = 2048;
/// Frames between the readers and the switch.
const QUEUE: usize = 4096;

type Mac = [u8; 6];

/// A frame under way: when it is due, its number (so that equal times keep their order), to whom.
type Due = Reverse<(Duration, u64, usize)>;

/// Carries frames until the process ends.
pub(crate) fn run(hosts: &[Arc<Host>], lines: &[Line], seed: u64) {
    let (send, frames) = mpsc::sync_channel::<(usize, Vec<u8>)>(QUEUE);
    for (index, host) in hosts.iter().enumerate() {
        let (host, send) = (Arc::clone(host), send.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; FRAME];
            while let Ok(len) = host.device.recv(&mut buffer) {
                if send.send((index, buffer[..len].to_vec())).is_err() {
                    break;
                }
            }
        });
    }
    let way =
        |n: usize, side: u64| Direction::new(lines[n].clone(), seed ^ ((n as u64) << 8 | side << 40 | 1));
    let mut up: Vec<Direction> = (0..hosts.len()).map(|n| way(n, 0)).collect();
    let mut down: Vec<Direction> = (0..hosts.len()).map(|n| way(n, 1)).collect();
    let mut known: HashMap<Mac, usize> = HashMap::new();
    let mut due: BinaryHeap<Due> = BinaryHeap::new();
    let mut waiting: HashMap<u64, Vec<u8>> = HashMap::new();
    let mut number = 0;
    let start = Instant::now();
    loop {
        let now = start.elapsed();
        while let Some(&Reverse((at, id, to))) = due.peek() {
            if at > now {
                break;
            }
            due.pop();
            if let Some(frame) = waiting.remove(&id) {
                // A host whose interface is gone takes nothing more.
                let _ = hosts[to].device.send(&frame);
            }
        }
        let wait = due
            .peek()
            .map_or(Duration::from_millis(100), |Reverse((at, ..))| at.saturating_sub(start.elapsed()));
        let (from, frame) = match frames.recv_timeout(wait) {
            Ok(frame) => frame,
            Err(mpsc::RecvTimeoutError::Timeout) => continue,
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        };
        let (Some(to), Some(by)) = (mac(&frame, 0), mac(&frame, 6)) else { continue };
        known.insert(by, from);
        let now = start.elapsed();
        let Some(at) = up[from].carry(now, frame.len()) else { continue };
        let targets: Vec<usize> = match known.get(&to) {
            Some(one) => vec![*one],
            None => (0..hosts.len()).filter(|n| *n != from).collect(),
        };
        for to in targets {
            if let Some(at) = down[to].carry(at, frame.len()) {
                number += 1;
                waiting.insert(number, frame.clone());
                due.push(Reverse((at, number, to)));
            }
        }
    }
}

fn mac(frame: &[u8], at: usize) -> Option<Mac> {
    frame.get(at..at + 6)?.try_into().ok()
}

//! Trackers: their messages over HTTP, UDP and WebSocket, both ways, the schedule of a client, and the tracker
//! itself. Pure: no I/O, no clock; bytes, time and a seed go in, values and decisions come out.
//!
//! ```text
//!   a client                                             the tracker
//!   schedule   when to announce what    announce ──▶     registry   who is in which swarm
//!   http  udp  ws                       ◀── peers        http  udp  ws
//!                                           or offers and answers to pass on (ws)
//! ```
//!
//! | module | subject | after |
//! |---|---|---|
//! | [`http`] | queries and bencoded replies | BEP 3, 7, 23, 48 |
//! | [`udp`] | packets | BEP 15 |
//! | [`ws`] | JSON messages that carry WebRTC offers and answers | what `bittorrent-tracker` (npm) speaks |
//! | [`schedule`] | when a client announces, and when it tries again | BEP 3, 31 |
//! | [`registry`] | the tracker: swarms, their members, budgets | |

pub mod http;
mod latin1;
pub mod random;
pub mod registry;
pub mod schedule;
pub mod udp;
pub mod ws;

use std::time::Duration;

/// What an announce reports (BEP 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Event {
    /// Nothing but being there still.
    #[default]
    Update,
    /// The first one.
    Started,
    /// The last piece has come.
    Completed,
    /// The last one.
    Stopped,
}

impl Event {
    /// Its name in HTTP and WebSocket announces; none for [`Event::Update`].
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Update => None,
            Self::Started => Some("started"),
            Self::Completed => Some("completed"),
            Self::Stopped => Some("stopped"),
        }
    }

    /// By its name. Others (`empty`, `update`, `paused` of BEP 21) say that the peer is still there.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "started" => Self::Started,
            "completed" => Self::Completed,
            "stopped" => Self::Stopped,
            _ => Self::Update,
        }
    }
}

/// What a client says at each of its announces (BEP 7), and the tracker tells nobody: unlike the peer id, others do not
/// know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnnounceKey(pub u64);

impl AnnounceKey {
    /// As it stands in a query: up to 16 hexadecimal digits as a number, any other text by its hash. `None`: nothing.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let digits = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        // FNV-1a: whoever does not know the text cannot find another one with its hash.
        let hash = || {
            text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        };
        let number = u64::from_str_radix(text, 16).ok().filter(|_| digits);
        Some(Self(number.unwrap_or_else(hash)))
    }
}

/// How many are in a swarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Those who have everything.
    pub complete: u32,
    /// Those who do not.
    pub incomplete: u32,
    /// How often somebody reported [`Event::Completed`]; since the tracker started.
    pub downloaded: u32,
}

/// When a tracker wants to be asked again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// The usual time between two announces; `None` when the tracker did not say.
    pub usual: Option<Duration>,
    /// The shortest time that it allows.
    pub min: Option<Duration>,
}

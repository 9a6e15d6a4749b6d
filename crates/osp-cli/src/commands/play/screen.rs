//! The line that moves while music plays.

use crate::output;
use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use osp_node::play::TrackState;
use osp_player::{TrackInfo, Volume};
use std::io::IsTerminal as _;

/// One line on a terminal; nothing elsewhere.
pub(super) struct Screen {
    bar: ProgressBar,
    index: usize,
    position: u64,
    info: Option<TrackInfo>,
    stalls: u32,
    paused: bool,
    volume: Option<Volume>,
}

impl Screen {
    pub(super) fn new(hidden: bool) -> Self {
        let target = if hidden || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, index: 0, position: 0, info: None, stalls: 0, paused: false, volume: None }
    }

    /// The track that is shown.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    pub(super) fn opened(&mut self, index: usize, info: TrackInfo) {
        (self.index, self.info, self.position, self.stalls) = (index, Some(info), 0, 0);
    }

    pub(super) fn at(&mut self, index: usize, position: u64, info: TrackInfo, stalls: u32) {
        (self.index, self.info, self.position, self.stalls) = (index, Some(info), position, stalls);
    }

    pub(super) fn paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    pub(super) fn volume(&mut self, volume: Volume) {
        self.volume = Some(volume);
    }

    pub(super) fn show(&mut self, state: &TrackState) {
        if self.bar.is_hidden() {
            return;
        }
        if self.bar.is_finished() {
            self.bar.reset();
        }
        let seconds = |frames: u64, info: TrackInfo| info.format.duration(frames).as_secs_f64();
        let time = self.info.map_or_else(String::new, |info| {
            let total = info.frames.map_or_else(|| "?".to_owned(), |frames| clock(seconds(frames, info)));
            format!("{} / {total}", clock(seconds(self.position, info)))
        });
        let mark = match (self.paused, state.waiting) {
            (true, _) => "paused",
            (false, true) => "buffering",
            (false, false) => "playing",
        };
        let mut line = format!("{mark}  {}  {time}  {}", output::plain(&state.title), sources(state));
        if let Some(volume) = self.volume {
            line.push_str(&format!("  volume {} %", volume.get()));
        }
        if self.stalls > 0 {
            line.push_str(&format!("  {} gaps", self.stalls));
        }
        self.bar.set_message(line);
        self.bar.tick();
    }

    /// Takes the line off the screen, before another is written there.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// Where the bytes came from.
pub(super) fn sources(state: &TrackState) -> String {
    let by = state.sources;
    let mut parts: Vec<_> = [
        (by.local, "from here"),
        (by.http, "over HTTP"),
        (by.bittorrent, "over BitTorrent"),
        (by.webtorrent, "over WebTorrent"),
        (by.ipfs, "over IPFS"),
    ]
    .into_iter()
    .filter(|(bytes, _)| *bytes > 0)
    .map(|(bytes, way)| format!("{} {way}", DecimalBytes(bytes)))
    .collect();
    match state.peers {
        0 => {}
        1 => parts.push("1 peer".to_owned()),
        peers => parts.push(format!("{peers} peers")),
    }
    parts.join(", ")
}

/// Seconds as people write them.
pub(super) fn clock(seconds: f64) -> String {
    // Played time is finite and not negative; fractions of a second are not shown.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = seconds as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

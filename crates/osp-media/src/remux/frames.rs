//! Frames on their way out: as fragments of MP4, or as they are.

use super::fmp4;

/// Collects frames until they are taken.
pub(super) struct Frames {
    /// Frames go out as they are, without a container.
    bare: bool,
    sequence: u32,
    out: Vec<u8>,
    /// When the first frame of the fragment begun plays.
    time: u64,
    /// When the frame behind the last begins.
    end: u64,
    run: Vec<(u32, u32)>,
    data: Vec<u8>,
    /// When the first frame since the last jump plays.
    first: Option<u64>,
    /// Frames that have ended by then are not wanted.
    from: u64,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self {
            bare: false,
            sequence: 0,
            out: Vec::new(),
            time: 0,
            end: 0,
            run: Vec::new(),
            data: Vec::new(),
            first: None,
            from: 0,
        }
    }

    pub(super) fn bare(&mut self) {
        self.bare = true;
    }

    /// Forgets what was not taken; the next frame begins anew, and what has ended by `from` is left out.
    pub(super) fn restart(&mut self, from: u64) {
        self.out.clear();
        self.run.clear();
        self.data.clear();
        self.first = None;
        self.from = from;
    }

    pub(super) fn first(&self) -> Option<u64> {
        self.first
    }

    /// A frame that plays `ticks` from `time` on.
    pub(super) fn push(&mut self, time: u64, ticks: u32, frame: &[u8]) {
        let end = time.saturating_add(ticks.into());
        if end <= self.from || frame.is_empty() {
            return;
        }
        self.first.get_or_insert(time);
        if self.bare {
            self.out.extend_from_slice(frame);
            return;
        }
        if !self.run.is_empty() && self.end != time {
            self.close();
        }
        if self.run.is_empty() {
            self.time = time;
        }
        self.run.push((ticks, frame.len() as u32));
        self.data.extend_from_slice(frame);
        self.end = end;
    }

    fn close(&mut self) {
        if !self.run.is_empty() {
            self.sequence = self.sequence.wrapping_add(1);
            let fragment = fmp4::fragment(self.sequence, self.time, &self.run, &self.data);
            self.out.extend(fragment);
            self.run.clear();
            self.data.clear();
        }
    }

    /// All whole frames since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.close();
        std::mem::take(&mut self.out)
    }
}

//! A bounded choice of frames.

/// Marks kept: more than a sealed file can have chunks.
const MAX_MARKS: usize = 1 << 18;

/// A frame from which a decoder can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// When it plays, ticks.
    pub ticks: u64,
    /// Where it begins in the file.
    pub byte: u64,
}

/// Of the frames that begin in the same stretch of the file the first.
pub(super) struct Marks {
    /// Bytes of a stretch: 4 KiB, doubled whenever there are too many marks.
    stretch: u64,
    most: usize,
    kept: Vec<Mark>,
}

impl Marks {
    pub(super) fn new() -> Self {
        Self::within(MAX_MARKS)
    }

    fn within(most: usize) -> Self {
        Self { stretch: 4 << 10, most, kept: Vec::new() }
    }

    /// Frames come in order; one that does not is left out.
    pub(super) fn push(&mut self, ticks: u64, byte: u64) {
        let stretch = self.stretch;
        if self.kept.last().is_some_and(|last| {
            byte <= last.byte || byte / stretch == last.byte / stretch || ticks < last.ticks
        }) {
            return;
        }
        self.kept.push(Mark { ticks, byte });
        if self.kept.len() > self.most {
            self.stretch *= 2;
            let stretch = self.stretch;
            self.kept.dedup_by_key(|mark| mark.byte / stretch);
        }
    }

    pub(super) fn into_frames(self) -> Vec<Mark> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_stretch_is_kept_and_stretches_grow() {
        let mut marks = Marks::within(8);
        (0..100u64).for_each(|n| marks.push(n, n * 1_000));
        marks.push(1, 200_000); // earlier than the one before
        marks.push(100, 5); // behind it in time only
        let bytes: Vec<u64> = marks.into_frames().iter().map(|mark| mark.byte).collect();
        assert_eq!(bytes, [0, 17_000, 33_000, 50_000, 66_000, 82_000, 99_000]);
    }
}

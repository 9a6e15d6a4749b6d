//! How loud.

/// A volume as people set it, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Volume(u8);

impl Volume {
    /// Unchanged.
    pub const FULL: Self = Self(100);

    /// Of per cent; more than 100 is 100.
    #[must_use]
    pub fn percent(percent: u8) -> Self {
        Self(percent.min(100))
    }

    /// In per cent.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// Louder or softer by so many per cent.
    #[must_use]
    pub fn changed(self, by: i8) -> Self {
        Self::percent(self.0.saturating_add_signed(by))
    }

    /// The factor. The cube of the setting: half way sounds about half as loud, as sound servers have it.
    #[must_use]
    pub fn factor(self) -> f32 {
        (f32::from(self.0) / 100.0).powi(3)
    }
}

/// Multiplies samples, and goes from one volume to another over one block, so that nothing clicks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gain {
    factor: f32,
}

impl Gain {
    pub(crate) fn new(volume: Volume) -> Self {
        Self { factor: volume.factor() }
    }

    pub(crate) fn apply(&mut self, volume: Volume, samples: &mut [f32], width: usize) {
        let (from, to) = (self.factor, volume.factor());
        self.factor = to;
        // Full volume leaves every bit as it is; the volume is set, never computed.
        #[allow(clippy::float_cmp)]
        if from == 1.0 && to == 1.0 {
            return;
        }
        let frames = samples.len() / width.max(1);
        for (number, frame) in samples.chunks_exact_mut(width.max(1)).enumerate() {
            // A block is far shorter than what f32 counts exactly.
            #[allow(clippy::cast_precision_loss)]
            let factor = from + (to - from) * ((number + 1) as f32 / frames as f32);
            frame.iter_mut().for_each(|sample| *sample *= factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Gain, Volume};

    #[test]
    fn settings_stay_in_bounds() {
        assert_eq!(Volume::percent(200), Volume::FULL);
        assert_eq!(Volume::percent(95).changed(10), Volume::FULL);
        assert_eq!(Volume::percent(3).changed(-5).get(), 0);
        assert!(Volume::percent(0).factor().abs() < f32::EPSILON);
    }

    #[test]
    fn full_volume_changes_no_bit_and_a_change_is_a_ramp() {
        let mut gain = Gain::new(Volume::FULL);
        let mut samples = [0.1, f32::MIN_POSITIVE, -0.7, 1.3];
        gain.apply(Volume::FULL, &mut samples, 2);
        assert_eq!(samples, [0.1, f32::MIN_POSITIVE, -0.7, 1.3]);
        let mut ones = [1.0; 8];
        gain.apply(Volume::percent(0), &mut ones, 2);
        assert_eq!(ones, [0.75, 0.75, 0.5, 0.5, 0.25, 0.25, 0.0, 0.0]);
        let mut ones = [1.0; 2];
        gain.apply(Volume::percent(0), &mut ones, 2);
        assert_eq!(ones, [0.0; 2]);
    }
}

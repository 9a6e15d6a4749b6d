//! More channels to fewer, and fewer to more.

/// Minus 3 dB: centre and surround in a stereo mix (ITU-R BS.775).
const SIDE: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Mixes interleaved samples of `from` channels into `to`, in `out`.
pub(super) fn mix(samples: &[f32], from: u16, to: u16, out: &mut Vec<f32>) {
    out.clear();
    let (from, to) = (usize::from(from.max(1)), usize::from(to));
    for frame in samples.chunks_exact(from) {
        match (from, to) {
            (1, _) => out.extend((0..to).map(|channel| if channel < 2 { frame[0] } else { 0.0 })),
            (_, 1) => {
                let (left, right) = stereo(frame);
                out.push(f32::midpoint(left, right));
            }
            (_, 2) => {
                let (left, right) = stereo(frame);
                out.extend([left, right]);
            }
            _ => out.extend((0..to).map(|channel| frame.get(channel).copied().unwrap_or(0.0))),
        }
    }
}

/// FL FR FC LFE RL RR SL SR to left and right; the bass channel is left out, and what is added is scaled so that it cannot
/// become louder than full scale.
fn stereo(frame: &[f32]) -> (f32, f32) {
    let [left, right] = [0, 1].map(|n| frame.get(n).copied().unwrap_or(0.0));
    let sides: &[(usize, usize)] = match frame.len() {
        0..=2 => return (left, right),
        3 => &[(2, 2)],
        4 => &[(2, 3)],
        5 => &[(2, 2), (3, 4)],
        6 => &[(2, 2), (4, 5)],
        7 => &[(2, 2), (4, 4), (5, 6)],
        _ => &[(2, 2), (4, 5), (6, 7)],
    };
    let sum = |own: f32, pick: fn(&(usize, usize)) -> usize| {
        let sides_sum: f32 = sides.iter().map(|pair| frame[pick(pair)] * SIDE).sum();
        // At most eight: exact in f32.
        #[allow(clippy::cast_precision_loss)]
        let most = 1.0 + SIDE * sides.len() as f32;
        (own + sides_sum) / most
    };
    (sum(left, |pair| pair.0), sum(right, |pair| pair.1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::mix;

    fn mixed(samples: &[f32], from: u16, to: u16) -> Vec<f32> {
        let mut out = vec![9.0];
        mix(samples, from, to, &mut out);
        out
    }

    #[test]
    fn mono_is_heard_on_both_sides() {
        assert_eq!(mixed(&[0.5, -0.25], 1, 2), [0.5, 0.5, -0.25, -0.25]);
        assert_eq!(mixed(&[0.5], 1, 6), [0.5, 0.5, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(mixed(&[0.5, 0.25], 2, 1), [0.375]);
    }

    #[test]
    fn no_mix_is_louder_than_full_scale() {
        for channels in 3..=10_u16 {
            let out = mixed(&vec![1.0; usize::from(channels)], channels, 2);
            assert!(out.len() == 2 && out.iter().all(|s| *s > 0.9 && *s <= 1.000_001), "{channels}: {out:?}");
        }
    }

    #[test]
    fn the_centre_is_in_the_middle_and_sides_stay_apart() {
        let centre = mixed(&[0.0, 0.0, 1.0, 0.0, 0.0, 0.0], 6, 2);
        assert!(centre[0] > 0.2 && centre[0] == centre[1]);
        assert_eq!(mixed(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0], 6, 2), [0.0, 0.0]);
        let right = mixed(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0], 6, 2);
        assert!(right[0] == 0.0 && right[1] > 0.2);
    }
}

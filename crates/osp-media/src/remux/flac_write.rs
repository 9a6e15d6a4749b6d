//! FLAC frames (RFC 9639, 9) of PCM: fixed predictors and Rice codes, half a file's size for next to no work.

use super::flac::crc16;
use crate::flac_frame::crc8;

/// Samples of a block, but for the last.
pub(super) const BLOCK: usize = 4096;
/// Longest Rice parameter of 4 bits; 15 says that the residual is not coded.
const MAX_RICE: u32 = 14;

/// The body of STREAMINFO.
pub(super) fn stream_info(rate: u32, channels: u8, bits: u8, samples: u64) -> [u8; 34] {
    let mut body = [0; 34];
    body[..2].copy_from_slice(&(BLOCK as u16).to_be_bytes());
    body[2..4].copy_from_slice(&(BLOCK as u16).to_be_bytes());
    let packed = u64::from(rate) << 44
        | u64::from(channels - 1) << 41
        | u64::from(bits - 1) << 36
        | samples & 0xf_ffff_ffff;
    body[10..18].copy_from_slice(&packed.to_be_bytes());
    body
}

/// The frame of a block, the `number`th: one slice of samples for each channel, all of the same length, at most [`BLOCK`].
pub(super) fn frame(number: u64, bits: u8, channels: &[Vec<i32>]) -> Vec<u8> {
    let block = channels.first().map_or(0, Vec::len);
    let mut out = Bits::default();
    // Blocks of one size; the size in 16 bits; rate and depth as in STREAMINFO; channels apart.
    out.put(0xfff8, 16);
    out.put(0x70, 8);
    out.put((channels.len() as u32 - 1) << 4, 8);
    coded_number(&mut out, number);
    out.put(block as u32 - 1, 16);
    let crc = crc8(&out.bytes);
    out.put(crc.into(), 8);
    for samples in channels {
        subframe(&mut out, bits, samples);
    }
    out.align();
    let crc = crc16(&out.bytes);
    out.put(crc.into(), 16);
    out.bytes
}

fn coded_number(out: &mut Bits, number: u64) {
    if number < 0x80 {
        return out.put(number as u32, 8);
    }
    let used = 64 - number.leading_zeros();
    // n bytes hold 5n + 1 bits.
    let more = (2..=7).find(|n| 5 * n + 1 >= used).unwrap_or(7) - 1;
    let first = (0xff80_u32 >> more) & 0xff | (number >> (6 * more)) as u32;
    out.put(first, 8);
    for n in (0..more).rev() {
        out.put(0x80 | (number >> (6 * n)) as u32 & 0x3f, 8);
    }
}

fn subframe(out: &mut Bits, bits: u8, samples: &[i32]) {
    let bits = u32::from(bits);
    let Some(first) = samples.first() else { return };
    if samples.iter().all(|sample| sample == first) {
        out.put(0, 8);
        return out.put_signed(*first, bits);
    }
    let (order, residual, sum) = predict(samples);
    let rice = rice_parameter(sum, residual.len());
    let cost: u64 = residual.iter().map(|r| u64::from(zigzag(*r) >> rice) + 1 + u64::from(rice)).sum();
    if cost + 10 >= samples.len() as u64 * u64::from(bits) {
        out.put(2, 8); // as they are
        return samples.iter().for_each(|sample| out.put_signed(*sample, bits));
    }
    out.put((8 | order as u32) << 1, 8);
    samples[..order].iter().for_each(|sample| out.put_signed(*sample, bits));
    // Rice codes with parameters of 4 bits (5 where larger ones are needed), one partition.
    let wide = rice > MAX_RICE;
    out.put(wide.into(), 2);
    out.put(0, 4);
    out.put(rice, if wide { 5 } else { 4 });
    for residual in residual {
        let value = zigzag(residual);
        out.zeros(value >> rice);
        out.put(1, 1);
        out.put(value & ((1 << rice) - 1), rice);
    }
}

/// The best of the five fixed predictors: its order, what it leaves, and the sum of that without signs.
fn predict(samples: &[i32]) -> (usize, Vec<i32>, u64) {
    let (mut order, mut sum) = (0, magnitude(samples));
    let (mut best, mut now) = (samples.to_vec(), samples.to_vec());
    for next in 1..=4.min(samples.len() - 1) {
        // Differences of differences; of 24 bits none is larger than 28.
        now = now.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        let found = magnitude(&now);
        if found < sum {
            (order, sum) = (next, found);
            best.clone_from(&now);
        }
    }
    (order, best, sum)
}

fn magnitude(samples: &[i32]) -> u64 {
    samples.iter().map(|sample| u64::from(sample.unsigned_abs())).sum()
}

/// Bits of a value that are written as they are: about as many as the mean has.
fn rice_parameter(sum: u64, count: usize) -> u32 {
    let mean = sum * 2 / count.max(1) as u64;
    (64 - mean.leading_zeros()).saturating_sub(1).min(30)
}

fn zigzag(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

/// Bits, the highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    /// Bits that do not fill a byte yet, the last in the lowest place.
    pending: u64,
    count: u32,
}

impl Bits {
    /// The lowest `count` bits of `value`, at most 32.
    fn put(&mut self, value: u32, count: u32) {
        let value = u64::from(value) & ((1 << count) - 1);
        self.pending = self.pending << count | value;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.pending >> self.count) as u8);
        }
    }

    fn put_signed(&mut self, value: i32, count: u32) {
        self.put(value as u32, count);
    }

    fn zeros(&mut self, mut count: u32) {
        while count > 0 {
            let step = count.min(32);
            self.put(0, step);
            count -= step;
        }
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }
}

//! Places in the key space, their distances and prefixes.

use osp_core::content::sha256;
use std::fmt;

/// A place in the key space: 256 bits, most significant first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Point([u8; 32]);

/// XOR of two points, compared as a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Distance([u8; 32]);

/// All points that begin with the same bits. Of the bits behind its length all are zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix {
    start: Point,
    length: u8,
}

impl Point {
    /// Where a key or a peer id of these bytes lies: at their SHA-256.
    #[must_use]
    pub fn hash(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }

    /// Where a peer with this id lies (the bytes of its multihash, as `PeerId::to_bytes` gives them).
    #[must_use]
    pub fn of_peer(peer_id: &[u8]) -> Self {
        Self::hash(peer_id)
    }

    /// The point with these bits.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bits.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// XOR distance.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Distance {
        let mut bytes = self.0;
        bytes.iter_mut().zip(other.0).for_each(|(a, b)| *a ^= b);
        Distance(bytes)
    }

    /// How many leading bits are the same: 0 to 256.
    #[must_use]
    pub fn common_prefix(&self, other: &Self) -> u32 {
        self.distance(other).leading_zeros()
    }

    /// The prefix of its first `length` bits.
    #[must_use]
    pub fn prefix(&self, length: u8) -> Prefix {
        let mut bytes = self.0;
        let whole = usize::from(length / 8);
        bytes[whole] &= !(0xff >> (length % 8));
        bytes[whole + 1..].fill(0);
        Prefix { start: Self(bytes), length }
    }

    /// Its place as a fraction of the key space, from 0 to just under 1.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        fraction(&self.0)
    }
}

impl Distance {
    /// Zero bits it begins with: 0 to 256.
    #[must_use]
    pub fn leading_zeros(&self) -> u32 {
        let whole = self.0.iter().take_while(|b| **b == 0).count();
        whole as u32 * 8 + self.0.get(whole).map_or(0, |b| b.leading_zeros())
    }

    /// The distance as a fraction of the greatest one: a peer among n others is nearest at about 1/n.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        fraction(&self.0)
    }
}

impl Prefix {
    /// The whole key space.
    pub const ALL: Self = Self { start: Point([0; 32]), length: 0 };

    /// Bits that are fixed: 0 to 255.
    #[must_use]
    pub const fn length(self) -> u8 {
        self.length
    }

    /// Its least point.
    #[must_use]
    pub const fn start(self) -> Point {
        self.start
    }

    /// Its greatest point.
    #[must_use]
    pub fn end(self) -> Point {
        let mut bytes = self.start.0;
        let whole = usize::from(self.length / 8);
        bytes[whole] |= 0xff >> (self.length % 8);
        bytes[whole + 1..].fill(0xff);
        Point(bytes)
    }

    /// Whether the point begins with it.
    #[must_use]
    pub fn contains(self, point: &Point) -> bool {
        self.start.common_prefix(point) >= u32::from(self.length)
    }

    /// The same with at most `length` bits.
    #[must_use]
    pub fn shortened(self, length: u8) -> Self {
        self.start.prefix(self.length.min(length))
    }

    /// Its halves: one bit longer, ending in 0 and in 1. `None` when it has no longer ones.
    #[must_use]
    pub fn halves(self) -> Option<[Self; 2]> {
        let length = self.length.checked_add(1)?;
        let low = Self { start: self.start, length };
        let mut high = low;
        high.start.0[usize::from(self.length / 8)] |= 0x80 >> (self.length % 8);
        Some([low, high])
    }

    /// The prefix of the same length that differs in the last bit; `None` for the whole key space.
    #[must_use]
    pub fn sibling(self) -> Option<Self> {
        let last = self.length.checked_sub(1)?;
        let mut other = self;
        other.start.0[usize::from(last / 8)] ^= 0x80 >> (last % 8);
        Some(other)
    }
}

/// The first 64 bits say more than a double can hold.
fn fraction(bytes: &[u8; 32]) -> f64 {
    let (high, _) = bytes.split_first_chunk::<8>().expect("32 bytes begin with 8");
    u64::from_be_bytes(*high) as f64 / 2f64.powi(64)
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0[..8], f)?;
        f.write_str("…")
    }
}

impl fmt::Debug for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0[..8], f)?;
        f.write_str("…")
    }
}

/// Its bits, `0110`; `*` for the whole key space.
impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.length == 0 {
            return f.write_str("*");
        }
        (0..self.length).try_for_each(|bit| {
            let set = self.start.0[usize::from(bit / 8)] & (0x80 >> (bit % 8)) != 0;
            f.write_str(if set { "1" } else { "0" })
        })
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prefix({self})")
    }
}

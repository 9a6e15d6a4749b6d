//! Message Stream Encryption (MSE, also called protocol encryption, PE): a connection that does not look like
//! BitTorrent. Feature `mse`.
//!
//! This is obfuscation, not security: nobody is authenticated, so whoever sits between the two can take both sides'
//! parts; who knows the infohash can follow everything after that; the group has 768 bits, and RC4 is broken. It keeps
//! boxes that look for the words "BitTorrent protocol" from finding them, and it is spoken here because clients open
//! connections with it by default, some of them with nothing else. What proves the bytes of a file is the torrent.
//!
//! No BEP describes it; the text that all clients follow is Azureus's (wiki.vuze.com, "Message Stream Encryption"). It
//! is told here as far as it is needed to write it again.
//!
//! # Exchange
//!
//! `A` called `B`; both know the infohash of the torrent that is meant, `SKEY`. Everything is sent as soon as it can be.
//!
//! ```text
//!      A                                                                        B
//!  1   Ya (96)  PadA (0..512) ------------------------------------------------>
//!  2            <------------------------------------------------ Yb (96)  PadB (0..512)
//!  3   HASH('req1', S) (20)
//!      HASH('req2', SKEY) xor HASH('req3', S) (20)
//!      RC4 of A { VC (8)  crypto_provide (4)  len(PadC) (2)  PadC (0..512)  len(IA) (2)  IA } ->
//!  4            <------- RC4 of B { VC (8)  crypto_select (4)  len(PadD) (2)  PadD (0..512) }
//!  5   what the connection is for, in the method selected <-------------------->
//! ```
//!
//! | name | what |
//! |---|---|
//! | `Ya`, `Yb` | `2^X mod P`, 96 bytes; `X` is 20 random bytes of each side's own, `P` the prime in `exchange.rs` |
//! | `S` | `Yb^Xa mod P` = `Ya^Xb mod P`, 96 bytes |
//! | `HASH` | SHA-1 of the parts one after the other, the quoted ones as ASCII |
//! | `VC` | eight zero bytes |
//! | `PadA`, `PadB` | random bytes; they end where what follows is found |
//! | `PadC`, `PadD` | what a later version may put there; random bytes |
//! | `crypto_provide`, `crypto_select` | bits: 1 plaintext, 2 RC4; exactly one is selected. Unknown ones are passed over |
//! | `IA` | the first bytes that A sends anyway, [`crate::wire::handshake`], so that they cost no further turn |
//! | RC4 of A, of B | key `HASH('keyA', S, SKEY)`, `HASH('keyB', S, SKEY)`; the first 1024 bytes of each key stream are dropped |
//!
//! All numbers are big-endian. B tells an exchange from a plain handshake by its first bytes: [`looks_plain`].
//! B finds the end of `PadA` by looking for `HASH('req1', S)`, which it can compute, and A that of `PadB` by looking for
//! the eight bytes that `VC` becomes, both within 512 bytes. B knows the torrent from a table of `HASH('req2', SKEY)`:
//! [`SkeyHash`].
//!
//! `IA` is in RC4 whatever is selected. After step 4, and after `IA`, both key streams go on if RC4 is selected;
//! otherwise they end and the bytes are as they are.
//!
//! # Bounds
//!
//! A pad that is longer than [`MAX_PAD`] or does not end within it ends the exchange, and so does a `VC` that is not
//! zeros. `IA` has at most the 65,535 bytes that its length can say. What is held of an exchange is no more than the
//! longest step, and one read.
//!
//! # Here
//!
//! Bytes go in and bytes come out ([`Caller`], [`Called`]); randomness is handed in ([`Chance`]). `osp-peers` puts them
//! on streams.

mod called;
mod caller;
mod exchange;
mod keys;

pub use called::{Called, Heard};
pub use caller::Caller;
pub use exchange::PRIVATE_KEY_BYTES;
pub use keys::{Ciphers, Keystream, SkeyHash};

use super::handshake::PROTOCOL;
use crate::ids::InfoHash;

/// Longest pad, in bytes.
pub const MAX_PAD: usize = 512;
/// VC: tells that the other side has the same keys.
const VERIFICATION: [u8; 8] = [0; 8];

/// Whether these first bytes of a connection are of a plain handshake, as far as can be said: `None` when more are
/// needed. (A public key may begin like one, once in 2^160 times.)
#[must_use]
pub fn looks_plain(first: &[u8]) -> Option<bool> {
    let known = first.len().min(PROTOCOL.len());
    match first[..known] == PROTOCOL[..known] {
        false => Some(false),
        true if known == PROTOCOL.len() => Some(true),
        true => None,
    }
}

/// What becomes of the bytes after the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// They are sent as they are.
    Plain,
    /// They are sent in RC4.
    Rc4,
}

impl Method {
    fn bit(self) -> u32 {
        match self {
            Self::Plain => 1,
            Self::Rc4 => 2,
        }
    }

    fn of_bit(bit: u32) -> Option<Self> {
        [Self::Plain, Self::Rc4].into_iter().find(|method| method.bit() == bit)
    }
}

/// What a side leaves to chance.
pub struct Chance {
    private_key: [u8; PRIVATE_KEY_BYTES],
    first_pad: Vec<u8>,
    second_pad: Vec<u8>,
}

impl Chance {
    /// With these choices: `PadA` and `PadC` of a caller, `PadB` and `PadD` of who was called. `None` when a pad is
    /// longer than [`MAX_PAD`].
    #[must_use]
    pub fn new(private_key: [u8; PRIVATE_KEY_BYTES], first_pad: &[u8], second_pad: &[u8]) -> Option<Self> {
        let short = |pad: &[u8]| pad.len() <= MAX_PAD;
        (short(first_pad) && short(second_pad)).then(|| Self {
            private_key,
            first_pad: first_pad.to_vec(),
            second_pad: second_pad.to_vec(),
        })
    }

    /// By `fill`, which fills a slice with random bytes.
    ///
    /// # Errors
    /// What `fill` says.
    pub fn draw<E>(mut fill: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut private_key = [0; PRIVATE_KEY_BYTES];
        fill(&mut private_key)?;
        let mut pad = || {
            let mut length = [0; 2];
            fill(&mut length)?;
            let mut pad = vec![0; usize::from(u16::from_be_bytes(length)) % (MAX_PAD + 1)];
            fill(&mut pad)?;
            Ok(pad)
        };
        Ok(Self { first_pad: pad()?, second_pad: pad()?, private_key })
    }
}

/// An exchange that is over.
#[derive(Debug)]
pub struct Established {
    /// The torrent.
    pub infohash: InfoHash,
    /// What was selected.
    pub method: Method,
    /// For every further byte, when that is RC4.
    pub ciphers: Option<Ciphers>,
    /// What came of the connection's own bytes already, as they were before any encryption: `IA`, and what came behind
    /// the exchange.
    pub received: Vec<u8>,
}

/// Why an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MseError {
    /// Another protocol, another torrent than the caller meant, or a first pad that is too long.
    #[error("no sign of an encrypted handshake within {MAX_PAD} bytes of padding")]
    NoSign,
    /// The sides have different keys.
    #[error("the encrypted handshake does not decrypt to its verification constant")]
    Verification,
    /// `PadC` or `PadD`.
    #[error("the encrypted handshake announces {0} bytes of padding; at most {MAX_PAD} are allowed")]
    Pad(u16),
    /// `crypto_provide` has nothing that we accept.
    #[error("the peer offers the encryption methods {0:#x}, none of which is accepted here")]
    NothingInCommon(u32),
    /// `crypto_select` is not one of those that we offered.
    #[error("the peer selected the encryption method {0:#x}, which it was not offered")]
    Selection(u32),
    /// The exchange is over already, or waits for something else than bytes.
    #[error("the encrypted handshake expects no bytes now")]
    Over,
}

/// Where `sign` begins in `came`, behind at most [`MAX_PAD`] bytes; `None` when more bytes are needed to say.
fn find(came: &[u8], sign: &[u8]) -> Result<Option<usize>, MseError> {
    let within = &came[..came.len().min(MAX_PAD + sign.len())];
    match within.windows(sign.len()).position(|window| window == sign) {
        Some(at) => Ok(Some(at)),
        None if within.len() == MAX_PAD + sign.len() => Err(MseError::NoSign),
        None => Ok(None),
    }
}

/// Takes exactly `N` bytes off the front, once they are there.
fn take<const N: usize>(came: &mut Vec<u8>) -> Option<[u8; N]> {
    let first = *came.first_chunk::<N>()?;
    came.drain(..N);
    Some(first)
}

/// A length of `PadC` or `PadD`, checked.
fn pad_length(length: [u8; 2]) -> Result<usize, MseError> {
    let length = u16::from_be_bytes(length);
    if usize::from(length) > MAX_PAD { Err(MseError::Pad(length)) } else { Ok(length.into()) }
}

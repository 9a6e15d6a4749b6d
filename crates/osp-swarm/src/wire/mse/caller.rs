//! The side that called: A.

use super::{
    Chance, Ciphers, Established, Method, MseError, SkeyHash, VERIFICATION,
    exchange::{self, KEY_BYTES, PRIVATE_KEY_BYTES},
    find, keys, pad_length, take,
};
use crate::ids::InfoHash;

/// A's part of an exchange.
pub struct Caller {
    infohash: InfoHash,
    private_key: [u8; PRIVATE_KEY_BYTES],
    /// Step 3 from `VC` on, not encrypted yet.
    request: Vec<u8>,
    offered: u32,
    came: Vec<u8>,
    waits: Waits,
}

/// What A waits for.
enum Waits {
    Key,
    /// `VC`, behind `PadB`; it will look like this.
    Verification {
        ciphers: Ciphers,
        sign: [u8; 8],
    },
    /// `crypto_select` and `len(PadD)`.
    Selection(Ciphers),
    Pad {
        ciphers: Ciphers,
        method: Method,
        length: usize,
    },
    Nothing,
}

impl Caller {
    /// Begins: gives A's part and step 1, which is to be sent. `offered` are the methods that A accepts, `payload` is
    /// `IA`: the first bytes of the connection.
    ///
    /// # Panics
    /// When `payload` is longer than 65,535 bytes.
    #[must_use]
    pub fn start(infohash: InfoHash, offered: &[Method], payload: &[u8], chance: Chance) -> (Self, Vec<u8>) {
        let Chance { private_key, first_pad, second_pad } = chance;
        let step1 = [&exchange::public_key(&private_key)[..], &first_pad].concat();
        let offered = offered.iter().fold(0, |bits, method| bits | method.bit());
        let length = |bytes: &[u8]| u16::try_from(bytes.len()).expect("a length of two bytes").to_be_bytes();
        let request = [
            &VERIFICATION[..],
            &offered.to_be_bytes(),
            &length(&second_pad),
            &second_pad,
            &length(payload),
            payload,
        ]
        .concat();
        let caller = Self { infohash, private_key, request, offered, came: Vec::new(), waits: Waits::Key };
        (caller, step1)
    }

    /// Takes what came, appends to `out` what is to be sent now; gives the end of the exchange when it is reached.
    ///
    /// # Errors
    /// [`MseError`]: the connection is of no use any more.
    pub fn received(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<Option<Established>, MseError> {
        self.came.extend_from_slice(bytes);
        loop {
            self.waits = match std::mem::replace(&mut self.waits, Waits::Nothing) {
                Waits::Key => match take::<KEY_BYTES>(&mut self.came) {
                    None => return self.wait(Waits::Key),
                    Some(key) => self.request(&key, out),
                },
                Waits::Verification { ciphers, sign } => match find(&self.came, &sign)? {
                    None => return self.wait(Waits::Verification { ciphers, sign }),
                    Some(at) => {
                        self.came.drain(..at + sign.len());
                        Waits::Selection(ciphers)
                    }
                },
                Waits::Selection(mut ciphers) => match take::<6>(&mut self.came) {
                    None => return self.wait(Waits::Selection(ciphers)),
                    Some(mut fields) => {
                        ciphers.receiving.apply(&mut fields);
                        let [a, b, c, d, length @ ..] = fields;
                        let selected = u32::from_be_bytes([a, b, c, d]);
                        let method = Method::of_bit(selected).filter(|_| selected & self.offered != 0);
                        let method = method.ok_or(MseError::Selection(selected))?;
                        Waits::Pad { ciphers, method, length: pad_length(length)? }
                    }
                },
                Waits::Pad { ciphers, method, length } if self.came.len() < length => {
                    return self.wait(Waits::Pad { ciphers, method, length });
                }
                Waits::Pad { mut ciphers, method, length } => {
                    ciphers.receiving.apply(&mut self.came[..length]);
                    let mut received = self.came.split_off(length);
                    if method == Method::Rc4 {
                        ciphers.receiving.apply(&mut received);
                    }
                    let ciphers = (method == Method::Rc4).then_some(ciphers);
                    return Ok(Some(Established { infohash: self.infohash, method, ciphers, received }));
                }
                Waits::Nothing => return Err(MseError::Over),
            };
        }
    }

    fn wait(&mut self, waits: Waits) -> Result<Option<Established>, MseError> {
        self.waits = waits;
        Ok(None)
    }

    /// Step 3.
    fn request(&mut self, key: &[u8; KEY_BYTES], out: &mut Vec<u8>) -> Waits {
        let secret = exchange::secret(&self.private_key, key);
        let mut ciphers = Ciphers::of_caller(&secret, self.infohash);
        ciphers.sending.apply(&mut self.request);
        out.extend_from_slice(&keys::sign(&secret));
        out.extend_from_slice(&SkeyHash::of(self.infohash).masked(&secret).0);
        out.append(&mut self.request);
        let mut sign = VERIFICATION;
        ciphers.receiving.apply(&mut sign);
        Waits::Verification { ciphers, sign }
    }
}

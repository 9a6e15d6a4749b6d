//! The side that was called: B.

use super::{
    Chance, Ciphers, Established, Method, MseError, SkeyHash, VERIFICATION,
    exchange::{self, KEY_BYTES, Secret},
    find, keys, pad_length, take,
};
use crate::ids::InfoHash;

/// B's part of an exchange.
pub struct Called {
    chance: Chance,
    accepted: Vec<Method>,
    came: Vec<u8>,
    waits: Waits,
}

/// What B waits for.
enum Waits {
    Key,
    /// `HASH('req1', S)`, behind `PadA`.
    Sign(Secret),
    /// The torrent's name.
    Name(Secret),
    /// To be told what the name stands for.
    Torrent(Secret),
    /// `VC`, `crypto_provide`, `len(PadC)`.
    Offer {
        ciphers: Ciphers,
        infohash: InfoHash,
    },
    /// `PadC` and `len(IA)`.
    Pad {
        ciphers: Ciphers,
        infohash: InfoHash,
        method: Method,
        length: usize,
    },
    /// `IA`.
    Payload {
        ciphers: Ciphers,
        infohash: InfoHash,
        method: Method,
        length: usize,
    },
    Nothing,
}

/// What B learned.
#[derive(Debug)]
pub enum Heard {
    /// Nothing yet: more bytes are needed.
    More,
    /// Which torrent the caller means: [`Called::found`] goes on.
    Asked(SkeyHash),
    /// The exchange is over.
    Done(Box<Established>),
}

impl Called {
    /// Begins. `accepted` are the methods that B accepts, the one it would rather have first.
    #[must_use]
    pub fn start(accepted: &[Method], chance: Chance) -> Self {
        Self { chance, accepted: accepted.to_vec(), came: Vec::new(), waits: Waits::Key }
    }

    /// Takes what came, appends to `out` what is to be sent now.
    ///
    /// # Errors
    /// [`MseError`]: the connection is of no use any more.
    pub fn received(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<Heard, MseError> {
        self.came.extend_from_slice(bytes);
        self.go_on(out)
    }

    /// The torrent that the caller means, after [`Heard::Asked`].
    ///
    /// # Errors
    /// [`MseError`]: the connection is of no use any more.
    pub fn found(&mut self, infohash: InfoHash, out: &mut Vec<u8>) -> Result<Heard, MseError> {
        let Waits::Torrent(secret) = &self.waits else { return Err(MseError::Over) };
        self.waits = Waits::Offer { ciphers: Ciphers::of_called(secret, infohash), infohash };
        self.go_on(out)
    }

    fn go_on(&mut self, out: &mut Vec<u8>) -> Result<Heard, MseError> {
        loop {
            self.waits = match std::mem::replace(&mut self.waits, Waits::Nothing) {
                Waits::Key => match take::<KEY_BYTES>(&mut self.came) {
                    None => return self.wait(Waits::Key),
                    Some(key) => {
                        let private_key = &self.chance.private_key;
                        out.extend_from_slice(&exchange::public_key(private_key));
                        out.extend_from_slice(&self.chance.first_pad);
                        Waits::Sign(exchange::secret(private_key, &key))
                    }
                },
                Waits::Sign(secret) => {
                    let sign = keys::sign(&secret);
                    match find(&self.came, &sign)? {
                        None => return self.wait(Waits::Sign(secret)),
                        Some(at) => {
                            self.came.drain(..at + sign.len());
                            Waits::Name(secret)
                        }
                    }
                }
                Waits::Name(secret) => match take::<20>(&mut self.came) {
                    None => return self.wait(Waits::Name(secret)),
                    Some(masked) => {
                        let name = SkeyHash(masked).masked(&secret);
                        self.waits = Waits::Torrent(secret);
                        return Ok(Heard::Asked(name));
                    }
                },
                Waits::Offer { mut ciphers, infohash } => match take::<14>(&mut self.came) {
                    None => return self.wait(Waits::Offer { ciphers, infohash }),
                    Some(mut fields) => {
                        ciphers.receiving.apply(&mut fields);
                        let (method, length) = self.choose(fields)?;
                        Waits::Pad { ciphers, infohash, method, length }
                    }
                },
                Waits::Pad { ciphers, infohash, method, length } if self.came.len() < length + 2 => {
                    return self.wait(Waits::Pad { ciphers, infohash, method, length });
                }
                Waits::Pad { mut ciphers, infohash, method, length } => {
                    let mut fields: Vec<u8> = self.came.drain(..length + 2).collect();
                    ciphers.receiving.apply(&mut fields);
                    let length = usize::from(u16::from_be_bytes([fields[length], fields[length + 1]]));
                    Waits::Payload { ciphers, infohash, method, length }
                }
                Waits::Payload { ciphers, infohash, method, length } if self.came.len() < length => {
                    return self.wait(Waits::Payload { ciphers, infohash, method, length });
                }
                Waits::Payload { ciphers, infohash, method, length } => {
                    let done = self.finish(ciphers, infohash, method, length, out);
                    return Ok(Heard::Done(Box::new(done)));
                }
                Waits::Torrent(_) | Waits::Nothing => return Err(MseError::Over),
            };
        }
    }

    fn wait(&mut self, waits: Waits) -> Result<Heard, MseError> {
        self.waits = waits;
        Ok(Heard::More)
    }

    /// The method, and the length of `PadC`.
    fn choose(&self, fields: [u8; 14]) -> Result<(Method, usize), MseError> {
        let [v0, v1, v2, v3, v4, v5, v6, v7, a, b, c, d, length @ ..] = fields;
        if [v0, v1, v2, v3, v4, v5, v6, v7] != VERIFICATION {
            return Err(MseError::Verification);
        }
        let offered = u32::from_be_bytes([a, b, c, d]);
        let method = self.accepted.iter().find(|method| offered & method.bit() != 0);
        Ok((*method.ok_or(MseError::NothingInCommon(offered))?, pad_length(length)?))
    }

    /// Step 4.
    fn finish(
        &mut self,
        mut ciphers: Ciphers,
        infohash: InfoHash,
        method: Method,
        payload: usize,
        out: &mut Vec<u8>,
    ) -> Established {
        let pad = &self.chance.second_pad;
        let length = u16::try_from(pad.len()).expect("a pad is at most 512 bytes");
        let mut answer =
            [&VERIFICATION[..], &method.bit().to_be_bytes(), &length.to_be_bytes(), pad].concat();
        ciphers.sending.apply(&mut answer);
        out.append(&mut answer);
        let mut received = std::mem::take(&mut self.came);
        let in_rc4 = if method == Method::Rc4 { received.len() } else { payload };
        ciphers.receiving.apply(&mut received[..in_rc4]);
        let ciphers = (method == Method::Rc4).then_some(ciphers);
        Established { infohash, method, ciphers, received }
    }
}

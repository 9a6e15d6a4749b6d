//! Passphrases that people choose: stretched, with a salt of their own, at a cost that has a cap. The caps are checked
//! before anything is allocated, because the numbers are a stranger's.

use super::{
    error::{Refused, SealError},
    json::{self, Members, Object},
    limits::{MAX_ARGON2_LANES, MAX_ARGON2_MEMORY, MAX_ARGON2_PASSES, MAX_ARGON2_WORK},
};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// How a passphrase is stretched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// RFC 9106, version 0x13.
    Argon2id {
        /// Memory, KiB.
        memory: u64,
        /// Passes.
        passes: u64,
        /// Lanes.
        lanes: u64,
    },
    /// RFC 7914.
    Scrypt {
        /// N.
        n: u64,
        /// r.
        r: u64,
        /// p.
        p: u64,
    },
}

impl Default for Stretch {
    /// The second recommendation of RFC 9106: 64 MiB, 3 passes, 4 lanes.
    fn default() -> Self {
        Self::Argon2id { memory: 64 << 10, passes: 3, lanes: 4 }
    }
}

impl Stretch {
    /// Whether a reader does this much, and no less than something.
    ///
    /// # Errors
    /// [`Refused::WorkFactor`].
    pub fn check(&self) -> Result<(), Refused> {
        let fine = match *self {
            Self::Argon2id { memory, passes, lanes } => {
                (1..=MAX_ARGON2_LANES).contains(&lanes)
                    && (1..=MAX_ARGON2_PASSES).contains(&passes)
                    && (8 * lanes..=MAX_ARGON2_MEMORY).contains(&memory)
                    && memory * passes <= MAX_ARGON2_WORK
            }
            Self::Scrypt { n, r, p } => matches!(n, 0x8000 | 0x1_0000 | 0x2_0000) && r == 8 && p == 1,
        };
        if fine { Ok(()) } else { Err(Refused::WorkFactor) }
    }

    /// The 32 bytes that stand for a passphrase, taken in Unicode form NFC. Takes the time and memory that it says.
    ///
    /// # Errors
    /// [`Refused::WorkFactor`], [`Refused::OutOfMemory`].
    pub fn stretch(&self, passphrase: &str, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, Refused> {
        self.check()?;
        let text = Zeroizing::new(passphrase.nfc().collect::<String>());
        let mut out = Zeroizing::new([0; 32]);
        match *self {
            Self::Argon2id { memory, passes, lanes } => {
                let small = |number: u64| u32::try_from(number).map_err(|_| Refused::WorkFactor);
                let params = argon2::Params::new(small(memory)?, small(passes)?, small(lanes)?, Some(32))
                    .map_err(|_| Refused::WorkFactor)?;
                argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                    .hash_password_into(text.as_bytes(), salt, &mut *out)
                    .map_err(|_| Refused::OutOfMemory(memory))?;
            }
            Self::Scrypt { n, .. } => {
                // Checked above: a power of two between 2^15 and 2^17, r 8, p 1.
                let params = scrypt::Params::new(n.trailing_zeros() as u8, 8, 1, 32)
                    .map_err(|_| Refused::WorkFactor)?;
                scrypt::scrypt(text.as_bytes(), salt, &params, &mut *out).map_err(|_| Refused::WorkFactor)?;
            }
        }
        Ok(out)
    }

    fn parse(members: &Members<'_>) -> Result<Self, Refused> {
        let stretch = match members.text("kdf")? {
            "argon2id" => Self::Argon2id {
                memory: members.integer("m")?,
                passes: members.integer("t")?,
                lanes: members.integer("p")?,
            },
            "scrypt" => {
                Self::Scrypt { n: members.integer("n")?, r: members.integer("r")?, p: members.integer("p")? }
            }
            _ => return Err(members.bad("kdf")),
        };
        stretch.check()?;
        Ok(stretch)
    }
}

/// A passphrase's place in a table head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// How it is stretched.
    pub stretch: Stretch,
    /// Its salt.
    pub salt: [u8; 16],
    /// Which grant it opens.
    pub grant: usize,
    /// Whether a passphrase is the one.
    pub(super) id: [u8; 32],
    /// The grant's key.
    pub(super) sealed: Vec<u8>,
}

impl Slot {
    pub(super) fn parse(members: &Members<'_>, grants: usize) -> Result<Self, Refused> {
        let grant = usize::try_from(members.integer("grant")?).ok().filter(|grant| *grant < grants);
        Ok(Self {
            stretch: Stretch::parse(members)?,
            salt: members.exactly("salt")?,
            grant: grant.ok_or_else(|| members.bad("grant"))?,
            id: members.exactly("id")?,
            sealed: members.exactly::<48>("box")?.to_vec(),
        })
    }

    pub(super) fn to_json(&self) -> Object {
        let mut object = Object::new();
        let numbers = match self.stretch {
            Stretch::Argon2id { memory, passes, lanes } => {
                object.insert("kdf".into(), "argon2id".into());
                [("m", memory), ("t", passes), ("p", lanes)]
            }
            Stretch::Scrypt { n, r, p } => {
                object.insert("kdf".into(), "scrypt".into());
                [("n", n), ("r", r), ("p", p)]
            }
        };
        for (name, number) in numbers {
            object.insert(name.into(), number.into());
        }
        object.insert("salt".into(), json::bytes(&self.salt));
        object.insert("grant".into(), self.grant.into());
        object.insert("id".into(), json::bytes(&self.id));
        object.insert("box".into(), json::bytes(&self.sealed));
        object
    }
}

/// A passphrase for a table that is being made. Wiped when dropped.
#[derive(Clone, Debug)]
pub struct Passphrase {
    text: crate::keys::Password,
    pub(super) stretch: Stretch,
    pub(super) grant: usize,
}

impl Passphrase {
    /// For one of the table's grants.
    ///
    /// # Errors
    /// [`SealError::EmptyPassphrase`]; [`SealError::Refused`] if readers would not do this much work.
    pub fn new(text: &str, stretch: Stretch, grant: usize) -> Result<Self, SealError> {
        stretch.check()?;
        if text.is_empty() {
            return Err(SealError::EmptyPassphrase);
        }
        Ok(Self { text: crate::keys::Password::new(text), stretch, grant })
    }

    pub(super) fn stretched(&self, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, Refused> {
        self.stretch.stretch(self.text.as_str(), salt)
    }
}

//! Key files.
//!
//! The text of a key file, UTF-8, lines ended by LF:
//!
//! ```text
//! # OpenSound artist key. Whoever has this file can publish as this artist.
//! # did: did:key:z6Mk…
//! # name: Max McCracken
//! # created: 2026-01-31T12:00:00Z
//! OSP-ARTIST-KEY-1 <the 32-byte Ed25519 seed (RFC 8032) in base64url without padding>
//! ```
//!
//! A protected key file is this text as an [age](https://age-encryption.org/v1) file with a passphrase (scrypt)
//! recipient; `age -d` and `rage -d` open it too. Lines that begin with `#` may be missing; one of them that
//! names another DID than the key's makes the file refused, which catches copying mistakes.

use std::io::{Read, Write};

use age::secrecy::{ExposeSecret, SecretString};
use osp_core::did::Did;
use osp_core::key::ArtistKey;
use zeroize::Zeroizing;

use super::IdentityError;

/// Largest key file that is read, in bytes.
pub const MAX_KEY_FILE_BYTES: usize = 64 * 1024;
/// Most scrypt work that is done to open a key file: 2^20, 1 GiB of memory and a few seconds.
pub const MAX_WORK_FACTOR: u8 = 20;
/// Scrypt work of the files we write: 2^18, what `age` itself uses.
pub const WORK_FACTOR: u8 = 18;

const MAGIC: &str = "OSP-ARTIST-KEY-1 ";

/// What a key file holds. Has no `Debug`, since it would print the key.
pub(super) struct KeyFile {
    pub(super) key: ArtistKey,
    pub(super) name: Option<String>,
    pub(super) created: Option<String>,
}

impl KeyFile {
    /// The text of an unprotected key file.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(512));
        text.push_str("# OpenSound artist key. Whoever has this file can publish as this artist.\n");
        text.push_str(&format!("# did: {}\n", self.key.did()));
        for (label, value) in [("name", &self.name), ("created", &self.created)] {
            if let Some(value) = value {
                text.push_str(&format!("# {label}: {value}\n"));
            }
        }
        text.push_str(MAGIC);
        let seed = self.key.to_seed();
        text.push_str(&Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(&*seed)));
        text.push('\n');
        text
    }

    /// Reads the text of an unprotected key file.
    pub(super) fn from_text(text: &str) -> Result<Self, IdentityError> {
        let not_a_key = IdentityError::NotAKeyFile;
        let mut keys = text.lines().filter_map(|line| line.trim().strip_prefix(MAGIC));
        let encoded = keys.next().ok_or(not_a_key("it has no line that begins with OSP-ARTIST-KEY-1"))?;
        if keys.next().is_some() {
            return Err(not_a_key("it holds more than one key"));
        }
        let decoded = data_encoding::BASE64URL_NOPAD.decode(encoded.trim().as_bytes()).map(Zeroizing::new);
        let seed: Option<Zeroizing<[u8; 32]>> =
            decoded.ok().and_then(|bytes| bytes.as_slice().try_into().ok().map(Zeroizing::new));
        let key = ArtistKey::from_seed(&*seed.ok_or(not_a_key("its key is not 32 bytes in base64url"))?);
        let comment = |label: &str| {
            let mut lines = text.lines().filter_map(|l| l.trim().strip_prefix("# ")?.strip_prefix(label));
            lines.find_map(|rest| rest.strip_prefix(": ")).map(|value| value.trim().to_owned())
        };
        if comment("did").is_some_and(|did| did != key.did().to_string()) {
            return Err(not_a_key("its key is not that of the DID it names, so it was damaged or edited"));
        }
        Ok(Self { key, name: comment("name"), created: comment("created") })
    }

    /// Encrypts to a binary age file.
    pub(super) fn encrypt(&self, passphrase: &SecretString, log_n: u8) -> Result<Vec<u8>, IdentityError> {
        if passphrase.expose_secret().is_empty() {
            return Err(IdentityError::EmptyPassphrase);
        }
        let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
        recipient.set_work_factor(log_n);
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            .expect("one passphrase recipient is what age asks for");
        let mut file = Vec::new();
        encryptor
            .wrap_output(&mut file)
            .and_then(|mut writer| {
                writer.write_all(self.to_text().as_bytes())?;
                writer.finish()
            })
            .map_err(|e| IdentityError::Randomness(e.to_string()))?;
        Ok(file)
    }

    /// Reads a key file of either kind. `who` names it in messages.
    pub(super) fn read(
        bytes: &[u8],
        passphrase: Option<&SecretString>,
        who: &str,
    ) -> Result<Self, IdentityError> {
        if bytes.len() > MAX_KEY_FILE_BYTES {
            return Err(IdentityError::NotAKeyFile("it is larger than 64 KiB"));
        }
        let text = if is_encrypted(bytes) {
            let passphrase = passphrase.ok_or_else(|| IdentityError::PassphraseNeeded(who.to_owned()))?;
            decrypt(bytes, passphrase, who)?
        } else {
            Zeroizing::new(bytes.to_vec())
        };
        let text = std::str::from_utf8(&text).map_err(|_| IdentityError::NotAKeyFile("it is not text"))?;
        Self::from_text(text)
    }

    /// The identity the key is of.
    pub(super) fn did(&self) -> Did {
        self.key.did()
    }
}

/// Whether these bytes are an age file, binary or armoured.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    bytes.starts_with(b"age-encryption.org/") || bytes.trim_ascii_start().starts_with(b"-----BEGIN AGE ")
}

fn decrypt(bytes: &[u8], passphrase: &SecretString, who: &str) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
    let mut identity = age::scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let judged = |error| match error {
        age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => {
            IdentityError::WrongPassphrase(who.to_owned())
        }
        age::DecryptError::ExcessiveWork { required, .. } => {
            IdentityError::TooMuchWork { log_n: required, max: MAX_WORK_FACTOR }
        }
        age::DecryptError::NoMatchingKeys => {
            IdentityError::NotAKeyFile("it is encrypted for a key and not with a passphrase")
        }
        _ => IdentityError::NotAKeyFile("it is a damaged age file"),
    };
    let damaged = |_| IdentityError::NotAKeyFile("it is a damaged age file");
    let reader = age::armor::ArmoredReader::new(bytes);
    let plain = age::Decryptor::new_buffered(reader)
        .and_then(|d| d.decrypt(std::iter::once(&identity as &dyn age::Identity)))
        .map_err(judged)?;
    // Reserved whole, so that growing leaves no copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_KEY_FILE_BYTES));
    plain.take(MAX_KEY_FILE_BYTES as u64).read_to_end(&mut text).map_err(damaged)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ZEROS: &str = "OSP-ARTIST-KEY-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn refusal(text: &str) -> &'static str {
        match KeyFile::from_text(text) {
            Err(IdentityError::NotAKeyFile(reason)) => reason,
            _ => panic!("not refused: {text}"),
        }
    }

    #[test]
    fn the_text_is_the_documented_one() {
        let file = KeyFile {
            key: ArtistKey::from_seed(&[0; 32]),
            name: Some("Someone".into()),
            created: Some("2026-01-31T12:00:00Z".into()),
        };
        let want = format!(
            "# OpenSound artist key. Whoever has this file can publish as this artist.\n\
             # did: did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp\n\
             # name: Someone\n# created: 2026-01-31T12:00:00Z\n{ZEROS}\n"
        );
        assert_eq!(*file.to_text(), want);
        let back = KeyFile::from_text(&want).unwrap();
        assert_eq!(back.did(), file.did());
        assert_eq!((back.name, back.created), (file.name, file.created));
    }

    #[test]
    fn the_key_line_alone_will_do() {
        assert_eq!(KeyFile::from_text(ZEROS).unwrap().name, None);
        assert!(KeyFile::from_text(&format!("\r\n{ZEROS}\r\n")).is_ok());
    }

    #[test]
    fn junk_is_refused() {
        assert!(refusal("hello").contains("no line"));
        assert!(refusal(&ZEROS[..ZEROS.len() - 4]).contains("32 bytes"));
        assert!(refusal(&format!("{ZEROS}\n{ZEROS}")).contains("more than one"));
        let other = format!("# did: did:key:z6MkOther\n{ZEROS}");
        assert!(refusal(&other).contains("not that of the DID"));
    }

    #[test]
    fn age_asks_for_the_documented_work() {
        let file = KeyFile { key: ArtistKey::from_seed(&[0; 32]), name: None, created: None };
        let bytes = file.encrypt(&SecretString::from("passphrase".to_owned()), 2).unwrap();
        let header = String::from_utf8_lossy(&bytes);
        let mut lines = header.lines();
        assert_eq!(lines.next(), Some("age-encryption.org/v1"));
        let stanza: Vec<&str> = lines.next().unwrap().split(' ').collect();
        assert_eq!((stanza[0], stanza[1], stanza[3]), ("->", "scrypt", "2"));
    }

    #[test]
    fn a_file_that_asks_for_too_much_work_is_refused_before_any_is_done() {
        let file = KeyFile { key: ArtistKey::from_seed(&[0; 32]), name: None, created: None };
        let passphrase = SecretString::from("passphrase".to_owned());
        let bytes = file.encrypt(&passphrase, 2).unwrap();
        let at = bytes.windows(3).position(|w| w == b" 2\n").unwrap();
        let hostile = [&bytes[..at], b" 21\n", &bytes[at + 3..]].concat();
        let error = KeyFile::read(&hostile, Some(&passphrase), "x").err().unwrap();
        assert!(matches!(error, IdentityError::TooMuchWork { log_n: 21, max: 20 }), "{error}");
    }
}

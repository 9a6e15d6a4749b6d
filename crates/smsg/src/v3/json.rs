//! JSON of version 3.0 (`spec/SMSG.md` 19.2): the bytes are their own canonical form, so nothing can be read in two ways.

use super::{
    error::{Refused, SealError, shortened},
    limits::{MAX_CRITICAL, MAX_DEPTH, MAX_INTEGER},
    signing::{Naming, Signer, Standing, Verifier},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// How a DID begins that is a key.
const KEY_METHOD: &str = "did:key:";

/// Reads an object. `what` is its name in messages.
pub(super) fn parse(bytes: &[u8], what: &'static str) -> Result<Object, Refused> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Refused::NotCanonical(what))?;
    look_through(&value, 1, what)?;
    match value {
        // Duplicates, white space, other spellings: all of them come out differently.
        Value::Object(object) if canonical(&object) == bytes => Ok(object),
        _ => Err(Refused::NotCanonical(what)),
    }
}

/// Depth and numbers.
fn look_through(value: &Value, depth: usize, what: &'static str) -> Result<(), Refused> {
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(integer) if integer <= MAX_INTEGER => Ok(()),
            _ => Err(Refused::NotCanonical(what)),
        },
        Value::Array(_) | Value::Object(_) if depth > MAX_DEPTH => {
            Err(Refused::OverLimit("levels of nesting"))
        }
        Value::Array(items) => items.iter().try_for_each(|item| look_through(item, depth + 1, what)),
        Value::Object(members) => members.values().try_for_each(|item| look_through(item, depth + 1, what)),
        _ => Ok(()),
    }
}

/// The canonical form (RFC 8785).
pub(super) fn canonical(object: &Object) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(object).expect("objects of texts and integers have a canonical form")
}

/// What is signed: everything but the signature.
fn signed_bytes(object: &Object) -> Vec<u8> {
    let mut object = object.clone();
    object.remove("signature");
    canonical(&object)
}

/// Adds who signs.
pub(super) fn identify(object: &mut Object, signer: &dyn Signer) {
    object.insert("artist".into(), signer.artist().into());
    if let Some(key) = signer.key() {
        object.insert("key".into(), key.into());
    }
}

/// Adds artist and signature.
pub(super) fn sign(mut object: Object, signer: &dyn Signer) -> Result<Object, SealError> {
    identify(&mut object, signer);
    let signature = signer.sign(&signed_bytes(&object))?;
    object.insert("signature".into(), bytes(&signature));
    Ok(object)
}

/// Who signed an object.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    /// The artist's DID.
    pub(super) artist: &'a str,
    /// The `did:key` that signed for it.
    pub(super) key: Option<&'a str>,
    /// Whether the artist is known to be who has that key.
    pub(super) standing: Standing,
}

/// Checks `type` and the signature of `artist`. `begun`: the key that signed what this belongs to.
pub(super) fn verify<'a>(
    object: &'a Object,
    kind: &'static str,
    what: &'static str,
    begun: Option<&str>,
    verifier: &dyn Verifier,
) -> Result<Signed<'a>, Refused> {
    let members = Members::of(object, what);
    if members.text("type")? != kind {
        return Err(Refused::BadMember { of: what, member: "type" });
    }
    let artist = members.text("artist")?;
    if artist.is_empty() {
        return Err(Refused::BadMember { of: what, member: "artist" });
    }
    let key = members.maybe("key", Members::text)?;
    // A did:key is its own key and none besides.
    if key.is_some_and(|key| !key.starts_with(KEY_METHOD) || artist.starts_with(KEY_METHOD)) {
        return Err(Refused::BadMember { of: what, member: "key" });
    }
    let signature = members.exactly("signature")?;
    if !verifier.verifies(key.unwrap_or(artist), &signed_bytes(object), &signature) {
        return Err(Refused::BadSignature(what));
    }
    let standing = match key.map(|key| verifier.names(artist, key)) {
        None | Some(Naming::Named) => Standing::Proven,
        // Nobody was asked: what is of one file is of one key.
        Some(Naming::Unknown) if begun.is_none() || begun == key => Standing::Unchecked,
        Some(Naming::Unknown | Naming::Denied) => return Err(Refused::KeyNotNamed(what)),
    };
    Ok(Signed { artist, key, standing })
}

/// Bytes as text in JSON.
pub(super) fn bytes(bytes: &[u8]) -> Value {
    BASE64URL_NOPAD.encode(bytes).into()
}

/// An object's members, taken one by one as what they must be.
#[derive(Clone, Copy)]
pub(super) struct Members<'a> {
    object: &'a Object,
    what: &'static str,
}

impl<'a> Members<'a> {
    pub(super) fn of(object: &'a Object, what: &'static str) -> Self {
        Self { object, what }
    }

    /// A value that must be an object.
    pub(super) fn inside(
        value: &'a Value,
        what: &'static str,
        member: &'static str,
    ) -> Result<Self, Refused> {
        match value {
            Value::Object(object) => Ok(Self { object, what }),
            _ => Err(Refused::BadMember { of: what, member }),
        }
    }

    pub(super) fn bad(&self, member: &'static str) -> Refused {
        Refused::BadMember { of: self.what, member }
    }

    pub(super) fn has(&self, member: &str) -> bool {
        self.object.contains_key(member)
    }

    pub(super) fn maybe<T>(
        &self,
        member: &'static str,
        take: impl FnOnce(&Self, &'static str) -> Result<T, Refused>,
    ) -> Result<Option<T>, Refused> {
        self.has(member).then(|| take(self, member)).transpose()
    }

    pub(super) fn value(&self, member: &'static str) -> Result<&'a Value, Refused> {
        self.object.get(member).ok_or_else(|| self.bad(member))
    }

    pub(super) fn text(&self, member: &'static str) -> Result<&'a str, Refused> {
        self.value(member)?.as_str().ok_or_else(|| self.bad(member))
    }

    pub(super) fn owned(&self, member: &'static str) -> Result<String, Refused> {
        self.text(member).map(str::to_owned)
    }

    /// A text that says something.
    pub(super) fn name(&self, member: &'static str) -> Result<String, Refused> {
        self.owned(member).and_then(|text| if text.is_empty() { Err(self.bad(member)) } else { Ok(text) })
    }

    pub(super) fn integer(&self, member: &'static str) -> Result<u64, Refused> {
        self.value(member)?.as_u64().ok_or_else(|| self.bad(member))
    }

    pub(super) fn positive(&self, member: &'static str) -> Result<u64, Refused> {
        self.integer(member)
            .and_then(|integer| if integer == 0 { Err(self.bad(member)) } else { Ok(integer) })
    }

    /// Bytes of any length up to `max`.
    pub(super) fn bytes(&self, member: &'static str, max: usize) -> Result<Vec<u8>, Refused> {
        let bytes = BASE64URL_NOPAD.decode(self.text(member)?.as_bytes()).map_err(|_| self.bad(member))?;
        if bytes.len() <= max { Ok(bytes) } else { Err(Refused::OverLimit(member)) }
    }

    pub(super) fn exactly<const N: usize>(&self, member: &'static str) -> Result<[u8; N], Refused> {
        self.bytes(member, N).map_err(|_| self.bad(member))?.try_into().map_err(|_: Vec<u8>| self.bad(member))
    }

    pub(super) fn array(
        &self,
        member: &'static str,
        least: usize,
        most: usize,
    ) -> Result<&'a [Value], Refused> {
        let items = self.value(member)?.as_array().ok_or_else(|| self.bad(member))?;
        match items.len() {
            len if len > most => Err(Refused::OverLimit(member)),
            len if len < least => Err(self.bad(member)),
            _ => Ok(items),
        }
    }

    /// As [`Members::array`], and an absent one is empty.
    pub(super) fn list(
        &self,
        member: &'static str,
        least: usize,
        most: usize,
    ) -> Result<&'a [Value], Refused> {
        if self.has(member) { self.array(member, least, most) } else { Ok(&[]) }
    }

    pub(super) fn map(&self, member: &'static str, most: usize) -> Result<Vec<(String, String)>, Refused> {
        let Some(value) = self.object.get(member) else { return Ok(Vec::new()) };
        let map = value.as_object().ok_or_else(|| self.bad(member))?;
        if map.len() > most {
            return Err(Refused::OverLimit(member));
        }
        map.iter()
            .map(|(name, value)| {
                Ok((name.clone(), value.as_str().ok_or_else(|| self.bad(member))?.to_owned()))
            })
            .collect()
    }

    /// `crit` names only what is in `known`.
    pub(super) fn critical(&self, known: &[&str]) -> Result<(), Refused> {
        for name in self.list("crit", 1, MAX_CRITICAL)? {
            let name = name.as_str().ok_or_else(|| self.bad("crit"))?;
            if !known.contains(&name) {
                return Err(Refused::UnknownCritical { of: self.what, name: shortened(name) });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn class(text: &str) -> &'static str {
        parse(text.as_bytes(), "text").map_or_else(|refused| refused.class(), |_| "")
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        assert_eq!(class(r#"{"a":[1,{"b":"c"}],"z":true}"#), "");
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"b":1,"a":1}"#,
            r#"{"a": 1}"#,
            r#"{"a":1.5}"#,
            r#"{"a":-1}"#,
            r#"{"a":1e2}"#,
            r#"{"a":9007199254740992}"#,
            r#"{"a":1e+21}"#,
            r#"{"a":"\u0041"}"#,
            r#"{"a":1} "#,
            "[]",
            "null",
            "",
            r#"{"a":"\ud800"}"#,
        ] {
            assert_eq!(class(text), "not_canonical", "{text}");
        }
        assert_eq!(class(r#"{"a":9007199254740991}"#), "");
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert_eq!(class(&nested(7)), "");
        assert_eq!(class(&nested(8)), "over_limit");
        assert_eq!(class(&nested(30_000)), "not_canonical");
    }
}

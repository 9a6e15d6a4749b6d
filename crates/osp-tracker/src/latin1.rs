//! Twenty bytes as a JSON string of as many characters, U+0000 to U+00FF: JavaScript's "binary string".

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 20 bytes that JSON carries as 20 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Latin1(pub(crate) [u8; 20]);

impl Latin1 {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 20];
        let mut chars = text.chars();
        for byte in &mut bytes {
            *byte = u8::try_from(chars.next()?).ok()?;
        }
        chars.next().is_none().then_some(Self(bytes))
    }

    pub(crate) fn text(self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }
}

impl Serialize for Latin1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Latin1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not 20 characters from U+0000 to U+00FF"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_twenty_bytes_come_back(bytes: [u8; 20]) {
            let json = serde_json::to_string(&Latin1(bytes)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Latin1>(&json).unwrap(), Latin1(bytes));
        }
    }

    #[test]
    fn other_lengths_and_characters_are_refused() {
        for bad in ["", "abc", "aaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaa\u{100}", "aaaaaaaaaaaaaaaaaaa😀"]
        {
            assert_eq!(Latin1::parse(bad), None, "{bad}");
        }
    }
}

//! Where the JSON ends at the start of a chunked plaintext: nothing says how long it is.

use crate::{OpenError, limits};

/// Finds the end of the JSON object at the start of a chunked plaintext, in one pass, however it is cut. It counts braces
/// outside strings; whether what is between them is JSON, the parser says.
#[derive(Clone, Debug, Default)]
pub struct Boundary {
    state: State,
    /// Braces open.
    depth: u64,
    /// Bytes looked at, over all calls.
    taken: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Only white space so far.
    #[default]
    Before,
    /// Inside the object, outside strings.
    Between,
    /// Inside a string.
    Text,
    /// Behind a backslash in a string.
    Escape,
    /// Behind the object.
    After,
}

impl Boundary {
    /// Takes the next bytes; `Some(n)`: the object ends after `n` of them (0 if it ended in an earlier call).
    ///
    /// # Errors
    /// [`OpenError::InvalidPayload`] when the bytes do not begin an object; [`OpenError::OverLimit`] past
    /// [`crate::limits::MAX_MESSAGE_JSON`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<usize>, OpenError> {
        if self.state == State::After {
            return Ok(Some(0));
        }
        for (at, &byte) in bytes.iter().enumerate() {
            self.step(byte)?;
            if self.state == State::After {
                return Ok(Some(at + 1));
            }
            self.taken += 1;
            if self.taken >= limits::MAX_MESSAGE_JSON {
                return Err(OpenError::OverLimit {
                    what: "the message's JSON",
                    limit: limits::MAX_MESSAGE_JSON,
                });
            }
        }
        Ok(None)
    }

    fn step(&mut self, byte: u8) -> Result<(), OpenError> {
        self.state = match (self.state, byte) {
            (State::Before, b' ' | b'\t' | b'\r' | b'\n') => State::Before,
            (State::Before, b'{') => {
                self.depth = 1;
                State::Between
            }
            (State::Before, _) => {
                return Err(OpenError::InvalidPayload("it does not begin with a JSON object".to_owned()));
            }
            (State::Between, b'"') => State::Text,
            (State::Between, b'{') => {
                self.depth += 1;
                State::Between
            }
            (State::Between, b'}') => {
                self.depth -= 1;
                if self.depth == 0 { State::After } else { State::Between }
            }
            (State::Text, b'\\') => State::Escape,
            (State::Text, b'"') => State::Between,
            (State::Escape, _) => State::Text,
            (state, _) => state,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Boundary;
    use crate::{OpenError, limits};
    use proptest::prelude::*;

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[\\\\\"{}\\[\\]a\n\u{1F3B5}]{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::hash_map("[\\\\\"{}a]{0,4}", inner, 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn ends_where_a_parser_ends(
            members in prop::collection::hash_map("[\\\\\"{}a]{0,4}", json(), 0..4),
            space in "[ \t\r\n]{0,3}",
            pretty: bool,
            behind in prop::collection::vec(any::<u8>(), 0..40),
            cuts in prop::collection::vec(1usize..9, 1..200),
        ) {
            let object = serde_json::Value::Object(members.into_iter().collect());
            let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) }.unwrap();
            let mut bytes = space.into_bytes();
            bytes.extend_from_slice(text.as_bytes());
            bytes.extend_from_slice(&behind);

            let mut stream = serde_json::Deserializer::from_slice(&bytes).into_iter::<serde_json::Value>();
            prop_assert_eq!(&stream.next().unwrap().unwrap(), &object);
            let expected = stream.byte_offset();

            let mut boundary = Boundary::default();
            let (mut at, mut found) = (0, None);
            for cut in cuts.iter().cycle() {
                let end = bytes.len().min(at + cut);
                if let Some(n) = boundary.push(&bytes[at..end]).unwrap() {
                    found = Some(at + n);
                    break;
                }
                if end == bytes.len() { break }
                at = end;
            }
            prop_assert_eq!(found, Some(expected));
            prop_assert_eq!(boundary.push(b"}").unwrap(), Some(0));
        }
    }

    #[test]
    fn what_begins_no_object_is_refused_at_its_first_byte() {
        for bytes in [&b"[{}]"[..], b"\"{}\"", b"  null", b"\xef\xbb\xbf{}", b"}"] {
            assert!(
                matches!(Boundary::default().push(bytes), Err(OpenError::InvalidPayload(_))),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn an_object_without_end_is_refused_at_the_limit() {
        let mut boundary = Boundary::default();
        assert_eq!(boundary.push(b"{\"body\":\"").unwrap(), None);
        let piece = vec![b'{'; 1 << 20];
        for _ in 0..15 {
            assert_eq!(boundary.push(&piece).unwrap(), None);
        }
        let over = boundary.push(&piece);
        assert!(
            matches!(over, Err(OpenError::OverLimit { limit: limits::MAX_MESSAGE_JSON, .. })),
            "{over:?}"
        );
    }
}

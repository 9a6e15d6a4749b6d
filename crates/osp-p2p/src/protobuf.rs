//! As much of protocol buffers as Bitswap and Kademlia use: varints and length-delimited fields.
//!
//! ```text
//!  field   = tag value       tag = varint(number << 3 | wire type)
//!  value   = varint          wire type 0
//!          | 8 bytes         wire type 1 (skipped)
//!          | varint(n) n×u8  wire type 2
//!          | 4 bytes         wire type 5 (skipped)
//! ```

use bytes::{Buf as _, Bytes};

/// Why bytes are no protocol buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtobufError {
    /// The bytes end inside a field.
    #[error("a field ends early")]
    Truncated,
    /// A varint of more than ten bytes or 64 bits.
    #[error("a varint is over 64 bits")]
    Varint,
    /// A wire type that is not in use any more (groups), or never was, or a field number out of range.
    #[error("a field has an unknown wire type or number")]
    Tag,
    /// A known field has another wire type than it should.
    #[error("a field has the wrong wire type")]
    WireType,
}

/// The value of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Varint(u64),
    Bytes(Bytes),
    /// Of fixed width: none of our fields.
    Fixed,
}

impl Value {
    pub(crate) fn varint(self) -> Result<u64, ProtobufError> {
        match self {
            Self::Varint(value) => Ok(value),
            _ => Err(ProtobufError::WireType),
        }
    }

    pub(crate) fn bytes(self) -> Result<Bytes, ProtobufError> {
        match self {
            Self::Bytes(value) => Ok(value),
            _ => Err(ProtobufError::WireType),
        }
    }
}

/// Takes the next field off `rest`: its number and value. `None` at the end. Values share memory with `rest`.
pub(crate) fn next_field(rest: &mut Bytes) -> Result<Option<(u64, Value)>, ProtobufError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let tag = take_varint(rest)?;
    let number = tag >> 3;
    if number == 0 || number >= 1 << 29 {
        return Err(ProtobufError::Tag);
    }
    let value = match tag & 7 {
        0 => Value::Varint(take_varint(rest)?),
        1 => take(rest, 8).map(|_| Value::Fixed)?,
        2 => {
            let len = take_varint(rest)?;
            Value::Bytes(take(rest, usize::try_from(len).map_err(|_| ProtobufError::Truncated)?)?)
        }
        5 => take(rest, 4).map(|_| Value::Fixed)?,
        _ => return Err(ProtobufError::Tag),
    };
    Ok(Some((number, value)))
}

fn take(rest: &mut Bytes, len: usize) -> Result<Bytes, ProtobufError> {
    if rest.len() < len {
        return Err(ProtobufError::Truncated);
    }
    Ok(rest.split_to(len))
}

/// Takes a varint off `rest`.
pub(crate) fn take_varint(rest: &mut Bytes) -> Result<u64, ProtobufError> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        if rest.is_empty() {
            return Err(ProtobufError::Truncated);
        }
        let byte = rest.get_u8();
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return Err(ProtobufError::Varint);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(ProtobufError::Varint)
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes of a varint.
pub(crate) fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Writes a field of wire type 2.
pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_head(out, number, bytes.len());
    out.extend_from_slice(bytes);
}

/// Writes the tag and length of a field of wire type 2, whose `len` bytes the caller appends.
pub(crate) fn put_head(out: &mut Vec<u8>, number: u64, len: usize) {
    put_varint(out, number << 3 | 2);
    put_varint(out, len as u64);
}

/// Writes a field of wire type 0, unless it has the default value 0, which is not written.
pub(crate) fn put_uint(out: &mut Vec<u8>, number: u64, value: u64) {
    if value != 0 {
        put_varint(out, number << 3);
        put_varint(out, value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_varint_is_read_as_it_was_written(value: u64) {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            prop_assert_eq!(out.len(), varint_len(value));
            let mut rest = Bytes::from(out);
            prop_assert_eq!(take_varint(&mut rest), Ok(value));
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_fields_or_an_error(bytes: Vec<u8>) {
            let mut rest = Bytes::from(bytes);
            while let Ok(Some(_)) = next_field(&mut rest) {}
        }
    }

    #[test]
    fn a_varint_over_64_bits_is_refused() {
        let ten = |last: u8| Bytes::from([vec![0xff; 9], vec![last]].concat());
        assert_eq!(take_varint(&mut ten(1)), Ok(u64::MAX));
        assert_eq!(take_varint(&mut ten(2)), Err(ProtobufError::Varint));
        assert_eq!(take_varint(&mut Bytes::from(vec![0x80; 11])), Err(ProtobufError::Varint));
        assert_eq!(take_varint(&mut Bytes::from(vec![0x80; 3])), Err(ProtobufError::Truncated));
    }

    #[test]
    fn fields_of_other_kinds_are_passed_over() {
        // 9: fixed64, 10: fixed32, 11: varint, then a group, which ends the reading.
        let bytes =
            [&[9 << 3 | 1][..], &[0; 8], &[10 << 3 | 5], &[0; 4], &[11 << 3, 7], &[12 << 3 | 3]].concat();
        let mut rest = Bytes::from(bytes);
        assert_eq!(next_field(&mut rest), Ok(Some((9, Value::Fixed))));
        assert_eq!(next_field(&mut rest), Ok(Some((10, Value::Fixed))));
        assert_eq!(next_field(&mut rest), Ok(Some((11, Value::Varint(7)))));
        assert_eq!(next_field(&mut rest), Err(ProtobufError::Tag));
    }
}

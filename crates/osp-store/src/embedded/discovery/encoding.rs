//! Addresses in one column: each after its length in two bytes, big-endian.

use crate::providers::{MAX_ADDRESS_BYTES, MAX_ADDRESSES};

/// As many of the addresses as the bounds allow.
pub(super) fn encode(addresses: &[Vec<u8>]) -> Vec<u8> {
    let (mut out, mut bytes) = (Vec::new(), 0);
    for address in addresses.iter().take(MAX_ADDRESSES) {
        bytes += address.len();
        if bytes > MAX_ADDRESS_BYTES {
            break;
        }
        let Ok(len) = u16::try_from(address.len()) else { break };
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(address);
    }
    out
}

/// What was encoded; what a damaged file has instead ends it.
pub(super) fn decode(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    while let Some((len, rest)) = bytes.split_first_chunk::<2>() {
        let len = usize::from(u16::from_be_bytes(*len));
        let Some((address, rest)) = rest.split_at_checked(len) else { break };
        out.push(address.to_vec());
        bytes = rest;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_within_bounds_comes_back(addresses in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8)) {
            prop_assert_eq!(decode(&encode(&addresses)), addresses);
        }

        #[test]
        fn any_bytes_decode_to_something(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn what_is_over_a_bound_is_cut() {
        assert_eq!(decode(&encode(&vec![vec![1]; 20])).len(), MAX_ADDRESSES);
        assert_eq!(decode(&encode(&[vec![1; 300], vec![2; 300]])).len(), 1);
    }
}

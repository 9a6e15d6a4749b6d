//! The little of STUN (RFC 8489) that is needed beside ICE: telling messages apart, and asking a server for our address.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |0 0|     message type          |  length without this header   |
//! |                     magic cookie 0x2112A442                   |
//! |                     transaction id, 12 bytes                  |
//! +---------------------------------------------------------------+
//! |  attribute type               |  length      | value, padded to 4
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const USERNAME: u16 = 0x0006;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const HEADER: usize = 20;

/// Names a question and its answer.
pub(super) type Transaction = [u8; 12];

/// A question for our own address.
pub(super) fn binding_request(transaction: Transaction) -> [u8; HEADER] {
    let mut message = [0; HEADER];
    message[..2].copy_from_slice(&BINDING_REQUEST);
    message[4..8].copy_from_slice(&COOKIE);
    message[8..].copy_from_slice(&transaction);
    message
}

/// The answer to such a question: which, and the address that the server saw.
pub(super) fn binding_answer(datagram: &[u8]) -> Option<(Transaction, SocketAddr)> {
    let (header, attributes) = split(datagram, BINDING_SUCCESS)?;
    let transaction: Transaction = header[8..].try_into().ok()?;
    let value = attribute(attributes, XOR_MAPPED_ADDRESS)?;
    let port = u16::from_be_bytes([value.get(2)? ^ COOKIE[0], value.get(3)? ^ COOKIE[1]]);
    let mask = COOKIE.iter().chain(&transaction);
    let plain: Vec<u8> = value[4..].iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let address: IpAddr = match value.get(1)? {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(plain).ok()?).into(),
        2 => Ipv6Addr::from(<[u8; 16]>::try_from(plain).ok()?).into(),
        _ => return None,
    };
    Some((transaction, SocketAddr::new(address, port)))
}

/// The receiver's half of the user name in an ICE check: it names the connection that is meant.
pub(super) fn checked_user(datagram: &[u8]) -> Option<&str> {
    let (_, attributes) = split(datagram, BINDING_REQUEST)?;
    let name = std::str::from_utf8(attribute(attributes, USERNAME)?).ok()?;
    name.split_once(':').map(|(ours, _)| ours)
}

fn split(datagram: &[u8], kind: [u8; 2]) -> Option<(&[u8], &[u8])> {
    let (header, attributes) = datagram.split_at_checked(HEADER)?;
    (header[..2] == kind && header[4..8] == COOKIE).then_some((header, attributes))
}

fn attribute(mut rest: &[u8], wanted: u16) -> Option<&[u8]> {
    while let Some((head, after)) = rest.split_at_checked(4) {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = after.get(..length)?;
        if u16::from_be_bytes([head[0], head[1]]) == wanted {
            return Some(value);
        }
        rest = after.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 5769, section 2.2: the sample response over IPv4.
    const RESPONSE: [u8; 80] = [
        0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa,
        0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f,
        0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00,
        0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53,
        0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
    ];

    #[test]
    fn reads_the_sample_response_of_rfc_5769() {
        let (transaction, address) = binding_answer(&RESPONSE).unwrap();
        assert_eq!(transaction, RESPONSE[8..20]);
        assert_eq!(address, "192.0.2.1:32853".parse().unwrap());
    }

    #[test]
    fn a_cut_message_is_no_answer_and_no_panic() {
        for end in 0..48 {
            assert_eq!(binding_answer(&RESPONSE[..end]), None);
        }
    }

    #[test]
    fn reads_whom_a_check_is_for() {
        let mut check = binding_request([7; 12]).to_vec();
        assert_eq!(checked_user(&check), None);
        check.extend_from_slice(&[0x00, 0x06, 0x00, 0x09]);
        check.extend_from_slice(b"evtj:h6vY\0\0\0");
        assert_eq!(checked_user(&check), Some("evtj"));
        check[0] = 1;
        check[1] = 1;
        assert_eq!(checked_user(&check), None, "an answer names nobody");
    }
}

//! The announcement of BEP 14: an HTTP request by its looks, in one UDP datagram to a multicast group.
//!
//! ```text
//! BT-SEARCH * HTTP/1.1\r\n
//! Host: 239.192.152.143:6771\r\n
//! Port: 6881\r\n                                            where the announcer takes TCP connections
//! Infohash: 631a31dd0a46257d5078c0dee4e66e26f73e42ac\r\n    one line a torrent
//! cookie: 1f6c2a9b\r\n                                      to know one's own announcements by
//! \r\n
//! \r\n
//! ```

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use osp_swarm::InfoHash;
use std::net::SocketAddr;

/// Longest datagram, in bytes: what passes any network unbroken.
pub(super) const MAX_BYTES: usize = 1400;
/// Torrents in one announcement, by its length.
pub(super) const MAX_HASHES: usize = 20;

/// What an announcement says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Announcement<'a> {
    pub(super) port: u16,
    pub(super) infohashes: Vec<InfoHash>,
    pub(super) cookie: Option<&'a str>,
}

/// The bytes of an announcement of at most [`MAX_HASHES`] torrents.
pub(super) fn write(group: SocketAddr, port: u16, infohashes: &[InfoHash], cookie: &str) -> String {
    let mut text = format!("BT-SEARCH * HTTP/1.1\r\nHost: {group}\r\nPort: {port}\r\n");
    for infohash in infohashes.iter().take(MAX_HASHES) {
        text.push_str("Infohash: ");
        text.push_str(&HEXLOWER.encode(&infohash.0));
        text.push_str("\r\n");
    }
    text.push_str("cookie: ");
    text.push_str(cookie);
    text.push_str("\r\n\r\n\r\n");
    text
}

/// Reads an announcement; `None` if it is none, or names no port or torrent. Names of fields in any case, unknown ones
/// passed over, at most [`MAX_HASHES`] torrents taken.
pub(super) fn read(datagram: &[u8]) -> Option<Announcement<'_>> {
    let text = std::str::from_utf8(datagram.get(..datagram.len().min(MAX_BYTES))?).ok()?;
    let mut lines = text.split("\r\n");
    if lines.next()? != "BT-SEARCH * HTTP/1.1" {
        return None;
    }
    let (mut port, mut infohashes, mut cookie) = (None, Vec::new(), None);
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("port") {
            port = value.parse().ok().filter(|port| *port != 0);
        } else if name.eq_ignore_ascii_case("infohash") && infohashes.len() < MAX_HASHES {
            let bytes = HEXLOWER_PERMISSIVE.decode(value.as_bytes()).ok()?;
            infohashes.push(InfoHash(bytes.try_into().ok()?));
        } else if name.eq_ignore_ascii_case("cookie") {
            cookie = Some(value);
        }
    }
    (!infohashes.is_empty()).then_some(Announcement { port: port?, infohashes, cookie })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GROUP: ([u8; 4], u16) = ([239, 192, 152, 143], 6771);

    #[test]
    fn writes_what_bep_14_shows_and_reads_it_again() {
        let text = write(GROUP.into(), 6881, &[InfoHash([0xab; 20])], "1f6c");
        let hex = "ab".repeat(20);
        assert_eq!(
            text,
            format!(
                "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: {hex}\r\ncookie: 1f6c\r\n\r\n\r\n"
            )
        );
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(
            read,
            Announcement { port: 6881, infohashes: vec![InfoHash([0xab; 20])], cookie: Some("1f6c") }
        );
    }

    #[test]
    fn the_most_that_is_announced_fits_one_datagram() {
        let group = "[ff15::efc0:988f]:6771".parse().unwrap();
        let text = write(group, 65535, &[InfoHash([1; 20]); 500], &"c".repeat(16));
        assert!(text.len() <= MAX_BYTES, "{}", text.len());
        assert_eq!(read(text.as_bytes()).unwrap().infohashes.len(), MAX_HASHES);
    }

    #[test]
    fn reads_other_clients_case_and_fields() {
        let text = "BT-SEARCH * HTTP/1.1\r\nHOST: 239.192.152.143:6771\r\nPORT: 51413\r\nINFOHASH: \
                    ABABABABABABABABABABABABABABABABABABABAB\r\nX-Name: y\r\n\r\n\r\n";
        let read = read(text.as_bytes()).unwrap();
        assert_eq!((read.port, read.infohashes, read.cookie), (51413, vec![InfoHash([0xab; 20])], None));
    }

    #[test]
    fn refuses_what_is_none() {
        let hash = "ab".repeat(20);
        for bad in [
            String::new(),
            "GET / HTTP/1.1\r\n\r\n".to_owned(),
            format!("BT-SEARCH * HTTP/1.1\r\nInfohash: {hash}\r\n\r\n"),
            format!("BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: {hash}\r\n\r\n"),
            format!("BT-SEARCH * HTTP/1.1\r\nPort: 70000\r\nInfohash: {hash}\r\n\r\n"),
            "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n".to_owned(),
            "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: abcd\r\n\r\n".to_owned(),
        ] {
            assert_eq!(read(bad.as_bytes()), None, "{bad}");
        }
    }
}

//! Which of our addresses are offered, and which of a stranger's are called.

use super::{demux, socket::Socket, stun};
use osp_fetch::address::special;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use str0m::Candidate;
use tokio::sync::mpsc;

/// Addresses of ours in an offer, and of theirs that are tried, at most.
const MAX_CANDIDATES: usize = 16;
/// Longest description that is read, in bytes; real ones have one to four thousand.
pub(super) const MAX_SDP_BYTES: usize = 32 * 1024;
/// How long a STUN server is waited for.
const STUN_PATIENCE: Duration = Duration::from_millis(900);
/// When a question to it is repeated.
const STUN_REPEAT: Duration = Duration::from_millis(300);

/// The addresses at which this socket is reached from the machine's own networks. Private ones too: two peers in one
/// house need them. Loopback only where private addresses may be called.
pub(super) fn local(socket: &Socket, allow_private: bool) -> io::Result<Vec<SocketAddr>> {
    let bound = socket.local_addr();
    let addresses: Vec<IpAddr> = if bound.ip().is_unspecified() {
        if_addrs::get_if_addrs()?.into_iter().map(|interface| interface.ip()).collect()
    } else {
        vec![bound.ip()]
    };
    let mut usable: Vec<IpAddr> = addresses
        .into_iter()
        .filter(|ip| socket.speaks(*ip) && !link_local(*ip) && (allow_private || !ip.is_loopback()))
        .collect();
    // Loopback last: the order decides the candidates' priority.
    usable.sort_by_key(IpAddr::is_loopback);
    usable.truncate(MAX_CANDIDATES);
    if usable.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "this machine has no network address that a peer could call",
        ));
    }
    Ok(usable.into_iter().map(|ip| SocketAddr::new(ip, bound.port())).collect())
}

/// Needs a zone to be used, which an SDP cannot carry.
fn link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// The candidates to put into a description: `hosts`, and `mapped` addresses as server reflexive ones.
pub(super) fn ours(hosts: &[SocketAddr], mapped: impl IntoIterator<Item = SocketAddr>) -> Vec<Candidate> {
    let reflexive = mapped.into_iter().filter(|address| !hosts.contains(address)).filter_map(|address| {
        let base =
            hosts.iter().find(|host| host.is_ipv4() == address.is_ipv4() && !host.ip().is_loopback())?;
        Candidate::server_reflexive(address, *base, "udp").ok()
    });
    let hosts = hosts.iter().filter_map(|host| Candidate::host(*host, "udp").ok());
    hosts.chain(reflexive).take(MAX_CANDIDATES).collect()
}

/// A stranger's description without its candidates, and those of them that may be called: UDP, with an address instead
/// of an mDNS name, and not private or special unless that is allowed. Whoever is left out can still call us.
pub(super) fn theirs(sdp: &str, allow_private: bool) -> io::Result<(String, Vec<Candidate>)> {
    if sdp.len() > MAX_SDP_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the peer's session description is too long"));
    }
    let mut rest = String::with_capacity(sdp.len());
    let mut candidates = Vec::new();
    for line in sdp.lines() {
        if let Some(attribute) =
            line.strip_prefix("a=").filter(|attribute| attribute.starts_with("candidate:"))
        {
            if candidates.len() < MAX_CANDIDATES && callable(attribute, allow_private) {
                candidates.extend(Candidate::from_sdp_string(attribute).ok());
            }
        } else {
            rest.push_str(line);
            rest.push_str("\r\n");
        }
    }
    Ok((rest, candidates))
}

/// `candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ KIND …` (RFC 8839, section 5.1).
fn callable(attribute: &str, allow_private: bool) -> bool {
    let mut fields = attribute.split(' ').skip(1);
    let (component, transport) = (fields.next(), fields.next());
    let address: Option<IpAddr> = fields.nth(1).and_then(|field| field.parse().ok());
    let port: Option<u16> = fields.next().and_then(|field| field.parse().ok());
    component == Some("1")
        && transport.is_some_and(|transport| transport.eq_ignore_ascii_case("udp"))
        && port.is_some_and(|port| port != 0)
        && address.is_some_and(|address| !unusable(address) && (allow_private || special(address).is_none()))
}

/// What is no host's address, allowed or not.
fn unusable(address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_unspecified()
        || address.is_multicast()
        || link_local(address)
        || address == IpAddr::from([255; 4])
}

/// How answers of STUN servers come. No closure: the compiler cannot tell of a future around an async one that it may
/// move to another thread.
pub(super) enum Answers<'a> {
    /// Over a socket where nothing else comes yet.
    Socket(&'a Socket, Vec<u8>),
    /// Sorted out of all that comes.
    Sorted(mpsc::Receiver<SocketAddr>, stun::Transaction),
}

impl Answers<'_> {
    /// The next answer; `None` when no more come.
    async fn next(&mut self) -> Option<(stun::Transaction, SocketAddr)> {
        match self {
            Self::Socket(socket, buffer) => loop {
                if let Some(answer) = demux::next_answer(socket, buffer).await.ok()? {
                    return Some(answer);
                }
            },
            Self::Sorted(answers, transaction) => answers.recv().await.map(|address| (*transaction, address)),
        }
    }
}

/// Asks STUN servers for the address behind which `socket` is seen; the first answer of each family counts.
pub(super) async fn ask_stun(
    socket: &Socket,
    servers: &[String],
    transaction: stun::Transaction,
    mut answers: Answers<'_>,
) -> Vec<SocketAddr> {
    let mut seen: Vec<SocketAddr> = Vec::new();
    if servers.is_empty() {
        return seen;
    }
    let asking = async {
        let mut targets: Vec<SocketAddr> = Vec::new();
        for server in servers {
            if let Ok(found) = tokio::net::lookup_host(server).await {
                targets.extend(found.filter(|target| socket.speaks(target.ip())).take(2));
            }
        }
        loop {
            for target in &targets {
                let _ = socket.send_to(&stun::binding_request(transaction), *target).await;
            }
            tokio::time::sleep(STUN_REPEAT).await;
        }
    };
    let hearing = async {
        while let Some((answered, address)) = answers.next().await {
            let another = seen.iter().all(|known| known.is_ipv4() != address.is_ipv4());
            if answered == transaction && another && !unusable(address.ip()) {
                seen.push(address);
                if address.is_ipv4() {
                    return;
                }
            }
        }
    };
    tokio::select! {
        () = asking => {}
        () = hearing => {}
        () = tokio::time::sleep(STUN_PATIENCE) => {}
    }
    seen
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SDP: &str = "v=0\r\n\
        a=candidate:1 1 udp 2113937151 1c8a8f3e-93c2-4a34-9a0c-7b1c0b6e3d5a.local 51000 typ host generation 0\r\n\
        a=candidate:2 1 tcp 1518280447 93.184.216.34 9 typ host tcptype active\r\n\
        a=candidate:3 1 udp 1677729535 93.184.216.34 51000 typ srflx raddr 0.0.0.0 rport 0\r\n\
        a=candidate:4 1 UDP 2113937151 192.168.1.7 51000 typ host\r\n\
        a=candidate:5 1 udp 2113937151 0.0.0.0 51000 typ host\r\n\
        a=candidate:6 2 udp 2113937151 93.184.216.34 51001 typ host\r\n\
        a=candidate:7 1 udp 2113937151 93.184.216.34 0 typ host\r\n\
        a=candidate:8 nonsense\r\n\
        a=end-of-candidates\r\n";

    fn addresses(allow_private: bool) -> Vec<String> {
        theirs(SDP, allow_private).unwrap().1.iter().map(|candidate| candidate.addr().to_string()).collect()
    }

    #[test]
    fn calls_public_udp_addresses_only() {
        assert_eq!(addresses(false), ["93.184.216.34:51000"]);
        assert_eq!(theirs(SDP, false).unwrap().0, "v=0\r\na=end-of-candidates\r\n");
    }

    #[test]
    fn private_ones_where_allowed() {
        assert_eq!(addresses(true), ["93.184.216.34:51000", "192.168.1.7:51000"]);
    }

    #[test]
    fn a_flood_of_candidates_is_cut() {
        let flood = "a=candidate:3 1 udp 1677729535 93.184.216.34 51000 typ host\r\n".repeat(200);
        assert_eq!(theirs(&flood, false).unwrap().1.len(), MAX_CANDIDATES);
        assert!(theirs(&"x".repeat(MAX_SDP_BYTES + 1), false).is_err());
    }

    #[tokio::test]
    async fn offers_loopback_only_where_private_addresses_may_be_called() {
        let socket = Socket::bind(None).unwrap();
        if let Ok(addresses) = local(&socket, false) {
            assert!(addresses.iter().all(|address| !address.ip().is_loopback()));
        }
        assert!(local(&socket, true).unwrap().iter().any(|address| address.ip().is_loopback()));
    }
}

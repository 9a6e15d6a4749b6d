//! A UDP socket that says at which of this machine's addresses a datagram arrived, and moves many at once.
//!
//! ICE tells paths apart by the local address too, and a socket on all addresses does not show it; `quinn-udp` asks the
//! system for it (`IP_PKTINFO`). It also sends and receives runs of datagrams in one call (GSO, GRO), without which
//! the calls cost more than the encryption.

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::{io::Interest, net::UdpSocket};

/// Bytes that one receive takes: a full run of datagrams.
pub(super) const RECEIVE_BYTES: usize = 64 * 1024;
/// Bytes of a run that is sent, at most; the system takes no more than 64 KiB with headers.
const RUN_BYTES: usize = 60_000;
/// Asked of the system for each direction, in bytes; it gives what its limits allow.
const SOCKET_BUFFER: usize = 2 * 1024 * 1024;

/// The socket.
pub(super) struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
}

/// What one receive brought: one or more datagrams of `stride` bytes (the last may be shorter) from one source.
pub(super) struct Arrival {
    /// Who sent them.
    pub(super) source: SocketAddr,
    /// The address they were sent to, if the system says.
    pub(super) destination: Option<IpAddr>,
    /// Bytes in all.
    pub(super) len: usize,
    /// Bytes of one.
    pub(super) stride: usize,
}

/// Datagrams of one size to one destination; the last may be shorter.
pub(super) struct Run {
    destination: SocketAddr,
    source: IpAddr,
    segment: usize,
    data: Vec<u8>,
    /// A shorter one came: nothing may follow.
    closed: bool,
}

impl Socket {
    /// Binds; `None` takes any port of all addresses, of both families where the system can.
    pub(super) fn bind(address: Option<SocketAddr>) -> io::Result<Self> {
        match address {
            Some(address) => Self::open(address),
            None => Self::open((Ipv6Addr::UNSPECIFIED, 0).into())
                .or_else(|_| Self::open((Ipv4Addr::UNSPECIFIED, 0).into())),
        }
    }

    fn open(address: SocketAddr) -> io::Result<Self> {
        let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::DGRAM, None)?;
        if address.is_ipv6() {
            socket.set_only_v6(!address.ip().is_unspecified())?;
        }
        socket.bind(&address.into())?;
        socket.set_nonblocking(true)?;
        let io = UdpSocket::from_std(socket.into())?;
        let state = UdpSocketState::new((&io).into())?;
        // Small buffers work, only slower.
        let _ = state.set_recv_buffer_size((&io).into(), SOCKET_BUFFER);
        let _ = state.set_send_buffer_size((&io).into(), SOCKET_BUFFER);
        let local = io.local_addr()?;
        Ok(Self { io, state, local })
    }

    /// Where it is bound.
    pub(super) fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Whether datagrams to and from an address of this family can pass.
    pub(super) fn speaks(&self, address: IpAddr) -> bool {
        match (self.local, address) {
            (SocketAddr::V4(_), IpAddr::V4(_)) | (SocketAddr::V6(_), IpAddr::V6(_)) => true,
            (SocketAddr::V6(local), IpAddr::V4(_)) => local.ip().is_unspecified(),
            (SocketAddr::V4(_), IpAddr::V6(_)) => false,
        }
    }

    /// The next datagrams. Cancel safe.
    pub(super) async fn receive(&self, buffer: &mut [u8]) -> io::Result<Arrival> {
        self.io.async_io(Interest::READABLE, || self.receive_now(buffer)).await
    }

    /// The next datagrams, if some are there already.
    pub(super) fn try_receive(&self, buffer: &mut [u8]) -> io::Result<Arrival> {
        self.io.try_io(Interest::READABLE, || self.receive_now(buffer))
    }

    fn receive_now(&self, buffer: &mut [u8]) -> io::Result<Arrival> {
        let mut meta = [RecvMeta::default()];
        self.state.recv((&self.io).into(), &mut [IoSliceMut::new(buffer)], &mut meta)?;
        let [meta] = meta;
        Ok(Arrival {
            source: canonical(meta.addr),
            destination: meta.dst_ip.map(|ip| ip.to_canonical()),
            len: meta.len,
            stride: meta.stride.max(1),
        })
    }

    /// Sends a run. An error is a loss like any other on the way, and for the layers above to notice.
    pub(super) async fn send(&self, run: &Run) {
        let most = self.state.max_gso_segments().max(1) * run.segment.max(1);
        for part in run.data.chunks(most) {
            let transmit = Transmit {
                destination: self.written(run.destination),
                ecn: None,
                contents: part,
                segment_size: (part.len() > run.segment).then_some(run.segment),
                src_ip: self.local.ip().is_unspecified().then(|| self.written((run.source, 0).into()).ip()),
            };
            let _ = self
                .io
                .async_io(Interest::WRITABLE, || self.state.try_send((&self.io).into(), &transmit))
                .await;
        }
    }

    /// Sends one datagram from any address.
    pub(super) async fn send_to(&self, data: &[u8], destination: SocketAddr) -> io::Result<()> {
        self.io.send_to(data, self.written(destination)).await.map(drop)
    }

    /// The form that this socket's family wants: IPv4 addresses inside IPv6 ones.
    fn written(&self, address: SocketAddr) -> SocketAddr {
        match address {
            SocketAddr::V4(v4) if self.local.is_ipv6() => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
            other => other,
        }
    }
}

impl Run {
    /// A run that begins with this datagram.
    pub(super) fn new(source: IpAddr, destination: SocketAddr, datagram: &[u8]) -> Self {
        Self { destination, source, segment: datagram.len(), data: datagram.to_vec(), closed: false }
    }

    /// Adds a datagram, if it may follow.
    pub(super) fn add(&mut self, source: IpAddr, destination: SocketAddr, datagram: &[u8]) -> bool {
        let fits = !self.closed
            && (source, destination) == (self.source, self.destination)
            && datagram.len() <= self.segment
            && self.data.len() + datagram.len() <= RUN_BYTES;
        if fits {
            self.closed = datagram.len() < self.segment;
            self.data.extend_from_slice(datagram);
        }
        fits
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_run_arrives_as_its_datagrams_with_both_addresses() {
        let receiver = Socket::bind(None).unwrap();
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, receiver.local_addr().port()));
        let sender = Socket::bind(Some((Ipv4Addr::LOCALHOST, 0).into())).unwrap();
        let mut run = Run::new(Ipv4Addr::LOCALHOST.into(), to, &[1; 1000]);
        assert!(run.add(Ipv4Addr::LOCALHOST.into(), to, &[2; 1000]));
        assert!(!run.add(Ipv4Addr::LOCALHOST.into(), to, &[2; 1001]), "longer than the first");
        assert!(run.add(Ipv4Addr::LOCALHOST.into(), to, &[3; 10]));
        assert!(!run.add(Ipv4Addr::LOCALHOST.into(), to, &[4; 10]), "after a shorter one");
        sender.send(&run).await;
        let (mut buffer, mut got) = (vec![0; RECEIVE_BYTES], Vec::new());
        while got.len() < 3 {
            let arrival = receiver.receive(&mut buffer).await.unwrap();
            assert_eq!(arrival.source, sender.local_addr());
            if let Some(destination) = arrival.destination {
                assert_eq!(destination, to.ip());
            }
            got.extend(buffer[..arrival.len].chunks(arrival.stride).map(|part| (part[0], part.len())));
        }
        assert_eq!(got, [(1, 1000), (2, 1000), (3, 10)]);
    }
}

//! One announce over UDP: connect, then announce, each sent a few times.

use super::polled::{AnnounceError, Job, Outcome};
use osp_fetch::Fetcher;
use osp_tracker::{
    http::AnnounceQuery,
    udp::{Announce, MAX_PACKET_BYTES, Reply, Request, TRIES, TransactionId, patience},
};
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::{net::UdpSocket, time::timeout};

/// Announces, and waits for the answer. `random` gives transaction ids.
pub(super) async fn announce(
    fetcher: &Fetcher,
    job: &Job,
    query: &AnnounceQuery,
    mut random: impl FnMut() -> u64,
) -> Result<Outcome, AnnounceError> {
    let port = job.url.port().unwrap_or(80);
    let addresses = fetcher.addresses(job.url.host_str().unwrap_or_default(), port, job.trust).await?;
    // IPv4 first: most trackers answer each family with its own peers, and most peers have IPv4.
    let address = addresses.iter().find(|a| a.is_ipv4()).or(addresses.first());
    let mut exchange = Exchange::new(*address.ok_or(AnnounceError::Silent)?).await?;
    let transaction = TransactionId(random() as u32);
    let Reply::Connected(_, connection) = exchange.ask(&Request::Connect(transaction)).await? else {
        return Err(AnnounceError::Nonsense);
    };
    let announce = Announce {
        infohash: query.infohash,
        peer_id: query.peer_id,
        downloaded: query.downloaded,
        left: query.left.unwrap_or(u64::MAX),
        uploaded: query.uploaded,
        event: query.event,
        key: query.key.map_or(0, |key| key.0 as u32),
        want: query.want,
        port: query.port,
    };
    let transaction = TransactionId(random() as u32);
    match exchange.ask(&Request::Announce(connection, transaction, announce)).await? {
        Reply::Announced { interval, peers, .. } => Ok(Outcome { interval, addresses: peers }),
        _ => Err(AnnounceError::Nonsense),
    }
}

struct Exchange {
    socket: UdpSocket,
    ipv6: bool,
    buffer: Box<[u8]>,
}

impl Exchange {
    /// A socket that takes packets from `tracker` only.
    async fn new(tracker: SocketAddr) -> io::Result<Self> {
        let any: SocketAddr = match tracker {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(tracker).await?;
        Ok(Self { socket, ipv6: tracker.is_ipv6(), buffer: vec![0; MAX_PACKET_BYTES].into() })
    }

    async fn ask(&mut self, request: &Request) -> Result<Reply, AnnounceError> {
        let packet = request.to_bytes();
        let (Request::Connect(transaction)
        | Request::Announce(_, transaction, _)
        | Request::Scrape(_, transaction, _)) = request;
        for n in 0..TRIES {
            self.socket.send(&packet).await?;
            match timeout(patience(n), self.answer(*transaction)).await {
                Ok(Ok(Reply::Failure(_, reason))) => return Err(AnnounceError::Refused(reason)),
                Ok(answer) => return answer,
                Err(_) => {}
            }
        }
        Err(AnnounceError::Silent)
    }

    /// The next packet that belongs to this exchange; others are dropped.
    async fn answer(&mut self, transaction: TransactionId) -> Result<Reply, AnnounceError> {
        loop {
            let len = self.socket.recv(&mut self.buffer).await?;
            match Reply::parse(&self.buffer[..len], self.ipv6) {
                Ok(reply) if reply.transaction() == transaction => return Ok(reply),
                _ => {}
            }
        }
    }
}

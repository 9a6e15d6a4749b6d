//! A libp2p peer that speaks Bitswap byte by byte, as badly as a test wants.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub, missing_docs)]

use futures_util::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol, Swarm, Transport as _,
    core::{Endpoint, transport::PortUse, upgrade},
    identity::Keypair,
    noise,
    swarm::{
        ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
        NetworkBehaviour, SubstreamProtocol, SwarmEvent, THandler, THandlerInEvent, THandlerOutEvent,
        ToSwarm,
        handler::{ConnectionEvent, FullyNegotiatedInbound, FullyNegotiatedOutbound},
    },
    tcp, yamux,
};
use osp_p2p::bitswap::wire::{Message, Version};
use std::{
    convert::Infallible,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{mpsc, watch};

/// How long tests wait before they fail.
const PATIENCE: Duration = Duration::from_secs(60);
const PROTOCOL: StreamProtocol = StreamProtocol::new("/ipfs/bitswap/1.2.0");

/// One connection to a host.
pub struct RawPeer {
    keypair: Keypair,
    open: mpsc::UnboundedSender<()>,
    outbound: mpsc::UnboundedReceiver<Stream>,
    inbound: mpsc::UnboundedReceiver<Stream>,
    writing: Option<Stream>,
    reading: Option<Stream>,
    kept: Vec<Stream>,
    connected: watch::Receiver<bool>,
}

pub fn varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

impl RawPeer {
    pub async fn connect(to: &Multiaddr) -> Self {
        Self::with_identity(Keypair::generate_ed25519(), to).await
    }

    /// The same peer on a new connection.
    pub async fn reconnect(self, to: &Multiaddr) -> Self {
        Self::with_identity(self.keypair, to).await
    }

    async fn with_identity(keypair: Keypair, to: &Multiaddr) -> Self {
        let transport = tcp::tokio::Transport::default()
            .upgrade(upgrade::Version::V1Lazy)
            .authenticate(noise::Config::new(&keypair).unwrap())
            .multiplex(yamux::Config::default())
            .boxed();
        let (open, wishes) = mpsc::unbounded_channel();
        let (outbound_in, outbound) = mpsc::unbounded_channel();
        let (inbound_in, inbound) = mpsc::unbounded_channel();
        let behaviour = Raw { parts: Some((wishes, outbound_in, inbound_in)) };
        let config = libp2p::swarm::Config::with_tokio_executor()
            .with_idle_connection_timeout(Duration::from_secs(60));
        let mut swarm = Swarm::new(transport, behaviour, keypair.public().to_peer_id(), config);
        swarm.dial(to.clone()).unwrap();
        let (connection, connected) = watch::channel(true);
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let mut ready = Some(ready);
            loop {
                match swarm.select_next_some().await {
                    SwarmEvent::ConnectionEstablished { .. } => {
                        ready.take().map(|ready| ready.send(()));
                    }
                    SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. } => {
                        let _ = connection.send(false);
                        return;
                    }
                    _ => {}
                }
            }
        });
        let _ = is_ready.await;
        Self { keypair, open, outbound, inbound, writing: None, reading: None, kept: Vec::new(), connected }
    }

    pub fn id(&self) -> PeerId {
        self.keypair.public().to_peer_id()
    }

    async fn new_stream(&mut self) -> Option<Stream> {
        self.open.send(()).ok()?;
        tokio::time::timeout(Duration::from_secs(5), self.outbound.recv()).await.ok()?
    }

    /// Writes bytes as they are.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        if self.writing.is_none() {
            self.writing = self.new_stream().await;
        }
        let stream = self.writing.as_mut().unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.flush().await.unwrap();
    }

    pub async fn send(&mut self, message: &Message) {
        let body = message.encode(Version::V1_2);
        self.send_bytes([varint(body.len()), body].concat()).await;
    }

    /// The next message that the host sends; `None` if none comes in time.
    pub async fn receive(&mut self) -> Option<Message> {
        let read = async {
            loop {
                if self.reading.is_none() {
                    self.reading = Some(self.inbound.recv().await?);
                }
                let stream = self.reading.as_mut()?;
                let mut length = 0;
                let mut shift = 0;
                let ended = loop {
                    let mut byte = [0];
                    if stream.read(&mut byte).await.ok()? == 0 {
                        break true;
                    }
                    length |= usize::from(byte[0] & 0x7f) << shift;
                    shift += 7;
                    if byte[0] & 0x80 == 0 {
                        break false;
                    }
                };
                if ended {
                    self.reading = None;
                    continue;
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).await.ok()?;
                return Message::decode(body.into()).ok();
            }
        };
        tokio::time::timeout(PATIENCE, read).await.ok().flatten()
    }

    /// Opens streams and writes the same on each, as long as the host lets it.
    pub async fn open_streams(&mut self, count: usize, bytes: &[u8]) {
        for _ in 0..count {
            let Some(mut stream) = self.new_stream().await else { return };
            if stream.write_all(bytes).await.is_ok() && stream.flush().await.is_ok() {
                self.kept.push(stream);
            }
        }
    }

    /// Whether the host closes the connection before long.
    pub async fn is_dropped(&mut self) -> bool {
        tokio::time::timeout(PATIENCE, self.connected.wait_for(|connected| !connected)).await.is_ok()
    }
}

type Parts = (mpsc::UnboundedReceiver<()>, mpsc::UnboundedSender<Stream>, mpsc::UnboundedSender<Stream>);

/// Hands its one connection's streams to the test.
struct Raw {
    parts: Option<Parts>,
}

impl NetworkBehaviour for Raw {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Err(ConnectionDenied::new(std::io::Error::other("it only dials")))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let (wishes, outbound, inbound) = self.parts.take().unwrap();
        Ok(Handler { wishes, outbound, inbound })
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

struct Handler {
    wishes: mpsc::UnboundedReceiver<()>,
    outbound: mpsc::UnboundedSender<Stream>,
    inbound: mpsc::UnboundedSender<Stream>,
}

type Plain = upgrade::ReadyUpgrade<StreamProtocol>;

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = Infallible;
    type InboundProtocol = Plain;
    type OutboundProtocol = Plain;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Plain> {
        SubstreamProtocol::new(Plain::new(PROTOCOL), ())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionHandlerEvent<Plain, (), Infallible>> {
        match self.wishes.poll_recv(cx) {
            Poll::Ready(Some(())) => Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(Plain::new(PROTOCOL), ()),
            }),
            _ => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Plain, Plain>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, .. }) => {
                let _ = self.inbound.send(protocol);
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, .. }) => {
                let _ = self.outbound.send(protocol);
            }
            _ => {}
        }
    }
}

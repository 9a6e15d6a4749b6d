//! A peer that writes whatever bytes it likes on a stream of `/osp/kad/0.1.0`: libp2p with nothing but that.

use bytes::Bytes;
use futures_util::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol, Swarm, SwarmBuilder,
    core::{Endpoint, transport::PortUse, upgrade::ReadyUpgrade},
    swarm::{
        ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
        NetworkBehaviour, SubstreamProtocol, SwarmEvent, THandler, THandlerInEvent, THandlerOutEvent,
        ToSwarm,
        dial_opts::DialOpts,
        handler::{ConnectionEvent, FullyNegotiatedOutbound},
    },
};
use osp_p2p::kad::{Kind, Message, Peer};
use std::{
    convert::Infallible,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// A swarm that opens one stream on each connection it makes.
pub struct Raw {
    pub peer: PeerId,
    dial: mpsc::UnboundedSender<Multiaddr>,
    streams: mpsc::UnboundedReceiver<Stream>,
}

impl Raw {
    pub fn new(seed: u8, protocol: &'static str) -> Self {
        let keypair = libp2p::identity::Keypair::ed25519_from_bytes([seed; 32]).unwrap();
        let (to, streams) = mpsc::unbounded_channel();
        let mut swarm: Swarm<Opener> = SwarmBuilder::with_existing_identity(keypair)
            .with_tokio()
            .with_quic()
            .with_behaviour(|_| Opener { to, protocol: StreamProtocol::new(protocol) })
            .unwrap()
            .build();
        let peer = *swarm.local_peer_id();
        let (dial, mut dials) = mpsc::unbounded_channel::<Multiaddr>();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    event = swarm.select_next_some() => if let SwarmEvent::OutgoingConnectionError { error, .. } = event {
                        panic!("{error}");
                    },
                    dial = dials.recv() => match dial {
                        Some(address) => {
                            // One connection at a time: a host allows a peer only a few.
                            for peer in swarm.connected_peers().copied().collect::<Vec<_>>() {
                                let _ = swarm.disconnect_peer_id(peer);
                            }
                            let opts = DialOpts::unknown_peer_id().address(address).build();
                            swarm.dial(opts).unwrap();
                        }
                        None => return,
                    },
                }
            }
        });
        Self { peer, dial, streams }
    }

    pub async fn open(&mut self, address: Multiaddr) -> Stream {
        self.dial.send(address).unwrap();
        self.streams.recv().await.unwrap()
    }
}

/// A frame: length and bytes.
pub fn frame(body: &[u8]) -> Vec<u8> {
    let (mut out, mut len) = (Vec::new(), body.len());
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend_from_slice(body);
    out
}

/// ADD_PROVIDER in the name of `peer`.
pub fn announcement(key: &[u8], peer: PeerId, address: &str) -> Vec<u8> {
    let mut message = Message::new(Kind::AddProvider, Bytes::copy_from_slice(key));
    message.providers.push(Peer {
        id: peer.to_bytes().into(),
        addresses: vec![address.parse::<Multiaddr>().unwrap().to_vec().into()],
        ..Peer::default()
    });
    frame(&message.encode())
}

/// Writes, ends its side, and reads to the end. An error if the stream was reset.
pub async fn exchange(stream: Stream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    exchange_within(Duration::from_secs(60), stream, bytes).await
}

/// The same, for what may never be answered: libp2p-kad leaves a question open that it has no answer to.
pub async fn exchange_within(
    patience: Duration,
    mut stream: Stream,
    bytes: &[u8],
) -> std::io::Result<Vec<u8>> {
    stream.write_all(bytes).await?;
    stream.close().await?;
    let mut answer = Vec::new();
    match timeout(patience, stream.read_to_end(&mut answer)).await {
        Ok(read) => read.map(|_| answer),
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

struct Opener {
    to: mpsc::UnboundedSender<Stream>,
    protocol: StreamProtocol,
}

impl NetworkBehaviour for Opener {
    type ConnectionHandler = OneStream;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(OneStream { to: self.to.clone(), protocol: None })
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(OneStream { to: self.to.clone(), protocol: Some(self.protocol.clone()) })
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

struct OneStream {
    to: mpsc::UnboundedSender<Stream>,
    protocol: Option<StreamProtocol>,
}

impl ConnectionHandler for OneStream {
    type FromBehaviour = Infallible;
    type ToBehaviour = Infallible;
    type InboundProtocol = libp2p::core::upgrade::DeniedUpgrade;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(libp2p::core::upgrade::DeniedUpgrade, ())
    }

    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, (), Infallible>> {
        match self.protocol.take() {
            Some(protocol) => Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(ReadyUpgrade::new(protocol), ()),
            }),
            None => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<'_, Self::InboundProtocol, Self::OutboundProtocol>,
    ) {
        if let ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, .. }) = event {
            let _ = self.to.send(protocol);
        }
    }
}

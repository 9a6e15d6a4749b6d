//! Peers by script, at the level of messages.

use super::File;
use bytes::Bytes;
use osp_swarm::{
    Block, InfoHash, PeerId,
    wire::{Decoder, Handshake, Message, handshake::HANDSHAKE_BYTES},
};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A connection that speaks messages.
pub struct Scripted {
    pub socket: TcpStream,
    decoder: Decoder,
}

impl Scripted {
    /// Calls, says who it is, and reads who answers.
    pub async fn call(address: SocketAddr, infohash: InfoHash, id: u8) -> std::io::Result<Self> {
        let mut socket = TcpStream::connect(address).await?;
        let ours = Handshake { reserved: [0; 8], infohash, peer_id: PeerId([id; 20]) };
        socket.write_all(&ours.encode()).await?;
        Self::over(socket).await
    }

    /// Reads who answers, on a connection that has called.
    pub async fn over(mut socket: TcpStream) -> std::io::Result<Self> {
        let mut theirs = [0; HANDSHAKE_BYTES];
        socket.read_exact(&mut theirs).await?;
        assert!(Handshake::parse(&theirs).is_some());
        Ok(Self { socket, decoder: Decoder::new() })
    }

    /// Takes a call.
    pub async fn answer(mut socket: TcpStream, id: u8) -> std::io::Result<Self> {
        let mut theirs = [0; HANDSHAKE_BYTES];
        socket.read_exact(&mut theirs).await?;
        let infohash = Handshake::parse(&theirs).unwrap().infohash;
        let ours = Handshake { reserved: [0; 8], infohash, peer_id: PeerId([id; 20]) };
        socket.write_all(&ours.encode()).await?;
        Ok(Self { socket, decoder: Decoder::new() })
    }

    pub async fn say(&mut self, messages: &[Message]) -> std::io::Result<()> {
        let mut out = Vec::new();
        messages.iter().for_each(|message| message.encode(&mut out));
        self.socket.write_all(&out).await
    }

    /// The next message; `None` when the other side has hung up.
    pub async fn hear(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.decoder.next().unwrap() {
                return Some(message);
            }
            let mut buffer = vec![0; 65_536];
            let n = self.socket.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
            buffer.truncate(n);
            self.decoder.push(Bytes::from(buffer));
        }
    }
}

/// A seed whose answers `give` makes up; it hangs up where that gives nothing.
pub async fn false_seed(
    file: &File,
    id: u8,
    give: impl Fn(Block, Bytes) -> Option<Bytes> + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let file = file.clone();
    let task = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut peer) = Scripted::answer(socket, id).await else { continue };
            let all = osp_swarm::Bitfield::all(file.geometry().pieces());
            let hello = [Message::Bitfield(Bytes::copy_from_slice(all.as_bytes())), Message::Unchoke];
            if peer.say(&hello).await.is_err() {
                continue;
            }
            while let Some(message) = peer.hear().await {
                let Message::Request(block) = message else { continue };
                let range = file.geometry().block_range(block).unwrap();
                let data = file.bytes.slice(range.start as usize..range.end as usize);
                let Some(data) = give(block, data) else { break };
                let piece = Message::Piece { piece: block.piece, begin: block.begin, data };
                if peer.say(&[piece]).await.is_err() {
                    break;
                }
            }
        }
    });
    (address, task)
}

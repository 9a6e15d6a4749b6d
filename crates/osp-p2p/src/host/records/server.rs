//! Answering.

use super::{ANSWER_TIME, MAX_ANSWER, MAX_AT_ONCE, MAX_OF_PEER, MAX_REQUEST, MESSAGE_TIME, RecordsServer};
use crate::host::streams::{
    Incoming,
    framing::{read_frame, write_frame},
};
use futures_util::AsyncWriteExt as _;
use libp2p::{PeerId, Stream};
use std::{collections::HashMap, sync::Arc};
use tokio::{
    sync::mpsc,
    task::{Id, JoinSet},
    time::timeout,
};

/// Streams that are told "busy" at one time; beyond, they are reset.
const MAX_TOLD: usize = 64;

/// Answers streams as they come, until the swarm is gone.
pub(in crate::host) async fn serve(server: Arc<dyn RecordsServer>, mut streams: mpsc::Receiver<Incoming>) {
    let mut answers: JoinSet<()> = JoinSet::new();
    let mut peers: HashMap<Id, PeerId> = HashMap::new();
    let mut told: JoinSet<()> = JoinSet::new();
    loop {
        tokio::select! {
            Some(done) = answers.join_next_with_id() => {
                let id = match &done {
                    Ok((id, ())) => *id,
                    Err(error) => error.id(),
                };
                peers.remove(&id);
            }
            Some(_) = told.join_next() => {}
            incoming = streams.recv() => {
                let Some(Incoming { peer, stream }) = incoming else { return };
                let of_peer = peers.values().filter(|other| **other == peer).count();
                if answers.len() < MAX_AT_ONCE && of_peer < MAX_OF_PEER {
                    let id = answers.spawn(answer(server.clone(), peer, stream)).id();
                    peers.insert(id, peer);
                } else if told.len() < MAX_TOLD {
                    told.spawn(refuse(server.clone(), stream));
                }
            }
        }
    }
}

/// Whatever goes wrong resets the stream, which tells the peer.
async fn answer(server: Arc<dyn RecordsServer>, peer: PeerId, mut stream: Stream) {
    let Ok(Ok(Some(request))) = timeout(MESSAGE_TIME, read_frame(&mut stream, MAX_REQUEST)).await else {
        return;
    };
    let Ok(Some(answer)) = timeout(ANSWER_TIME, server.answer(peer, request)).await else { return };
    if answer.len() <= MAX_ANSWER {
        write(stream, &answer).await;
    }
}

/// The request is read all the same: a stream dropped unread is reset, and the answer may be lost with it.
async fn refuse(server: Arc<dyn RecordsServer>, mut stream: Stream) {
    let request = timeout(MESSAGE_TIME, read_frame(&mut stream, MAX_REQUEST)).await;
    if let (Ok(Ok(Some(_))), Some(busy)) = (request, server.busy()) {
        write(stream, &busy).await;
    }
}

async fn write(mut stream: Stream, body: &[u8]) {
    let write = async {
        write_frame(&mut stream, body).await?;
        stream.close().await
    };
    let _ = timeout(MESSAGE_TIME, write).await;
}

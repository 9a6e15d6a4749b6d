//! An HTTP tracker of a few lines, which believes everybody and remembers what it was told.

use osp_swarm::InfoHash;
use osp_tracker::{
    Event, Interval,
    http::{AnnounceQuery, AnnounceReply},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub infohash: InfoHash,
    pub port: u16,
    pub event: Event,
    pub left: Option<u64>,
}

pub struct Tracker {
    pub url: String,
    said: Arc<Mutex<Vec<Said>>>,
    task: JoinHandle<()>,
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Swarms = Arc<Mutex<BTreeMap<InfoHash, BTreeSet<u16>>>>;

impl Tracker {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/announce", listener.local_addr().unwrap());
        let (said, swarms) = (Arc::<Mutex<Vec<Said>>>::default(), Swarms::default());
        let remembered = Arc::clone(&said);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&remembered), Arc::clone(&swarms)));
            }
        });
        Self { url, said, task }
    }

    pub fn said(&self) -> Vec<Said> {
        self.said.lock().unwrap().clone()
    }
}

async fn serve(mut socket: TcpStream, said: Arc<Mutex<Vec<Said>>>, swarms: Swarms) {
    let mut lines = BufReader::new(&mut socket).lines();
    let Ok(Some(first)) = lines.next_line().await else { return };
    while let Ok(Some(line)) = lines.next_line().await {
        if line.is_empty() {
            break;
        }
    }
    let query =
        first.split(' ').nth(1).and_then(|path| path.split_once('?')).map(|(_, query)| query.to_owned());
    let Some(Ok(query)) = query.map(|query| AnnounceQuery::parse(&query)) else { return };
    let AnnounceQuery { infohash, port, event, left, .. } = query;
    said.lock().unwrap().push(Said { infohash, port, event, left });
    let peers = {
        let mut swarms = swarms.lock().unwrap();
        let swarm = swarms.entry(infohash).or_default();
        match event {
            Event::Stopped => swarm.remove(&port),
            _ => swarm.insert(port),
        };
        let others = swarm.iter().filter(|other| **other != port);
        others.map(|port| (SocketAddr::from((Ipv4Addr::LOCALHOST, *port)), None)).collect()
    };
    let interval = Interval { usual: Some(Duration::from_secs(1800)), min: None };
    let body = AnnounceReply { interval, peers, ..AnnounceReply::default() }.to_bytes(true);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = socket.write_all(&[head.as_bytes(), &body].concat()).await;
}

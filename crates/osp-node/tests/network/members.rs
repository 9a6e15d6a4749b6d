//! Members of a network, in temporary homes.

use bytes::Bytes;
use osp_core::{
    Cid,
    json::Json,
    key::ArtistKey,
    record::{Record, TrackDraft, Verified},
    torrent::{PieceHasher, TorrentInfo, piece_length},
    unixfs::{Importer, Layout, Profile},
};
use osp_discovery::IndexKey;
use osp_node::{
    Node, NodeOptions,
    config::{Config, Partial, discovery::PartialDiscovery, peers::PartialPeers},
    discovery::network::{FindSummary, Found, Network},
    server::Server,
};
use osp_p2p::PeerId;
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;

pub struct Member {
    pub node: Arc<Node>,
    pub network: Network,
    /// With its peer id.
    pub address: String,
    _server: Server,
    home: Option<TempDir>,
}

pub const TCP: &str = "/ip4/127.0.0.1/tcp/0";
/// One socket for all connections.
pub const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

fn settings(listen: &str, bootstrap: &[&str]) -> Config {
    let settings = Partial {
        http: Some("127.0.0.1:0".into()),
        peers: PartialPeers {
            bittorrent: Some("off".into()),
            p2p: Some(vec![listen.into()]),
            webrtc: Some(false),
            local_discovery: Some(false),
            ..PartialPeers::default()
        },
        discovery: PartialDiscovery {
            bootstrap: Some(bootstrap.iter().map(ToString::to_string).collect()),
            ..PartialDiscovery::default()
        },
        ..Partial::default()
    };
    settings.complete().unwrap()
}

impl Member {
    /// A node that knows nobody but these.
    pub async fn start(bootstrap: &[&str]) -> Self {
        Self::start_on(TCP, bootstrap).await
    }

    /// One that listens there.
    pub async fn start_on(listen: &str, bootstrap: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let member = Self::start_with(home.path(), listen, bootstrap).await;
        Self { home: Some(home), ..member }
    }

    /// One whose home is there already.
    pub async fn start_at(home: &Path, bootstrap: &[&str]) -> Self {
        Self::start_with(home, TCP, bootstrap).await
    }

    async fn start_with(home: &Path, listen: &str, bootstrap: &[&str]) -> Self {
        let node = Node::open(home, &NodeOptions { allow_private: true }).unwrap();
        let server = Server::bind(Arc::clone(&node), &settings(listen, bootstrap)).await.unwrap();
        let address = server.ready().p2p.as_ref().unwrap()[0].clone();
        let network = node.network().await.unwrap();
        Self { node, network, address, _server: server, home: None }
    }

    pub fn peer(&self) -> PeerId {
        self.node.ipfs().serving().unwrap().peer_id()
    }

    /// Ends it, and gives its home back.
    pub async fn stop(self) -> Option<TempDir> {
        self.node.ipfs().serving().unwrap().shutdown().await;
        let Self { node, network, _server: server, home, .. } = self;
        drop((server, network, node));
        home
    }

    pub async fn put(&self, record: &Verified<Record>) {
        self.node.records().put(std::slice::from_ref(record)).await.unwrap();
    }

    /// Stores bytes under their unixfs-v1-2025 CID and another one; gives both.
    pub async fn store(&self, content: &[u8]) -> [Cid; 2] {
        let layouts: Vec<Layout> =
            [Profile::V1_2025, Profile::V0_2015].map(|profile| layout(profile, content)).to_vec();
        let roots = [layouts[0].root, layouts[1].root];
        let length = content.len() as u64;
        let mut pieces = PieceHasher::new(piece_length(length));
        pieces.update(content);
        let torrent = TorrentInfo::new(length, &roots[0], pieces.finish());
        let mut writer = self.node.blobs().writer().await.unwrap();
        writer.write(Bytes::copy_from_slice(content)).await.unwrap();
        writer.commit(layouts, torrent).await.unwrap();
        roots
    }

    /// Searches until nothing more comes.
    pub async fn find(&self, key: &IndexKey) -> Search {
        let mut finding = self.network.find(vec![key.clone()]);
        let mut search = Search::default();
        while let Some(found) = finding.next().await {
            match found {
                Found::Record { record, provider, current } => {
                    let id = record.id().as_str().to_owned();
                    search.current.insert(id.clone(), current);
                    search.providers.entry(id).or_default().push(provider);
                }
                Found::Also { id, provider } => search.providers.entry(id).or_default().push(provider),
                Found::Gone { id } => drop(search.current.insert(id, false)),
                Found::Done(summary) => search.summary = Some(summary),
            }
        }
        search
    }

    /// Whether a search shows this record.
    pub async fn finds(&self, key: &IndexKey, record: &Verified<Record>) -> bool {
        self.find(key).await.current.get(record.id().as_str()) == Some(&true)
    }
}

#[derive(Debug, Default)]
pub struct Search {
    pub current: BTreeMap<String, bool>,
    pub providers: BTreeMap<String, Vec<PeerId>>,
    pub summary: Option<FindSummary>,
}

pub fn layout(profile: Profile, content: &[u8]) -> Layout {
    let mut importer = Importer::new(profile);
    importer.update(content);
    importer.finish_layout()
}

pub fn artist() -> ArtistKey {
    ArtistKey::from_seed(&[7; 32])
}

/// A track of the genre Drone whose content is `cid`.
pub fn track(title: &str, cid: &Cid, supersedes: Option<&Verified<Record>>) -> Verified<Record> {
    let mut draft = TrackDraft {
        title: title.to_owned(),
        format: "audio/opus".to_owned(),
        cid: cid.to_string(),
        ..TrackDraft::default()
    };
    draft.set("genre", Json::Array(vec![Json::String("Drone".into())]));
    if let Some(old) = supersedes {
        draft.set("supersedes", Json::String(old.id().as_str().to_owned()));
    }
    draft.sign(&artist(), Some("2026-01-01T12:00:00Z")).unwrap()
}

/// A track whose content is nowhere.
pub fn song(title: &str) -> Verified<Record> {
    track(title, &layout(Profile::V1_2025, title.as_bytes()).root, None)
}

/// Waits until something holds; fails the test if it never does.
pub async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let limit = tokio::time::Instant::now() + Duration::from_secs(300);
    while !holds().await {
        assert!(tokio::time::Instant::now() < limit, "{what} never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

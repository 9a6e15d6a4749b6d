//! A host for the tests against other programs: gives a folder's files, or fetches a file from a peer.
//!
//! ```text
//! bitswap_node serve FOLDER [LISTEN…]    a line of JSON {"peer","listen","files":{name:cid}}, until stdin closes
//! bitswap_node fetch CID PEER…           the file on stdout, a line of JSON {"bytes","seconds"} on stderr
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use osp_core::{
    Cid,
    content::parse_cid,
    unixfs::{Importer, Node, Profile, verify_block},
};
use osp_p2p::{Blocks, Config, Multiaddr, P2p, PeerId, Session};
use std::{
    collections::HashMap,
    error::Error,
    io::{Read as _, Write as _},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Blocks in memory, by their hash.
#[derive(Default)]
struct Memory(HashMap<Vec<u8>, Bytes>);

#[async_trait]
impl Blocks for Memory {
    async fn get(&self, cid: &Cid) -> Option<Bytes> {
        self.0.get(&cid.hash().to_bytes()).cloned()
    }
}

impl Memory {
    /// Takes a file in; gives its CID.
    fn add(&mut self, bytes: Vec<u8>) -> Cid {
        let mut importer = Importer::new(Profile::V1_2025);
        importer.update(&bytes);
        let layout = importer.finish_layout();
        let bytes = Bytes::from(bytes);
        for leaf in &layout.leaves {
            let data = bytes.slice(leaf.offset as usize..leaf.end() as usize);
            self.0.insert(leaf.cid().hash().to_bytes(), data);
        }
        for node in layout.nodes {
            self.0.insert(node.cid.hash().to_bytes(), node.bytes.into());
        }
        layout.root
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", folder, listen @ ..] => serve(Path::new(folder), listen).await,
        ["fetch", cid, peers @ ..] => fetch(parse_cid(cid)?, peers).await,
        _ => Err("usage: bitswap_node serve FOLDER [LISTEN…] | fetch CID PEER…".into()),
    }
}

/// An identity that differs from run to run, which is all it has to do here.
fn identity() -> [u8; 32] {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    osp_core::content::sha256(format!("{} {now:?}", std::process::id()).as_bytes())
}

async fn serve(folder: &Path, listen: &[&str]) -> Result<()> {
    let mut blocks = Memory::default();
    let mut files = serde_json::Map::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let cid = blocks.add(std::fs::read(entry.path())?);
            files.insert(entry.file_name().to_string_lossy().into_owned(), cid.to_string().into());
        }
    }
    let mut config = Config::new(identity());
    config.blocks = Arc::new(blocks);
    let default = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws", "/ip4/127.0.0.1/udp/0/quic-v1"];
    let listen = if listen.is_empty() { &default } else { listen };
    config.listen = listen.iter().map(|address| address.parse()).collect::<std::result::Result<_, _>>()?;
    let (p2p, addresses) = P2p::start(config).await?;
    let with_peer = |address: Multiaddr| format!("{address}/p2p/{}", p2p.peer_id());
    let listen: Vec<String> = addresses.into_iter().map(with_peer).collect();
    println!("{}", serde_json::json!({"peer": p2p.peer_id().to_string(), "listen": listen, "files": files}));
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    p2p.shutdown().await;
    Ok(())
}

async fn fetch(root: Cid, peers: &[&str]) -> Result<()> {
    let (p2p, _) = P2p::start(Config::new(identity())).await?;
    let mut connected: Vec<PeerId> = Vec::new();
    for peer in peers {
        connected.push(p2p.connect(peer.parse()?).await?);
    }
    let started = Instant::now();
    let parts = file(&p2p.session(connected), root).await?;
    let seconds = started.elapsed().as_secs_f64();
    let bytes: usize = parts.iter().map(Bytes::len).sum();
    let mut out = std::io::stdout().lock();
    parts.iter().try_for_each(|part| out.write_all(part))?;
    eprintln!("{}", serde_json::json!({"bytes": bytes, "seconds": seconds}));
    Ok(())
}

/// All parts of a file, level by level of its DAG.
async fn file(session: &Session, root: Cid) -> Result<Vec<Bytes>> {
    let mut level = vec![root];
    loop {
        let mut blocks = HashMap::new();
        let mut stream = std::pin::pin!(session.blocks(level.clone()));
        while let Some((cid, fetched)) = stream.next().await {
            blocks.insert(cid, fetched?.data);
        }
        let (mut below, mut parts) = (Vec::new(), Vec::new());
        for cid in &level {
            let block = &blocks[cid];
            match verify_block(cid, block)? {
                Node::Leaf { data, .. } => parts.push(block.slice(data)),
                Node::File { children, .. } => below.extend(children.into_iter().map(|(cid, _)| cid)),
            }
        }
        if below.is_empty() {
            return Ok(parts);
        }
        level = below;
    }
}

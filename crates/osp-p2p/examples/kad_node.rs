//! A host with Kademlia for the tests against other programs.
//!
//! ```text
//! kad_node            a line of JSON {"peer","listen"}, then for each line on stdin one on stdout, until stdin closes:
//!   provide KEY       tells the nearest known servers and itself that it provides KEY (hex): {"told": n}
//!   find KEY          asks the nearest known servers: {"providers": [{"peer","addresses"},…]}
//!   find-at PEER KEY  asks one of them
//!   bootstrap ADDRESS {"reached": n}
//!   known             {"peers": [{"peer","addresses"},…]}, the routing table
//! ```

#![allow(clippy::print_stdout)]

use osp_p2p::{Config, Contact, Kad, KadConfig, P2p};
use osp_store::{DiscoveryStore, providers::Limits};
use std::error::Error;
use tokio::sync::mpsc;

/// Servers asked or told.
const NEAREST: usize = 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let home = tempfile::tempdir()?;
    let store = DiscoveryStore::open(&home.path().join("discovery.db"), Limits::default())?;
    let mut config = Config::new(rand_seed());
    config.listen = vec!["/ip4/127.0.0.1/tcp/0".parse()?, "/ip4/127.0.0.1/udp/0/quic-v1".parse()?];
    config.allow_private = true;
    config.kad = Some(KadConfig { store, mode: osp_p2p::KadMode::Server });
    let (host, listen) = P2p::start(config).await?;
    let kad = host.kad().ok_or("Kademlia was not started")?;
    let peer = host.peer_id();
    let listen: Vec<String> = listen.iter().map(|address| format!("{address}/p2p/{peer}")).collect();
    println!("{}", serde_json::json!({ "peer": peer.to_string(), "listen": listen }));

    let (to, mut lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| to.blocking_send(line))
    });
    while let Some(line) = lines.recv().await {
        let words: Vec<&str> = line.split(' ').collect();
        let key = |hex: &str| decode(hex).ok_or("a key is hex");
        let answer = match words[..] {
            ["provide", hex] => provide(&host, &kad, &key(hex)?).await,
            ["find", hex] => find(&kad, &key(hex)?, |_| true).await,
            ["find-at", peer, hex] => find(&kad, &key(hex)?, |at| at.peer.to_string() == peer).await,
            ["bootstrap", address] => {
                serde_json::json!({ "reached": kad.bootstrap(&[address.parse()?]).await.len() })
            }
            _ => serde_json::json!({ "peers": named(&kad.closest_known([0; 32], 1000).await) }),
        };
        println!("{answer}");
    }
    Ok(())
}

async fn provide(host: &P2p, kad: &Kad, key: &[u8]) -> serde_json::Value {
    let mut told = 0;
    let own = Contact { peer: host.peer_id(), addresses: Vec::new() };
    for server in kad.closest_known(point(key), NEAREST).await.iter().chain([&own]) {
        told += u32::from(kad.add_providers(server, &[key]).await.is_ok());
    }
    serde_json::json!({ "told": told })
}

async fn find(kad: &Kad, key: &[u8], of: impl Fn(&Contact) -> bool) -> serde_json::Value {
    let mut providers = Vec::new();
    for server in kad.closest_known(point(key), NEAREST).await.into_iter().filter(of) {
        if let Ok(found) = kad.get_providers(&server, key).await {
            providers.extend(found.providers);
        }
    }
    serde_json::json!({ "providers": named(&providers) })
}

fn named(contacts: &[Contact]) -> Vec<serde_json::Value> {
    let one = |contact: &Contact| {
        let addresses: Vec<String> = contact.addresses.iter().map(ToString::to_string).collect();
        serde_json::json!({ "peer": contact.peer.to_string(), "addresses": addresses })
    };
    contacts.iter().map(one).collect()
}

/// Where a key lies.
fn point(key: &[u8]) -> [u8; 32] {
    osp_core::content::sha256(key)
}

/// An identity of its own for each run; nobody is asked to keep it.
fn rand_seed() -> [u8; 32] {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    osp_core::content::sha256(format!("{}{}", now.as_nanos(), std::process::id()).as_bytes())
}

fn decode(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

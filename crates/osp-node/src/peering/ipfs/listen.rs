//! The host of `osp node`: where it listens, and what it tells peers that wait.

use super::{Giving, Ipfs, StoreBlocks, identity};
use crate::{
    Node,
    config::peers::Peers,
    discovery::network::StoreRecords,
    peering::{self, PeeringError},
};
use osp_core::{
    Cid,
    record::{Record, RecordId},
};
use osp_delivery::torrent::Seeding;
use osp_fetch::address::special;
use osp_p2p::{Config, KadConfig, Multiaddr, NatConfig, P2p, Protocol, RecordsServer, StartError, Uploads};
use osp_store::{Query, StoreError};
use std::{
    collections::HashSet,
    io,
    net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
    sync::Arc,
    time::Duration,
};

/// Where the node listens when nothing says otherwise. Of a port that is taken, any other one; where there is no IPv6,
/// over IPv4 alone.
pub const DEFAULT_P2P: [&str; 6] = [
    "/ip4/0.0.0.0/tcp/4001",
    "/ip4/0.0.0.0/udp/4001/quic-v1",
    "/ip4/0.0.0.0/tcp/4002/ws",
    "/ip6/::/tcp/4001",
    "/ip6/::/udp/4001/quic-v1",
    "/ip6/::/tcp/4002/ws",
];

/// How often the store is asked whether anything has come.
const LOOK: Duration = Duration::from_millis(500);
/// Tracks that are listed at once. As many of the newest are remembered, to see what has come since.
const PAGE: usize = 200;
/// Pages that are listed in one go, should none of those be left.
const MAX_PAGES: usize = 500;

/// Starts the host that gives the node's blocks; nothing happens when no address is configured, or nothing is to be
/// given.
///
/// # Errors
/// [`PeeringError`].
pub(crate) async fn listen(node: &Node, settings: &Peers) -> Result<(), PeeringError> {
    let mut listen = Vec::new();
    for (index, text) in settings.p2p.iter().enumerate() {
        let address: Multiaddr = text
            .parse()
            .map_err(|error| StartError::Listen { index, reason: format!("it is no multiaddr: {error}") })?;
        if !settings.p2p_exact && is_ipv6(&address) && !peering::has_ipv6() {
            continue;
        }
        // libp2p shares ports with other processes of the same user: two nodes would get each other's callers.
        listen.push(match taken(&address) {
            None => address,
            Some(_) if !settings.p2p_exact => any_port(&address),
            Some(error) => {
                return Err(StartError::Listen { index, reason: error.to_string() }.into());
            }
        });
    }
    if listen.is_empty() || settings.seeding == Seeding::Off {
        return Ok(());
    }
    node.ipfs().use_public_dht(settings);
    let kad = node.kad_to_serve()?;
    let server = kad.is_some().then(|| Arc::new(StoreRecords::new(node.store().clone())));
    let (host, listening) = start(node, settings, listen, kad, server.clone()).await?;
    let mut known = Vec::new();
    for address in
        listening.iter().flat_map(|at| settings.public_addresses.iter().filter_map(|ip| with_ip(at, *ip)))
    {
        if !known.contains(&address) {
            host.add_external_addr(address.clone()).await;
            known.push(address);
        }
    }
    // An address of this machine that is nobody else's is where others reach it. `known` is what the operator said.
    let own: Vec<&Multiaddr> = listening.iter().filter(|at| is_public(at) && !known.contains(at)).collect();
    for address in &own {
        host.add_external_addr((*address).clone()).await;
    }
    if known.is_empty() && own.is_empty() && settings.public_dht {
        tracing::warn!(
            "nothing is announced to the public DHT: no address is known at which others reach this machine; \
             name it in public-addresses"
        );
    }
    if let Some(server) = server {
        node.serve_network(&host, server);
    }
    node.ipfs().serve(host, known);
    Ok(())
}

/// Starts the host. A port that another process took since it was looked at is given up like one taken before.
async fn start(
    node: &Node,
    settings: &Peers,
    mut listen: Vec<Multiaddr>,
    kad: Option<KadConfig>,
    records: Option<Arc<StoreRecords>>,
) -> Result<(P2p, Vec<Multiaddr>), PeeringError> {
    let giving = Arc::new(Giving::new(node, settings.seeding));
    loop {
        let config = Config {
            listen: listen.clone(),
            allow_private: node.allows_private(),
            blocks: Arc::new(StoreBlocks::new(node, Arc::clone(&giving))),
            uploads: Arc::clone(&giving) as Arc<dyn Uploads>,
            public_dht: node.ipfs().0.public_dht.get().cloned(),
            nat: nat(settings, kad.is_some(), node.relays()),
            kad: kad.clone(),
            records: records.clone().map(|records| records as Arc<dyn RecordsServer>),
            ..Config::new(identity::load(node.home())?)
        };
        match P2p::start(config).await {
            Err(StartError::Listen { index, reason }) if !settings.p2p_exact => {
                match listen.get_mut(index) {
                    Some(address) if any_port(address) != *address => *address = any_port(address),
                    // IPv6 of a kind that cannot be listened on.
                    Some(address) if is_ipv6(address) => drop(listen.remove(index)),
                    _ => return Err(StartError::Listen { index, reason }.into()),
                }
            }
            started => return Ok(started?),
        }
    }
}

/// What is done about routers. It serves the network of nodes: where that is off, nobody is met through it.
fn nat(settings: &Peers, network: bool, relay_server: bool) -> NatConfig {
    // Who listens on loopback only wants to be reached by nobody else, in whatever way.
    let loopback = settings.bittorrent.is_some_and(|address| address.ip().is_loopback());
    if network {
        NatConfig { local: settings.local_discovery && !loopback, relay_server, ..NatConfig::usual() }
    } else {
        NatConfig::default()
    }
}

impl Ipfs {
    fn serve(&self, host: P2p, external: Vec<Multiaddr>) {
        // A host that was started before to ask only stays what it is: the node starts its own first.
        if self.0.host.set(host).is_ok() {
            let _ = self.0.external.set(external);
        }
    }
}

/// Tells peers that wait for blocks of what has been published since, by whatever process, for as long as it is polled.
pub(crate) async fn arrivals(node: Arc<Node>) {
    let Some(host) = node.ipfs().serving() else { return };
    let mut generation = node.records().generation().await.ok();
    let mut known = newer(&node, None, |_| ()).await.unwrap_or_default();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = node.records().generation().await.ok();
        if now == generation {
            continue;
        }
        let mut contents = Vec::new();
        // What could not be listed now is looked for again.
        let Ok(newest) = newer(&node, Some(&known), |cid| contents.push(cid)).await else { continue };
        (generation, known) = (now, newest);
        for cid in contents {
            if let Ok(Some(layout)) = node.blobs().layout(&cid).await {
                let leaves = layout.leaves.iter().map(osp_core::unixfs::LeafRef::cid);
                host.blocks_arrived(leaves.chain(layout.nodes.iter().map(|node| node.cid)).collect());
            }
        }
    }
}

/// Gives the content of every track that came after the `known` ones, the newest first, and the records that are to be
/// known next time: those of the first page. Without known ones nothing is given.
async fn newer(
    node: &Node,
    known: Option<&HashSet<RecordId>>,
    mut give: impl FnMut(Cid),
) -> Result<HashSet<RecordId>, StoreError> {
    let mut newest = HashSet::new();
    let mut query = Query { limit: PAGE, ..Query::default() };
    for number in 0..MAX_PAGES {
        let page = node.records().search(&query).await?;
        if number == 0 {
            newest = page.records.iter().map(|stored| stored.id.clone()).collect();
        }
        let Some(known) = known else { break };
        for stored in &page.records {
            // Whatever comes after one of them is older still.
            if known.contains(&stored.id) {
                return Ok(newest);
            }
            if let Ok(Record::Track(track)) = Record::parse(&stored.json) {
                give(track.content());
            }
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(newest)
}

fn is_ipv6(address: &Multiaddr) -> bool {
    matches!(address.iter().next(), Some(Protocol::Ip6(_)))
}

/// Why an address cannot be listened on, if another process has it.
fn taken(address: &Multiaddr) -> Option<io::Error> {
    let mut parts = address.iter();
    let ip: IpAddr = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) if port != 0 => TcpListener::bind(SocketAddr::new(ip, port)).err(),
        Protocol::Udp(port) if port != 0 => UdpSocket::bind(SocketAddr::new(ip, port)).err(),
        _ => None,
    }
}

fn any_port(address: &Multiaddr) -> Multiaddr {
    let any = |part| match part {
        Protocol::Tcp(_) => Protocol::Tcp(0),
        Protocol::Udp(_) => Protocol::Udp(0),
        other => other,
    };
    address.iter().map(any).collect()
}

/// Whether an address is one of the public internet.
fn is_public(address: &Multiaddr) -> bool {
    match address.iter().next() {
        Some(Protocol::Ip4(ip)) => special(ip.into()).is_none(),
        Some(Protocol::Ip6(ip)) => special(ip.into()).is_none(),
        _ => false,
    }
}

/// The same transport and port at another address of the same family.
fn with_ip(address: &Multiaddr, ip: IpAddr) -> Option<Multiaddr> {
    let first = match (address.iter().next()?, ip) {
        (Protocol::Ip4(_), IpAddr::V4(ip)) => Protocol::Ip4(ip),
        (Protocol::Ip6(_), IpAddr::V6(ip)) => Protocol::Ip6(ip),
        _ => return None,
    };
    Some(std::iter::once(first).chain(address.iter().skip(1)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_burst_of_any_length_is_noticed_and_what_was_there_is_not() {
        let home = tempfile::tempdir().unwrap();
        let node = Node::open(home.path(), &crate::NodeOptions::default()).unwrap();
        let artist = osp_core::key::ArtistKey::from_seed(&[7; 32]);
        let publish = async |numbers: std::ops::Range<u32>| {
            let records: Vec<_> = numbers
                .map(|n| {
                    let mut digest = [0; 32];
                    digest[..4].copy_from_slice(&n.to_be_bytes());
                    let draft = osp_core::record::TrackDraft {
                        title: format!("T{n}"),
                        format: "audio/opus".to_owned(),
                        cid: osp_core::content::raw_cid(digest).to_string(),
                        ..Default::default()
                    };
                    draft.sign(&artist, None).unwrap()
                })
                .collect();
            node.records().put(&records).await.unwrap();
        };
        let new = async |known: &mut HashSet<RecordId>| {
            let mut contents = HashSet::new();
            *known = newer(&node, Some(known), |cid| assert!(contents.insert(cid))).await.unwrap();
            contents.len()
        };
        publish(0..450).await;
        let mut known = newer(&node, None, |_| panic!("nothing is new")).await.unwrap();
        assert_eq!(new(&mut known).await, 0);
        publish(450..1100).await;
        assert_eq!(new(&mut known).await, 650);
        publish(1100..1101).await;
        assert_eq!(new(&mut known).await, 1);
        assert_eq!(new(&mut known).await, 0);
    }

    #[test]
    fn a_port_that_is_taken_is_noticed_and_given_up() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();
        let address: Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}/ws").parse().unwrap();
        assert!(taken(&address).is_some());
        assert_eq!(any_port(&address).to_string(), "/ip4/127.0.0.1/tcp/0/ws");
        assert!(taken(&any_port(&address)).is_none());
    }

    #[test]
    fn a_public_address_stands_in_for_one_of_its_family() {
        let address: Multiaddr = "/ip4/10.0.0.7/udp/4001/quic-v1".parse().unwrap();
        let public = with_ip(&address, "203.0.113.5".parse().unwrap()).unwrap();
        assert_eq!(public.to_string(), "/ip4/203.0.113.5/udp/4001/quic-v1");
        assert!(with_ip(&address, "2001:db8::1".parse().unwrap()).is_none());
    }
}

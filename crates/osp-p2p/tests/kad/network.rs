//! Twenty hosts that know each other, and what they keep.

use super::nodes::{Node, Options, key, start, start_at, until};
use osp_p2p::{Contact, KadMode, RpcError};
use std::time::Duration;

async fn network(count: u8) -> Vec<Node> {
    let mut nodes = Vec::new();
    for seed in 1..=count {
        nodes.push(start(seed, Options::default()).await);
    }
    for node in &nodes[1..] {
        assert_eq!(node.kad.bootstrap(&[nodes[0].address()]).await, [nodes[0].host.peer_id()]);
    }
    nodes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_fill_and_providers_are_found() {
    let nodes = network(20).await;
    for node in &nodes {
        until("a filled table", || async { node.kad.status().await.peers >= 15 }).await;
        assert!(node.kad.status().await.server);
    }

    // One announces a thousand keys to another on one stream, and a third asks for some of them.
    let keys: Vec<Vec<u8>> = (0..1000).map(key).collect();
    let all: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    let (publisher, keeper, asker) = (&nodes[3], &nodes[7], &nodes[12]);
    publisher.kad.add_providers(&keeper.contact(), &all).await.unwrap();
    for key in [&keys[0], &keys[500], &keys[999]] {
        let found = asker.kad.get_providers(&keeper.contact(), key).await.unwrap();
        assert_eq!(found.providers.len(), 1);
        let provider = &found.providers[0];
        assert_eq!(provider, &publisher.contact());
        assert!(found.closer.len() >= 10, "{}", found.closer.len());
        // The asker can go there with nothing but the answer.
        asker.host.reach(provider.peer, &provider.addresses).await.unwrap();
    }
    let none = asker.kad.get_providers(&keeper.contact(), &key(5000)).await.unwrap();
    assert!(none.providers.is_empty());

    // What a host keeps of itself is answered with its own addresses.
    keeper.kad.add_providers(&keeper.contact(), &[&key(6000)]).await.unwrap();
    let own = asker.kad.get_providers(&keeper.contact(), &key(6000)).await.unwrap();
    assert_eq!(own.providers, [keeper.contact()]);

    // Peers around a peer: itself among them, and the nearest known is it.
    let target = nodes[9].host.peer_id().to_bytes();
    let near = asker.kad.find_node(&nodes[0].contact(), &target).await.unwrap();
    assert!(near.iter().any(|contact| contact.peer == nodes[9].host.peer_id()));
    let known = asker.kad.closest_known([7; 32], 5).await;
    assert_eq!(known.len(), 5);
    assert!(known.iter().all(|contact| !contact.addresses.is_empty()));
}

#[tokio::test]
async fn a_restart_keeps_peers_and_records() {
    let home = tempfile::tempdir().unwrap();
    let (first, other) =
        (start_at(1, home.path(), Options::default()).await, start(2, Options::default()).await);
    first.kad.bootstrap(&[other.address()]).await;
    until("the other in the table", || async { first.kad.status().await.peers == 1 }).await;
    other.kad.add_providers(&first.contact(), &[&key(1)]).await.unwrap();
    until("the record", || async { first.kad.status().await.kept == 1 }).await;
    first.kad.store().flush().unwrap();
    first.host.shutdown().await;
    drop(first);

    let again = start_at(1, home.path(), Options::default()).await;
    assert_eq!(again.kad.closest_known([0; 32], 5).await, [other.contact()]);
    until("a connection to the peer of before", || async { !again.host.peers().await.is_empty() }).await;
    let asker = start(3, Options::default()).await;
    let found = asker.kad.get_providers(&again.contact(), &key(1)).await.unwrap();
    assert_eq!(found.providers, [other.contact()]);
}

#[tokio::test]
async fn a_client_answers_nobody_and_gets_into_no_table() {
    let (server, client) = (
        start(1, Options::default()).await,
        start(2, Options { mode: KadMode::Client, ..Options::default() }).await,
    );
    client.kad.bootstrap(&[server.address()]).await;
    until("the server in the table", || async { client.kad.status().await.peers == 1 }).await;
    assert_eq!(server.kad.status().await.peers, 0);
    let refused = server.kad.find_node(&client.contact(), b"key").await;
    assert_eq!(refused, Err(RpcError::Unsupported));
    // It may still announce and ask.
    client.kad.add_providers(&server.contact(), &[&key(1)]).await.unwrap();
    client.kad.set_mode(KadMode::Server).await;
    until("the new server in the table", || async { server.kad.status().await.peers == 1 }).await;
    server.kad.find_node(&client.contact(), b"key").await.unwrap();
    assert!(client.kad.status().await.server);
}

#[tokio::test]
async fn a_peer_with_private_addresses_only_is_not_passed_on() {
    // All of them are servers by their operators' word, and may not pass private addresses on.
    let public = || Options { public: true, mode: KadMode::Server, ..Options::default() };
    let (server, one, other) = (start(1, public()).await, start(2, public()).await, start(3, public()).await);
    for node in [&one, &other] {
        node.host.connect(server.address()).await.unwrap();
    }
    // Typed and connected: known to whoever typed it, and found by nobody else.
    until("a server", || async { one.kad.closest_known([0; 32], 5).await.len() == 1 }).await;
    let to = Contact { peer: server.host.peer_id(), addresses: Vec::new() };
    assert_eq!(one.kad.find_node(&to, b"key").await, Ok(Vec::new()));
    assert_eq!(server.kad.status().await.peers, 0);
    assert_eq!(one.kad.add_providers(&to, &[&key(1)]).await, Err(RpcError::NoAddress));
    // With an address at which it is reached it is both.
    one.host.add_external_addr("/ip4/9.9.9.9/tcp/4001".parse().unwrap()).await;
    until("the table", || async { server.kad.status().await.peers == 1 }).await;
    one.kad.add_providers(&to, &[&key(1)]).await.unwrap();
    let found = other.kad.get_providers(&to, &key(1)).await.unwrap();
    let addresses = vec!["/ip4/9.9.9.9/tcp/4001".parse().unwrap()];
    assert_eq!(found.providers, [Contact { peer: one.host.peer_id(), addresses }]);
    assert_eq!(found.closer, found.providers);
}

#[tokio::test]
async fn a_peer_that_died_leaves_the_table() {
    let nodes = network(3).await;
    until("tables", || async { nodes[0].kad.status().await.peers == 2 }).await;
    let (gone, asker) = (nodes[2].contact(), &nodes[0]);
    nodes[2].host.shutdown().await;
    until("the end of the connection", || async { !asker.host.peers().await.contains(&gone.peer) }).await;
    for _ in 0..2 {
        assert!(matches!(asker.kad.find_node(&gone, b"key").await, Err(RpcError::Connect(_))));
    }
    until("a smaller table", || async { asker.kad.status().await.peers == 1 }).await;
}

#[tokio::test]
async fn nobody_there_is_an_error_in_time() {
    let node = start(1, Options::default()).await;
    assert!(node.kad.bootstrap(&["/ip4/127.0.0.1/tcp/1".parse().unwrap()]).await.is_empty());
    let nowhere = Contact { peer: start(2, Options::default()).await.host.peer_id(), addresses: Vec::new() };
    let error =
        tokio::time::timeout(Duration::from_secs(60), node.kad.find_node(&nowhere, b"key")).await.unwrap();
    assert!(matches!(error, Err(RpcError::Connect(_))), "{error:?}");
    node.host.shutdown().await;
    assert_eq!(node.kad.status().await, osp_p2p::KadStatus::default());
}

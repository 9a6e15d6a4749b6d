//! A running node and other commands on the same home.

use crate::support::{Machine, eventually, fixture, http, node::Node, text};

#[test]
fn the_ready_line_says_where_it_listens() {
    let machine = Machine::new();
    let node = Node::start(&machine);
    assert_eq!(node.ready["ready"], true);
    let own = node.ready["http"].as_str().expect("a URL").replacen("http", "ws", 1) + "/announce";
    assert_eq!(node.ready["tracker"], own);
    let bittorrent = node.ready["bittorrent"].as_str().expect("an address");
    std::net::TcpStream::connect(bittorrent).expect("it listens there");
    let p2p = node.ready["p2p"].as_array().expect("multiaddrs");
    for kind in ["/tcp/", "/quic-v1/", "/ws/"] {
        assert!(
            p2p.iter().any(|address| address.as_str().is_some_and(|a| a.contains(kind))),
            "{kind}: {p2p:?}"
        );
    }
    assert_eq!(node.get("/healthz").status, 200);
}

#[test]
fn a_second_node_on_the_same_home_is_refused_and_other_commands_are_not() {
    let artist = Machine::of_artist();
    let node = Node::start(&artist);
    artist.run(["node", "--http", "127.0.0.1:0"]).failed(1, "another osp node already runs");
    artist.ok(["node", "--print-config"]);
    artist.publish([fixture("tagged.opus")]);
    artist.ok(["doctor", "--scrub"]);
    eventually("the node lists what another process published", || node.titles() == ["Tone in Opus"]);
}

#[test]
fn a_killed_node_leaves_no_lock_behind() {
    let machine = Machine::new();
    let (status, _) = Node::start(&machine).signal("KILL");
    assert!(!status.success());
    assert_eq!(Node::start(&machine).get("/healthz").status, 200);
}

#[test]
fn a_port_in_use_is_told() {
    let (one, other) = (Machine::new(), Machine::new());
    let node = Node::start(&one);
    let address = node.url.strip_prefix("http://").unwrap();
    other.run(["node", "--http", address]).failed(1, "cannot listen on");
}

#[test]
fn terminate_and_interrupt_end_it_with_success() {
    for signal in ["TERM", "INT"] {
        let machine = Machine::new();
        let (status, rest) = Node::start(&machine).signal(signal);
        assert_eq!(status.code(), Some(0), "{signal}");
        assert_eq!(rest, "", "the ready line is all there is on stdout");
    }
}

#[test]
fn what_it_serves_is_what_was_published() {
    let artist = Machine::of_artist();
    let node = Node::start(&artist);
    let record = artist.publish([fixture("tagged.opus")]).remove(0);
    let bytes = std::fs::read(fixture("tagged.opus")).unwrap();
    let id = text(&record, "id");
    eventually("the record", || node.get(&format!("/api/v1/tracks/{id}")).status == 200);
    assert_eq!(node.get(&format!("/api/v1/tracks/{id}")).json(), record);
    assert_eq!(node.get(&format!("/api/v1/tracks/{id}/audio")).body, bytes);
    assert_eq!(node.get(&format!("/ipfs/{}", text(&record, "cid"))).body, bytes);
    let url = format!("{}/api/v1/tracks/{id}/audio", node.url);
    let part = http::get_with(&url, &[("Range", "bytes=10-19")]);
    assert_eq!((part.status, &part.body[..]), (206, &bytes[10..20]));
}

#[test]
fn settings_come_from_file_environment_and_flags() {
    let machine = Machine::new();
    std::fs::create_dir(machine.home()).unwrap();
    std::fs::write(machine.home().join("config.toml"), "public-url = \"https://file.example\"").unwrap();
    let shown = |envs: &[(&str, &str)], args: &[&str]| {
        let mut command = machine.osp();
        command.args(["node", "--print-config"]).args(args).envs(envs.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let env = [("OSP_PUBLIC_URL", "https://environment.example")];
    assert!(shown(&[], &[]).contains("https://file.example"));
    assert!(shown(&env, &[]).contains("https://environment.example"));
    assert!(shown(&env, &["--public-url", "https://flag.example"]).contains("https://flag.example"));
}

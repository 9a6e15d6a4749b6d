//! `osp doctor`: whether this home is sound.

use crate::{
    args::{Doctor, Global},
    error::{CliError, Exit},
    output, progress,
};
use osp_core::Cid;
use osp_node::discovery::network::report::Report as NetworkReport;

/// What `osp doctor --json` prints (`spec/schemas/doctor-result.json`).
#[derive(serde::Serialize)]
struct Report {
    home: std::path::PathBuf,
    tracks: u64,
    artists: u64,
    blobs: u64,
    bytes: u64,
    identities: usize,
    /// Bytes read and checked; `null` without `--scrub`.
    scrubbed: Option<u64>,
    /// CIDs of damaged blobs.
    damaged: Vec<String>,
    /// What the running node says of the network of nodes; `null` when none runs, or it takes no part.
    network: Option<NetworkReport>,
}

pub(super) async fn run(global: &Global, args: &Doctor) -> Result<(), CliError> {
    let node = super::open(global)?;
    let counts = node.records().counts().await?;
    let mut report = Report {
        home: node.home().root().to_owned(),
        tracks: counts.tracks,
        artists: counts.artists,
        blobs: counts.blobs,
        bytes: counts.bytes,
        identities: node.identities().list()?.len(),
        scrubbed: None,
        damaged: Vec::new(),
        network: NetworkReport::read(node.home()),
    };
    if args.scrub {
        let bar = progress::Bytes::new(global.quiet || global.json);
        let mut read = 0u64;
        let mut after: Option<Cid> = None;
        loop {
            let page = node.blobs().list(after.as_ref(), 256).await?;
            let Some(last) = page.last().copied() else { break };
            for cid in page {
                let found = node.blobs().scrub(&cid).await?;
                read += found.bytes;
                bar.show("checking", read, Some(counts.bytes.max(read)));
                if !found.damaged.is_empty() {
                    report.damaged.push(cid.to_string());
                }
            }
            after = Some(last);
        }
        bar.clear();
        report.scrubbed = Some(read);
    }
    show(global, &report)?;
    if report.damaged.is_empty() { Ok(()) } else { Err(CliError::silent(Exit::Bad)) }
}

fn show(global: &Global, report: &Report) -> Result<(), CliError> {
    if global.json {
        return output::json(report);
    }
    output::line(format_args!(
        "home        {}\ntracks      {}, by {}\nmusic       {}, {}\nidentities  {}",
        output::path(&report.home),
        report.tracks,
        count(report.artists, "artist"),
        count(report.blobs, "file"),
        count(report.bytes, "byte"),
        report.identities
    ))?;
    if let Some(network) = &report.network {
        for line in describe(network) {
            output::line(format_args!("network     {line}"))?;
        }
    }
    match report.scrubbed {
        None => output::note(global.quiet, "run it with --scrub to read and check every byte"),
        Some(bytes) if report.damaged.is_empty() => {
            output::line(format_args!("checked     {bytes} bytes, all sound"))?;
        }
        Some(_) => {}
    }
    for cid in &report.damaged {
        output::line(format_args!("\x1b[31mdamaged\x1b[0m     {cid}: publish or fetch it again"))?;
    }
    Ok(())
}

/// How the network stands, for a person: who is known, whether others reach this node, and if not, why and what to do.
fn describe(network: &NetworkReport) -> Vec<String> {
    let mut lines = Vec::new();
    lines.push(match (network.table.max(network.connected), network.members) {
        (0, _) if network.local > 0 => {
            format!("{} on the local network, no member elsewhere", count(network.local as u64, "node"))
        }
        (0, _) if network.walled => {
            "nobody is known: the members named with --bootstrap are at private addresses, which \
                                     nobody passes on; a network of your own needs --allow-private (or \
                                     OSP_ALLOW_PRIVATE=1) on all its nodes"
                .to_owned()
        }
        (0, _) => "nobody is known: name a member with --bootstrap, as its ready line shows it".to_owned(),
        (known, Some(members)) => format!("about {}, {known} of them known", count(members, "other member")),
        (known, None) => format!("{} known", count(known as u64, "other member")),
    });
    lines.push(match (network.reached, network.server, network.relays) {
        (Some(true), ..) => {
            format!("others reach this node, at {}", match network.addresses.len() {
                1 => "1 address".to_owned(),
                many => format!("{many} addresses"),
            })
        }
        (_, true, _) => "this node answers others where they reach it".to_owned(),
        (Some(false), _, 0) => {
            let tried = network.failed.join(", ");
            format!(
                "others do not reach this node: somebody tried {tried} in vain. A router or firewall keeps them \
                 out; forward the ports of --p2p to this machine, and name its address in public-addresses"
            )
        }
        (Some(false), _, relays) => {
            format!("others reach this node over {} only; forward the ports of --p2p", count(relays as u64, "relay"))
        }
        (None, _, relays) if relays > 0 => {
            format!("others reach this node over {}", count(relays as u64, "relay"))
        }
        (None, ..) => "nobody has tried yet whether this node is reached".to_owned(),
    });
    if network.late > 0 {
        lines.push(format!(
            "{} may be forgotten by the network: they were told too long ago",
            count(network.late as u64, "key")
        ));
    }
    lines.push(match network.waiting {
        0 => format!("found under {}", count(network.keys as u64, "key")),
        waiting => format!(
            "found under {}, {waiting} of them not in the network yet",
            count(network.keys as u64, "key")
        ),
    });
    lines
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

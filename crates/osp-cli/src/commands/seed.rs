//! `osp seed`: keeps music alive for others.

use crate::{
    args::{Global, seed::Seed},
    error::{CliError, Exit},
    output,
    waiting::Interrupts,
};
use osp_node::{
    Node,
    config::peers::{PartialPeers, Peers},
    home::NodeLock,
    peering,
    seeding::{self, FollowError, SeedEvent, SeedReport, SeedSettings},
};
use osp_store::{Custody as _, Followed};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// One line of `osp seed --list --json` (`spec/schemas/seed-list.json`), and of `--remove`.
#[derive(serde::Serialize)]
struct Line<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    pinned: bool,
    since: u64,
    sources: &'a [String],
}

pub(super) async fn run(global: &Global, args: Seed) -> Result<(), CliError> {
    let node = super::open(global)?;
    if args.list {
        return list(global, &node).await;
    }
    if args.remove {
        return remove(global, &node, &args.what).await;
    }
    let flags = PartialPeers {
        seeding: args.sharing.seeding.clone(),
        upload_limit: args.upload_limit.clone(),
        quota: args.quota.clone(),
        ..PartialPeers::default()
    };
    let settings = super::peers::settings(global, flags)?;
    super::peers::join_network(global, &node, &args.sharing)?;
    for reference in &args.what {
        seeding::follow(&node, reference, &args.from, args.pin).await?;
    }
    if args.what.is_empty() && node.store().followed().await?.is_empty() {
        return Err(CliError::usage("nothing is followed yet")
            .hint("name an artist, a track or a page with it, as in osp seed did:key:... --from URL"));
    }
    let lock = node.home().lock_seeding()?;
    if lock.is_none() {
        let changed = args.quota.is_some() || args.upload_limit.is_some() || args.once;
        let tail = if changed { "; its own settings hold, not these flags" } else { "" };
        output::note(
            global.quiet || global.json,
            format_args!("note: the osp node or osp seed that runs on this home keeps it{tail}"),
        );
        return Ok(());
    }
    let report = keep(global, &node, &settings, &args, lock).await;
    seeding::settle(&node).await;
    if let Some(hub) = node.hub() {
        hub.close().await;
    }
    judge(global, report?)
}

/// Keeps what is followed until it is all here, or until an interrupt.
async fn keep(
    global: &Global,
    node: &Arc<Node>,
    settings: &Peers,
    args: &Seed,
    lock: Option<NodeLock>,
) -> Result<Option<SeedReport>, CliError> {
    if !args.sharing.no_peers {
        let hub = peering::open(node, settings, Vec::new()).await?;
        node.join_swarms(hub.clone(), settings.seeding);
        if settings.seeding != osp_delivery::torrent::Seeding::Off {
            tokio::spawn(peering::seed(Arc::clone(node), hub));
        }
    }
    let plan =
        SeedSettings { quota: settings.quota, refresh: settings.refresh, own: Vec::new(), once: args.once };
    let (unread, stop) = (Mutex::new(None), Notify::new());
    let tell = |event: &SeedEvent| {
        if let Err(error) = show(global, event) {
            *unread.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            stop.notify_one();
        }
    };
    let mut interrupts = Interrupts::new().map_err(|e| CliError::local("local", e.to_string()))?;
    let report = tokio::select! {
        report = seeding::run(Arc::clone(node), plan, lock, tell) => Some(report?),
        () = interrupts.next() => None,
        () = stop.notified() => None,
    };
    match unread.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        // Until an interrupt is how long it runs; only of --once more was expected.
        None if report.is_none() && args.once => Err(CliError::silent(Exit::Local)),
        None => Ok(report),
    }
}

fn show(global: &Global, event: &SeedEvent) -> Result<(), CliError> {
    if global.json {
        return output::json(event);
    }
    output::note(global.quiet, output::plain(&event.to_string()));
    Ok(())
}

fn judge(global: &Global, report: Option<SeedReport>) -> Result<(), CliError> {
    let Some(report) = report else { return Ok(()) };
    let SeedReport { kept, here, refused, failed, lied } = report;
    if !global.json {
        output::line(format_args!(
            "{kept} fetched, {here} were here, {refused} without room, {failed} not to be had"
        ))?;
    }
    match (failed, lied) {
        (0, _) => Ok(()),
        (_, 0) => Err(CliError::new(Exit::NotFound, "not-found", format!("{failed} could not be had"))
            .hint("name a node that has it with --from URL, or try again later")),
        (_, lied) => Err(CliError::new(
            Exit::Bad,
            "unverified",
            format!("{failed} could not be had, {lied} of them offered only in forms that do not verify"),
        )
        .hint("name another node with --from URL")),
    }
}

async fn list(global: &Global, node: &Node) -> Result<(), CliError> {
    for followed in node.store().followed().await? {
        let Followed { reference, pinned, since, sources } = &followed;
        if global.json {
            output::json(&Line { reference, pinned: *pinned, since: *since, sources })?;
            continue;
        }
        let pinned = if *pinned { "  pinned" } else { "" };
        output::line(
            format_args!("{}{pinned}  {}", output::plain(reference), sources.join(" "))
                .to_string()
                .trim_end(),
        )?;
    }
    Ok(())
}

async fn remove(global: &Global, node: &Node, what: &[String]) -> Result<(), CliError> {
    for reference in what {
        let changed = seeding::unfollow(node, reference).await?;
        if global.json {
            output::json(&serde_json::json!({"ref": reference, "changed": changed}))?;
        } else {
            let verb = if changed { "is no longer followed" } else { "was not followed" };
            output::line(format_args!("{} {verb}", output::plain(reference)))?;
        }
    }
    Ok(())
}

/// Brings what was fetched within the quota again, once a command has done its work. What is wrong then is told, and
/// changes nothing about the work.
pub(super) async fn trim(global: &Global, node: &Arc<Node>, from: &[String]) {
    let Ok(settings) = super::peers::settings(global, PartialPeers::default()) else { return };
    let quota = settings.quota;
    match seeding::trim(node, from, quota).await {
        Ok(room) if room.missing > 0 => {
            let text = format!(
                "music kept for others exceeds the quota of {quota} bytes by {}: it is pinned, or no other copy of it \
                 was seen; a larger quota is set in config.toml",
                room.missing
            );
            output::warn(global, "quota", "the quota", &text);
        }
        Ok(room) if !room.evicted.is_empty() => {
            let text = format!("{} given up to stay within the quota of {quota} bytes", room.evicted.len());
            output::note(global.quiet || global.json, format_args!("note: {text}"));
        }
        Ok(_) => {}
        Err(error) => output::warn(global, "local", "the quota", &error.to_string()),
    }
}

impl From<FollowError> for CliError {
    fn from(error: FollowError) -> Self {
        match error {
            FollowError::Store(e) => e.into(),
            FollowError::Source(e) => Self::advised(Exit::Usage, "usage", &e.to_string()),
            other => Self::usage(other.to_string()),
        }
    }
}

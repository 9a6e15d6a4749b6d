//! `osp resolve`: from a REF to a verified record and its audio.

use crate::{
    args::{Global, Resolve},
    error::{CliError, Exit},
    output, progress,
};
use osp_core::reference::Reference;
use osp_node::resolve::{BytesBySource, ResolveEvent, ResolveRequest, Resolved, record_json, resolve};
use std::{path::Path, sync::Mutex};

/// What `osp resolve --json` prints (`spec/schemas/resolve-result.json`).
#[derive(serde::Serialize)]
struct Line<'a> {
    record: Option<Box<serde_json::value::RawValue>>,
    path: Option<&'a Path>,
    sources: BytesBySource,
}

pub(super) async fn run(global: &Global, args: Resolve) -> Result<(), CliError> {
    let reference = Reference::parse(&args.reference).map_err(|e| CliError::usage(e.to_string()))?;
    if let Reference::Url(url) = &reference {
        osp_fetch::Target::typed(url).map_err(|e| CliError::advised(Exit::Usage, "usage", &e.to_string()))?;
    }
    args.from.iter().try_for_each(|place| super::check_place(place))?;
    let node = super::peers::open(global, &args.sharing).await?;
    let from = args.from.clone();
    let request = ResolveRequest { reference, from: args.from, output: args.output, force: args.force };
    let bar = progress::Bytes::new(global.quiet || global.json);
    let liars = Mutex::new(Vec::new());
    let show = |event: ResolveEvent<'_>| match event {
        ResolveEvent::Fetching { title, done, total } => bar.show(&output::plain(title), done, total),
        ResolveEvent::Lied { source, what } if global.json => {
            if let Ok(mut liars) = liars.lock() {
                liars.push(serde_json::json!({"class": "unverified", "source": source, "message": what}));
            }
        }
        ResolveEvent::Lied { source, what } => {
            output::note(
                global.quiet,
                format_args!("warning: {} is left out: {}", output::plain(source), output::plain(what)),
            );
        }
        _ => {}
    };
    let mut printed = Ok(());
    let mut each = |resolved: Resolved| {
        if printed.is_ok() {
            bar.clear();
            printed = print(global, &resolved);
        }
    };
    let result = resolve(&node, &request, &show, &mut each).await;
    bar.clear();
    super::seed::trim(global, &node, &from).await;
    printed?;
    result?;
    // With --json an error is all of stderr and names the liars itself; after success they are told here.
    for warning in liars.into_inner().unwrap_or_default() {
        output::note(global.quiet, serde_json::json!({ "warning": warning }));
    }
    Ok(())
}

fn print(global: &Global, resolved: &Resolved) -> Result<(), CliError> {
    let json = resolved.record.as_ref().map(|r| record_json(r));
    if global.json {
        let record = json.map(|bytes| serde_json::from_slice(&bytes)).transpose();
        let record = record.map_err(|e| CliError::local("local", e.to_string()))?;
        let path = resolved.path.as_deref();
        return output::json(&Line { record, path, sources: resolved.sources });
    }
    let what = json.map_or_else(|| resolved.cid.to_string(), |bytes| super::search::describe(&bytes));
    let from = came_from(&resolved.sources);
    output::line(format_args!("{what}\n  {from}"))?;
    if let Some(path) = &resolved.path {
        output::line(format_args!("  written to {}", path.display()))?;
    }
    Ok(())
}

/// Where the bytes came from, for a person.
fn came_from(sources: &BytesBySource) -> String {
    let ways = [
        (sources.http, "over HTTP"),
        (sources.bittorrent, "over BitTorrent"),
        (sources.webtorrent, "over WebTorrent"),
        (sources.ipfs, "over IPFS"),
    ];
    let parts: Vec<String> = ways
        .iter()
        .filter(|(bytes, _)| *bytes > 0)
        .map(|(bytes, way)| format!("{bytes} bytes {way}"))
        .collect();
    if parts.is_empty() { "was here".to_owned() } else { format!("{}, verified", parts.join(", ")) }
}

//! `osp search`: tracks in this home's catalogue, then in the network.

mod network;

use crate::{
    args::{Global, Search},
    error::{CliError, Exit},
    output,
};
use osp_core::{did::Did, record::Record};
use osp_node::{
    Node,
    discovery::search::{NetworkSearch, NotSearched},
    social::trust_ranks,
};
use osp_store::Query;
use serde::Serialize;
use std::{sync::Arc, time::Duration};

/// Tracks asked of the catalogue at once.
const PAGE: usize = 200;

/// Where a line comes from (`spec/schemas/search-line.json`).
#[derive(Serialize)]
struct Provenance {
    /// This home has it.
    local: bool,
    /// Who sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
}

pub(super) async fn run(global: &Global, args: Search) -> Result<(), CliError> {
    let artist = args.artist.as_deref().map(Did::parse).transpose();
    let artist = artist.map_err(|e| CliError::usage(e.to_string()))?;
    let node = super::open(global)?;
    let text = args.query.join(" ");
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let query = Query {
        text: (!text.trim().is_empty()).then_some(text),
        artist,
        title: args.title.clone(),
        genre: args.genre.clone(),
        limit,
        trust: Some(trust_ranks(&node).await?),
        ..Query::default()
    };
    let search = begin(global, &node, &args, &query).await?;
    let here = catalogue(global, &node, &query, search.is_some()).await?;
    let Some(search) = search else {
        if here == 0 {
            output::note(global.quiet || global.json, "nothing found in this catalogue");
        }
        return Ok(());
    };
    let found = network::print(global, &node, search, &query, Duration::from_secs(args.wait)).await?;
    let quiet = global.quiet || global.json;
    match found.summary {
        Some(summary) if here + found.tracks == 0 => output::note(
            quiet,
            format_args!("nothing found here, nor in the network ({} nodes asked)", summary.asked),
        ),
        None if here + found.tracks == 0 => {
            output::note(quiet, "nothing found here, nor in the network so far; --wait gives it more time");
        }
        _ => {}
    }
    Ok(())
}

/// The search in the network, if there is to be one.
async fn begin(
    global: &Global,
    node: &Arc<Node>,
    args: &Search,
    query: &Query,
) -> Result<Option<NetworkSearch>, CliError> {
    if args.local {
        return Ok(None);
    }
    super::peers::join_members(global, node, &args.members)?;
    match NetworkSearch::begin(node, query).await {
        Ok(search) => Ok(Some(search)),
        Err(NotSearched::Store(error)) => Err(error.into()),
        Err(_) if !args.network => Ok(None),
        Err(error @ NotSearched::NoNetwork) => {
            Err(CliError::advised(Exit::NotFound, "unreachable", &error.to_string()))
        }
        Err(error) => Err(CliError::advised(Exit::Usage, "usage", &error.to_string())),
    }
}

/// Prints what this home has; how many there were.
async fn catalogue(
    global: &Global,
    node: &Node,
    query: &Query,
    with_provenance: bool,
) -> Result<usize, CliError> {
    let (mut query, mut left) = (query.clone(), query.limit);
    let provenance = with_provenance.then_some(Provenance { local: true, peer: None });
    while left > 0 {
        let limit = left.min(PAGE);
        let page = node.records().search(&Query { limit, ..query.clone() }).await?;
        for record in &page.records {
            left -= 1;
            line(global, &record.json, provenance.as_ref())?;
        }
        match page.next {
            Some(next) if !page.records.is_empty() => query.cursor = Some(next),
            _ => break,
        }
    }
    Ok(query.limit - left)
}

/// Prints one track.
fn line(global: &Global, json: &[u8], provenance: Option<&Provenance>) -> Result<(), CliError> {
    match (global.json, provenance) {
        (true, Some(provenance)) => output::json_line(&with_provenance(json, provenance)?),
        (true, None) => output::json_line(json),
        (false, Some(Provenance { peer: Some(peer), .. })) => {
            let end = peer.get(peer.len().saturating_sub(6)..).unwrap_or(peer);
            output::line(format_args!("{}  \x1b[2mnetwork, peer …{end}\x1b[0m", describe(json)))
        }
        (false, _) => output::line(describe(json)),
    }
}

/// The record's own bytes, and beside its members that one.
fn with_provenance(json: &[u8], provenance: &Provenance) -> Result<Vec<u8>, CliError> {
    let wrong = |e: serde_json::Error| CliError::local("local", e.to_string());
    let mut members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(json).map_err(wrong)?;
    // What a stranger's record says of it is not what we say of it.
    if members.remove("provenance").is_some() {
        members.insert("provenance".to_owned(), serde_json::to_value(provenance).map_err(wrong)?);
        return serde_json::to_vec(&members).map_err(wrong);
    }
    let body = json.strip_suffix(b"}").unwrap_or(json);
    let provenance = serde_json::to_vec(provenance).map_err(wrong)?;
    Ok([body, b",\"provenance\":", &provenance, b"}"].concat())
}

/// `Artist - Title (Album)  osp:track:…` on one line.
pub(super) fn describe(json: &[u8]) -> String {
    let Ok(Record::Track(track)) = Record::parse(json) else { return String::new() };
    let artist = track.text("artistName").map(|a| format!("{} - ", output::plain(a))).unwrap_or_default();
    let album = track.text("album").map(|a| format!(" ({})", output::plain(a))).unwrap_or_default();
    let title = output::plain(track.title());
    format!("{artist}\x1b[1m{title}\x1b[0m{album}  \x1b[2m{}\x1b[0m", track.id().as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn provenance_is_ours_whatever_a_record_says() {
        let peer = Provenance { local: false, peer: Some("12D3".into()) };
        let of = |json: &str| String::from_utf8(with_provenance(json.as_bytes(), &peer).unwrap()).unwrap();
        assert_eq!(
            of(r#"{"id":"x","size":1e3}"#),
            r#"{"id":"x","size":1e3,"provenance":{"local":false,"peer":"12D3"}}"#
        );
        let lie: serde_json::Value = serde_json::from_str(&of(r#"{"provenance":{"local":true}}"#)).unwrap();
        assert_eq!(lie, serde_json::json!({"provenance": {"local": false, "peer": "12D3"}}));
    }
}

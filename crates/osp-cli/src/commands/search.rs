//! `osp search`: tracks in this home's catalogue.

use crate::{
    args::{Global, Search},
    error::CliError,
    output,
};
use osp_core::{did::Did, record::Record};
use osp_node::social::trust_ranks;
use osp_store::Query;

pub(super) async fn run(global: &Global, args: Search) -> Result<(), CliError> {
    let artist = args.artist.as_deref().map(Did::parse).transpose();
    let artist = artist.map_err(|e| CliError::usage(e.to_string()))?;
    let node = super::open(global)?;
    let text = args.query.join(" ");
    let mut left = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut query = Query {
        text: (!text.trim().is_empty()).then_some(text),
        artist,
        title: args.title,
        genre: args.genre,
        trust: Some(trust_ranks(&node).await?),
        ..Query::default()
    };
    let mut found = 0usize;
    while left > 0 {
        query.limit = left.min(200);
        let page = node.records().search(&query).await?;
        for record in &page.records {
            found += 1;
            left -= 1;
            if global.json {
                output::json_line(&record.json)?;
            } else {
                output::line(describe(&record.json))?;
            }
        }
        match page.next {
            Some(next) if !page.records.is_empty() => query.cursor = Some(next),
            _ => break,
        }
    }
    if found == 0 {
        output::note(global.quiet || global.json, "nothing found in this catalogue");
    }
    Ok(())
}

/// `Artist - Title (Album)  osp:track:…` on one line.
pub(super) fn describe(json: &[u8]) -> String {
    let Ok(Record::Track(track)) = Record::parse(json) else { return String::new() };
    let artist = track.text("artistName").map(|a| format!("{} - ", output::plain(a))).unwrap_or_default();
    let album = track.text("album").map(|a| format!(" ({})", output::plain(a))).unwrap_or_default();
    let title = output::plain(track.title());
    format!("{artist}\x1b[1m{title}\x1b[0m{album}  \x1b[2m{}\x1b[0m", track.id().as_str())
}

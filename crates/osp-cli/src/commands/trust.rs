//! `osp trust`: whose music comes first in searches here. Nobody else is told.

use crate::{
    args::{Global, social::Trust as Args},
    error::CliError,
    output,
};
use osp_core::did::Did;
use osp_store::Social as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) async fn run(global: &Global, args: Args) -> Result<(), CliError> {
    let node = super::open(global)?;
    let store = node.store();
    match args {
        Args::Add { did, note } => {
            let did = super::did(&did)?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let changed = store.trust(&did, note.as_deref(), now).await?;
            show(global, &did, note.as_deref(), Change::Made(changed, ["trusted", "was trusted already"]))
        }
        Args::Remove { did } => {
            let did = super::did(&did)?;
            let changed = store.distrust(&did).await?;
            show(global, &did, None, Change::Made(changed, ["no longer trusted", "was not trusted"]))
        }
        Args::List => store.trusted().await?.iter().try_for_each(|entry| {
            show(global, &entry.did, entry.note.as_deref(), Change::Since(entry.since))
        }),
    }
}

/// What is said of an entry beside itself.
enum Change {
    /// Whether anything changed, and how that is said.
    Made(bool, [&'static str; 2]),
    /// Nothing was changed; it is there since then, in seconds since 1970.
    Since(u64),
}

fn show(global: &Global, did: &Did, note: Option<&str>, change: Change) -> Result<(), CliError> {
    let did = did.to_string();
    if global.json {
        let mut value = serde_json::json!({"did": did, "note": note});
        if let Some(object) = value.as_object_mut() {
            match change {
                Change::Made(changed, _) => object.insert("changed".to_owned(), changed.into()),
                Change::Since(since) => object.insert("since".to_owned(), time(since).into()),
            };
        }
        return output::json(&value);
    }
    let tail = match change {
        Change::Made(changed, [yes, no]) => format!(" {}", if changed { yes } else { no }),
        Change::Since(_) => note.map(|note| format!("  {}", output::plain(note))).unwrap_or_default(),
    };
    output::line(format_args!("{did}{tail}"))
}

fn time(since: u64) -> String {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(since)).to_string()
}

//! `osp block`: what this node refuses to serve.

use crate::{
    args::{Block as Args, Global},
    error::CliError,
    output,
};
use osp_node::moderation;
use osp_store::Block;

pub(super) async fn run(global: &Global, args: Args) -> Result<(), CliError> {
    let node = super::open(global)?;
    let (what, changed, verb) = match args {
        Args::List => {
            for (block, reason) in node.records().blocks().await? {
                show(global, &block, reason.as_deref(), None)?;
            }
            return Ok(());
        }
        Args::Add { reference, reason } => {
            let what = moderation::block_of(&node, &reference).await?;
            let changed = node.records().block(&what, reason.as_deref()).await?;
            if let Block::Content(cid) = &what
                && node.blobs().find(cid).await?.is_none()
            {
                output::note(
                    global.quiet || global.json,
                    "note: nothing stored here has this CID; it is refused when it comes. The same music under \
                     another CID (see «osp cid --profile») is blocked on its own.",
                );
            }
            (what, changed, if changed { "blocked" } else { "was blocked already" })
        }
        Args::Remove { reference } => {
            let what = moderation::block_of(&node, &reference).await?;
            let changed = node.records().unblock(&what).await?;
            (what, changed, if changed { "no longer blocked" } else { "was not blocked" })
        }
    };
    show(global, &what, None, Some((changed, verb)))
}

fn show(
    global: &Global,
    block: &Block,
    reason: Option<&str>,
    change: Option<(bool, &str)>,
) -> Result<(), CliError> {
    let (kind, text) = match block {
        Block::Content(cid) => ("content", cid.to_string()),
        Block::Record(id) => ("record", id.as_str().to_owned()),
        Block::Artist(did) => ("artist", did.to_string()),
    };
    if global.json {
        let mut value = serde_json::json!({"kind": kind, "ref": text, "reason": reason});
        if let (Some((changed, _)), Some(object)) = (change, value.as_object_mut()) {
            object.insert("changed".to_owned(), changed.into());
        }
        return output::json(&value);
    }
    let tail = match (change, reason) {
        (Some((_, verb)), _) => format!(" {verb}"),
        (None, Some(reason)) => format!("  {}", output::plain(reason)),
        (None, None) => String::new(),
    };
    output::line(format_args!("{kind} {text}{tail}"))
}

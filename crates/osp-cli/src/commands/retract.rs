//! `osp retract`: withdraws a track.

use super::{publish, signer};
use crate::{
    args::{Global, Retract},
    error::CliError,
    output,
};
use osp_core::record::{Record, RecordId};
use osp_node::publish::{remote, retract};

pub(super) async fn run(global: &Global, args: Retract) -> Result<(), CliError> {
    let id = RecordId::parse(&args.id).map_err(|e| CliError::usage(e.to_string()))?;
    let remotes = args.to.iter().map(|url| publish::target(url)).collect::<Result<Vec<_>, _>>()?;
    let node = super::open(global)?;
    // The track's own artist signs, unless somebody else is named (and then refused with the reason).
    let choice = match args.artist_id {
        Some(choice) => Some(choice),
        None => node
            .records()
            .get(id.as_str())
            .await?
            .and_then(|r| Record::parse(&r.json).ok())
            .map(|r| r.artist().to_string()),
    };
    let identity = signer::identity(&node, choice.as_deref())?;
    let key = signer::unlock(global, &node, &identity)?;
    let retraction = retract::retract(&node, &id, args.reason.as_deref(), &key).await?;
    for target in &remotes {
        remote::send(&node, target, &retraction).await?;
    }
    if global.json {
        output::json_line(&retraction.to_bytes())
    } else {
        output::line(format_args!("retracted {}", id.as_str()))
    }
}

//! `osp follow`: whom an artist follows, for everybody to see.

use super::{publish, signer};
use crate::{
    args::{Global, social::Follow as Args},
    error::CliError,
    output,
};
use osp_core::record::{FollowState, Profile, Record};
use osp_node::{Node, publish::remote, social::follow::follow};
use osp_store::{Social as _, social::MAX_FOLLOWS};

pub(super) async fn run(global: &Global, args: Args) -> Result<(), CliError> {
    let remotes = args.to.iter().map(|url| publish::target(url)).collect::<Result<Vec<_>, _>>()?;
    let whom = args.did.as_deref().map(super::did).transpose()?;
    let node = super::open(global)?;
    let identity = signer::identity(&node, args.artist_id.as_deref())?;
    let Some(whom) = whom else {
        for stored in node.store().follows(identity.artist(), MAX_FOLLOWS).await? {
            print(global, &node, &stored.json, None).await?;
        }
        return Ok(());
    };
    let (state, verb) = match args.stop {
        false => (FollowState::Follow, "follows"),
        true => (FollowState::Unfollow, "no longer follows"),
    };
    let key = signer::unlock(global, &node, &identity)?;
    let record = follow(&node, &key, &whom, state, &signer::now()).await?;
    for target in &remotes {
        remote::send(&node, target, &record).await?;
    }
    let said = format!("{} {verb} ", output::plain(&identity.name));
    print(global, &node, &record.to_bytes(), Some(&said)).await
}

/// The DID that is followed, and the name it goes by where that is known here.
async fn print(global: &Global, node: &Node, json: &[u8], said: Option<&str>) -> Result<(), CliError> {
    if global.json {
        return output::json_line(json);
    }
    let record = Record::parse(json).map_err(|e| CliError::local("store", e.to_string()))?;
    let Some(follow) = record.as_follow() else { return Ok(()) };
    let profile = node.store().profile(follow.follows()).await?;
    let profile = profile.and_then(|stored| Record::parse(&stored.json).ok());
    let name = profile.as_ref().and_then(Record::as_profile).map(Profile::name);
    let name = name.map(|name| format!("  {}", output::plain(name))).unwrap_or_default();
    output::line(format_args!("{}{}{name}", said.unwrap_or_default(), follow.follows()))
}

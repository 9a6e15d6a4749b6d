//! `osp publish`: files and folders become signed tracks in the catalogue.

mod sealed;

use super::{cid, signer};
use crate::{
    args::{Global, Publish},
    error::CliError,
    output, progress,
};
use osp_core::record::RecordId;
use osp_node::{
    Node,
    publish::{Overrides, PublishEvent, PublishRequest, Published, publish, remote},
};
use osp_store::Put;
use std::sync::{Mutex, PoisonError};

pub(super) async fn run(global: &Global, args: Publish) -> Result<(), CliError> {
    if args.selling.seal {
        return sealed::run(global, &args).await;
    }
    let request = request(&args)?;
    let remotes = args.to.iter().map(|url| target(url)).collect::<Result<Vec<_>, _>>()?;
    let node = super::open(global)?;
    let identity = signer::identity(&node, args.artist_id.as_deref())?;
    let key = signer::unlock(global, &node, &identity)?;
    let bar = progress::Bytes::new(global.quiet || global.json);
    // Told as soon as it is true, unless another node has to have it first. Publishing goes on when the reader of
    // stdout has gone: what was asked for is to publish.
    let printed = Mutex::new(Ok(()));
    let show = |event: PublishEvent<'_>| match event {
        PublishEvent::Hashing { path, done, total } => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            bar.show(&output::plain(&name), done, Some(total));
        }
        PublishEvent::Done(track) if remotes.is_empty() => {
            let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
            if printed.is_ok() {
                bar.clear();
                *printed = print(global, track, args.dry_run);
            }
        }
        _ => {}
    };
    let result = publish(&node, &identity, &key, &request, &signer::now(), &show).await;
    bar.clear();
    let published = result?;
    for target in &remotes {
        for track in &published {
            send(global, &node, target, track).await?;
        }
    }
    if !remotes.is_empty() {
        published.iter().try_for_each(|track| print(global, track, false))?;
    }
    printed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn request(args: &Publish) -> Result<PublishRequest, CliError> {
    let supersedes = args.supersedes.as_deref().map(RecordId::parse).transpose();
    Ok(PublishRequest {
        inputs: args.inputs.clone(),
        overrides: Overrides {
            title: args.title.clone(),
            artist_name: args.artist_name.clone(),
            album: args.album.clone(),
            genres: args.genre.clone(),
            license: args.license.clone(),
            released: args.released.clone(),
            cover: args.cover.clone(),
            lyrics: args.lyrics.clone(),
            mirrors: args.mirror.clone(),
            trackers: args.tracker.clone(),
            consent: args.consent.iter().cloned().collect(),
            supersedes: supersedes.map_err(|e| CliError::usage(format!("--supersedes: {e}")))?,
        },
        profile: cid::profile(&args.cid_profile)?,
        waveforms: !args.no_waveform,
        dry_run: args.dry_run,
    })
}

/// A node to send to, with the token from `OSP_TOKEN`.
pub(super) fn target(url: &str) -> Result<remote::Target, CliError> {
    let token = std::env::var("OSP_TOKEN").ok().filter(|t| !t.is_empty()).ok_or_else(|| {
        CliError::usage("--to needs that node's token in OSP_TOKEN")
            .hint("it is in the file api-token in that node's home")
    })?;
    remote::Target::new(url, &token).map_err(|e| CliError::usage(e.to_string()))
}

async fn send(
    global: &Global,
    node: &Node,
    target: &remote::Target,
    track: &Published,
) -> Result<(), CliError> {
    let sent = remote::send(node, target, &track.record).await?;
    let verb = if sent == Put::New { "sent to" } else { "was already at" };
    output::note(
        global.quiet || global.json,
        format_args!("{} {verb} {}", track.record.id().as_str(), target.url()),
    );
    Ok(())
}

fn print(global: &Global, track: &Published, dry_run: bool) -> Result<(), CliError> {
    let json = track.record.to_bytes();
    if global.json {
        output::json_line(&json)?;
    } else {
        let mark = match (dry_run, track.put) {
            (true, _) => "would publish",
            (false, Put::New) => "published",
            (false, _) => "known already",
        };
        output::line(format_args!("{mark:<14}{}", super::search::describe(&json)))?;
    }
    if let Some(other) = &track.same_audio_as {
        output::note(
            global.quiet,
            format_args!(
                "note: {} has the same audio and is still current; if this replaces it, retract it or publish \
                 with --supersedes {}",
                other.as_str(),
                other.as_str()
            ),
        );
    }
    Ok(())
}

//! The list of what is followed.

use crate::{Node, publish::tracks_of, resolve};
use osp_core::{
    Cid,
    record::Record,
    reference::{Reference, ReferenceError},
};
use osp_fetch::{FetchError, Target};
use osp_store::{Custody as _, Followed, StoreError};

/// Most nodes that are asked for one REF.
pub const MAX_SOURCES: usize = 32;

/// Why a REF cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// It is no REF.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// An address that cannot be used.
    #[error(transparent)]
    Source(#[from] FetchError),
    /// Too many nodes.
    #[error("at most {MAX_SOURCES} nodes can be asked for one REF; leave some --from out")]
    TooMany,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// From now on keeps what `reference` names, asking the nodes `from`. Following it again replaces the nodes, unless none
/// is named, and pins, if that is asked for. The address of a node's page counts as what it shows, at that node.
///
/// # Errors
/// [`FollowError`]; nothing has changed then.
pub async fn follow(
    node: &Node,
    reference: &str,
    from: &[String],
    pinned: bool,
) -> Result<Followed, FollowError> {
    let (reference, base) = normal(reference)?;
    let mut sources: Vec<String> = base.into_iter().chain(from.iter().cloned()).collect();
    for source in &mut sources {
        *source = Target::typed(source)?.url().as_str().trim_end_matches('/').to_owned();
    }
    let mut seen = std::collections::HashSet::new();
    sources.retain(|source| seen.insert(source.clone()));
    if sources.len() > MAX_SOURCES {
        return Err(FollowError::TooMany);
    }
    let known = node.store().followed().await?.into_iter().find(|followed| followed.reference == reference);
    let mut followed = Followed { reference, pinned, since: super::now(), sources };
    if let Some(known) = known {
        followed.since = known.since;
        followed.pinned |= known.pinned;
        if followed.sources.is_empty() {
            followed.sources = known.sources;
        }
    }
    node.store().follow(&followed).await?;
    Ok(followed)
}

/// No longer keeps what `reference` names on its account: it stays while there is room, and is no longer pinned by it.
/// `false` if it was not followed.
///
/// # Errors
/// [`FollowError`].
pub async fn unfollow(node: &Node, reference: &str) -> Result<bool, FollowError> {
    let (reference, _) = normal(reference)?;
    let known = node.store().followed().await?.into_iter().find(|followed| followed.reference == reference);
    if known.is_some_and(|followed| followed.pinned) {
        // What another REF pins as well is pinned again when that one is looked at next.
        for cid in contents(node, &reference).await? {
            node.store().pin(&cid, false).await?;
        }
    }
    Ok(node.store().unfollow(&reference).await?)
}

/// What a REF leads to, as far as is known here.
async fn contents(node: &Node, reference: &str) -> Result<Vec<Cid>, FollowError> {
    let records = match Reference::parse(reference)? {
        Reference::Did(did) => tracks_of(node, &did).await?,
        Reference::Record(id) => node.records().get(id.as_str()).await?.map(|r| r.json).into_iter().collect(),
        Reference::Cid(cid) => return Ok(vec![cid]),
        Reference::Magnet(magnet) => {
            let blob = node.blobs().find_by_infohash(&magnet.infohash).await?;
            return Ok(blob.map(|blob| blob.cid).into_iter().collect());
        }
        _ => Vec::new(),
    };
    let tracks = records.iter().filter_map(|json| Record::parse(json).ok());
    Ok(tracks
        .filter_map(|record| {
            let track = record.as_track()?;
            Some([Some(track.content()), track.artwork(), track.waveform(), track.lyrics()])
        })
        .flatten()
        .flatten()
        .collect())
}

/// A REF as it is kept, and the node that its address leads to.
fn normal(text: &str) -> Result<(String, Option<String>), FollowError> {
    let parsed = Reference::parse(text)?;
    let Reference::Url(url) = &parsed else { return Ok((written(&parsed, text), None)) };
    Target::typed(url)?;
    Ok(match resolve::understand(url) {
        Some((base, inner)) => (written(&inner, text), Some(base)),
        None => (url.clone(), None),
    })
}

fn written(reference: &Reference, text: &str) -> String {
    match reference {
        Reference::Record(id) => id.as_str().to_owned(),
        Reference::Cid(cid) => cid.to_string(),
        Reference::Magnet(magnet) => magnet.to_string(),
        Reference::Did(did) => did.to_string(),
        _ => text.trim().to_owned(),
    }
}

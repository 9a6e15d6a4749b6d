//! Editing a profile: the next record says what the last one said, and what is changed.

use crate::{
    Node,
    identity::Signatory,
    publish::{PublishError, keep_picture},
};
use osp_core::record::{Link, MAX_LINKS, Profile, ProfileDraft, Record, Refusal, Verified, newest};
use osp_media::CoverError;
use osp_store::{Put, Social, StoreError};
use std::path::PathBuf;

/// A member of a profile that can be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear {
    /// `bio`
    Bio,
    /// `avatar`
    Avatar,
    /// `banner`
    Banner,
    /// All of `links`
    Links,
    /// All of `donations`
    Donations,
}

/// What to change. First members are cleared, then set; a link takes the place of one with the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileEdit {
    /// `name`
    pub name: Option<String>,
    /// `bio`
    pub bio: Option<String>,
    /// A picture file for `avatar`.
    pub avatar: Option<PathBuf>,
    /// A picture file for `banner`.
    pub banner: Option<PathBuf>,
    /// `links`
    pub links: Vec<Link>,
    /// `donations`
    pub donations: Vec<Link>,
    /// Members to take out.
    pub clear: Vec<Clear>,
}

/// Why a profile was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// A picture that was named.
    #[error(transparent)]
    Picture(#[from] CoverError),
    /// It could not be kept.
    #[error(transparent)]
    Keep(#[from] Box<PublishError>),
    /// More links than a profile has.
    #[error("a profile has at most {MAX_LINKS} {0}; take them out with --clear {0} and name those to keep")]
    TooMany(&'static str),
    /// The newest profile is dated in the future.
    #[error("the last profile is dated {0}, more than a day ahead; check this machine's clock")]
    Clock(String),
    /// The record would not be valid.
    #[error("the profile would be refused: {0}")]
    Refused(#[from] Refusal),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs and stores a profile that says what the last one said, with `edit`. The first one is called `name` where the
/// edit does not name it. Pictures are stored as content. `now`: RFC 3339, UTC, seconds.
///
/// # Errors
/// [`ProfileError`].
pub async fn edit(
    node: &Node,
    signer: &Signatory,
    name: &str,
    edit: ProfileEdit,
    now: &str,
) -> Result<Verified<Record>, ProfileError> {
    let known = node.store().profile(signer.artist()).await?;
    let known = known.map(|stored| Record::parse(&stored.json)).transpose()?;
    let before = known.as_ref().and_then(Record::as_profile);
    let mut draft = match before {
        Some(profile) => profile.to_draft(),
        None => ProfileDraft { name: name.to_owned(), ..ProfileDraft::default() },
    };
    let updated = newest::next_update(now, before.map(Profile::updated));
    let pictures = apply(&mut draft, edit)?;
    // What no profile can hold is told before anything is kept.
    draft.sign_as(signer.artist(), signer.key(), &updated)?;
    let [avatar, banner] = pictures;
    for (picture, member) in [(avatar, &mut draft.avatar), (banner, &mut draft.banner)] {
        if let Some(bytes) = picture {
            *member = Some(keep_picture(node, bytes.into()).await.map_err(Box::new)?.to_string());
        }
    }
    let record = draft.sign_as(signer.artist(), signer.key(), &updated)?;
    match node.records().put(std::slice::from_ref(&record)).await?.first() {
        Some(Put::Early) => Err(ProfileError::Clock(updated)),
        _ => Ok(record),
    }
}

/// Changes the texts of a draft; gives the bytes of the pictures, avatar and banner.
fn apply(draft: &mut ProfileDraft, edit: ProfileEdit) -> Result<[Option<Vec<u8>>; 2], ProfileError> {
    for member in edit.clear {
        match member {
            Clear::Bio => draft.bio = None,
            Clear::Avatar => draft.avatar = None,
            Clear::Banner => draft.banner = None,
            Clear::Links => draft.links.clear(),
            Clear::Donations => draft.donations.clear(),
        }
    }
    if let Some(name) = edit.name {
        draft.name = name;
    }
    if let Some(bio) = edit.bio {
        draft.bio = Some(bio);
    }
    for (what, list, new) in
        [("links", &mut draft.links, edit.links), ("donations", &mut draft.donations, edit.donations)]
    {
        for link in new {
            match list.iter_mut().find(|old| old.name == link.name) {
                Some(old) => *old = link,
                None => list.push(link),
            }
        }
        if list.len() > MAX_LINKS {
            return Err(ProfileError::TooMany(what));
        }
    }
    let read = |path: Option<PathBuf>| path.map(|path| osp_media::read_cover(&path)).transpose();
    Ok([read(edit.avatar)?.map(|c| c.bytes), read(edit.banner)?.map(|c| c.bytes)])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn link(name: &str, url: &str) -> Link {
        Link { name: name.into(), url: url.into() }
    }

    #[test]
    fn clearing_comes_first_and_a_link_replaces_its_namesake() {
        let mut draft = ProfileDraft {
            bio: Some("old".into()),
            links: vec![link("A", "https://a.example"), link("B", "https://b.example")],
            ..ProfileDraft::default()
        };
        let new = vec![link("B", "https://new.example"), link("C", "https://c.example")];
        apply(&mut draft, ProfileEdit { links: new, clear: vec![Clear::Bio], ..Default::default() }).unwrap();
        assert_eq!(draft.bio, None);
        let urls: Vec<_> = draft.links.iter().map(|l| l.url.as_str()).collect();
        assert_eq!(urls, ["https://a.example", "https://new.example", "https://c.example"]);
        let only = vec![link("D", "https://d.example")];
        apply(&mut draft, ProfileEdit { links: only, clear: vec![Clear::Links], ..Default::default() })
            .unwrap();
        assert_eq!(draft.links.len(), 1);
        let many = (0..16).map(|n| link(&n.to_string(), "https://d.example")).collect();
        let refused = apply(&mut draft, ProfileEdit { links: many, ..Default::default() });
        assert!(matches!(refused, Err(ProfileError::TooMany("links"))));
    }
}

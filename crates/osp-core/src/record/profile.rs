//! Profiles: what artists say about themselves.
//!
//! ```json
//! {"type":"osp:Profile","version":"0.1","id":"osp:profile:bafkrei…","artist":"did:key:z6Mk…","name":"Ana",
//!  "bio":"…","avatar":"bafkrei…","links":[{"name":"Website","url":"https://ana.example"}],
//!  "donations":[{"name":"Bitcoin","url":"bitcoin:bc1q…"}],"updated":"2026-01-15T12:00:00Z","signature":"…"}
//! ```
//!
//! An artist has one profile, the newest ([`super::newest`]).

use super::{
    Envelope, RecordId, RecordKind, Refusal, Verified, date, draft,
    envelope::text,
    words::{Link, links},
};
use crate::{
    Cid,
    content::parse_cid,
    context,
    did::Did,
    json::{self, Object},
    key::ArtistKey,
    record::Record,
};

/// Members that have their own field in [`ProfileDraft`].
const FIELDS: [&str; 7] = ["name", "bio", "avatar", "banner", "links", "donations", "updated"];

/// A well-formed profile. Members are read through accessors; unknown ones are kept.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(super) envelope: Envelope,
}

impl Profile {
    pub(super) fn from_members(members: Object) -> Result<Self, Refusal> {
        Ok(Self { envelope: Envelope::new(RecordKind::Profile, members)? })
    }

    /// `id`
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.envelope.id.clone()
    }

    /// `artist`: whose profile it is.
    #[must_use]
    pub fn artist(&self) -> Did {
        self.envelope.artist.clone()
    }

    /// `name`
    #[must_use]
    pub fn name(&self) -> &str {
        text(&self.envelope.members, "name")
    }

    /// `bio`: lines of plain text.
    #[must_use]
    pub fn bio(&self) -> Option<&str> {
        self.envelope.members.get("bio")?.as_str()
    }

    /// `avatar`: a square picture.
    #[must_use]
    pub fn avatar(&self) -> Option<Cid> {
        parse_cid(self.envelope.members.get("avatar")?.as_str()?).ok()
    }

    /// `banner`: a wide picture.
    #[must_use]
    pub fn banner(&self) -> Option<Cid> {
        parse_cid(self.envelope.members.get("banner")?.as_str()?).ok()
    }

    /// `links`, all of them http or https.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        links(self.envelope.members.get("links"))
    }

    /// `donations`: http, https or one of [`super::PAYMENT_SCHEMES`].
    #[must_use]
    pub fn donations(&self) -> Vec<Link> {
        links(self.envelope.members.get("donations"))
    }

    /// `updated`, as `YYYY-MM-DDThh:mm:ssZ`.
    #[must_use]
    pub fn updated(&self) -> &str {
        text(&self.envelope.members, "updated")
    }

    /// Every member, unknown ones included.
    #[must_use]
    pub fn members(&self) -> &Object {
        &self.envelope.members
    }

    /// RFC 8785 bytes of the whole record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        json::canonical_object(&self.envelope.members)
    }

    /// A draft that says the same, for making the next one from. Unknown members are taken over.
    #[must_use]
    pub fn to_draft(&self) -> ProfileDraft {
        let members = &self.envelope.members;
        let optional = |name: &str| members.get(name).and_then(|v| v.as_str()).map(str::to_owned);
        let others = members.iter().filter(|(name, _)| {
            !draft::RESERVED.contains(&name.as_str()) && !FIELDS.contains(&name.as_str())
        });
        ProfileDraft {
            name: self.name().to_owned(),
            bio: optional("bio"),
            avatar: optional("avatar"),
            banner: optional("banner"),
            links: self.links(),
            donations: self.donations(),
            others: others.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }
}

/// What an artist says, before it is signed.
#[derive(Clone, Debug, Default)]
pub struct ProfileDraft {
    /// `name`
    pub name: String,
    /// `bio`
    pub bio: Option<String>,
    /// `avatar`, a CID as it shall be written.
    pub avatar: Option<String>,
    /// `banner`, likewise.
    pub banner: Option<String>,
    /// `links`; none are not written.
    pub links: Vec<Link>,
    /// `donations`; none are not written.
    pub donations: Vec<Link>,
    /// Members that this version does not know.
    pub others: Object,
}

impl ProfileDraft {
    /// Signs with the artist's own key. `updated` (RFC 3339, UTC, seconds) is also when the proof was created.
    ///
    /// # Errors
    /// [`Refusal`] of class malformed when the draft would not be a valid record.
    pub fn sign(&self, key: &ArtistKey, updated: &str) -> Result<Verified<Record>, Refusal> {
        self.sign_as(&key.did(), key, updated)
    }

    /// Signs as an artist whose DID is not the key itself, as [`super::TrackDraft::sign_as`].
    ///
    /// # Errors
    /// As [`ProfileDraft::sign`]; class signature when `artist` is a `did:key` of another key.
    pub fn sign_as(&self, artist: &Did, key: &ArtistKey, updated: &str) -> Result<Verified<Record>, Refusal> {
        date::must_be_utc_seconds("updated", updated)?;
        draft::check_members(&self.others, &FIELDS)?;
        let mut body = self.others.clone();
        body.insert("name".to_owned(), self.name.as_str().into());
        body.insert("updated".to_owned(), updated.into());
        for (member, value) in [("bio", &self.bio), ("avatar", &self.avatar), ("banner", &self.banner)] {
            if let Some(value) = value {
                body.insert(member.to_owned(), value.as_str().into());
            }
        }
        for (member, list) in [("links", &self.links), ("donations", &self.donations)] {
            if !list.is_empty() {
                let entries: Vec<_> = list.iter().map(Link::to_json).collect();
                body.insert(member.to_owned(), json::Json::Array(entries));
            }
        }
        draft::finish(RecordKind::Profile, body, &context::social_uri(), artist, key, Some(updated))
    }
}

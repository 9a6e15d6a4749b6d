//! Track Records: what a release says about itself.

use super::{Envelope, RecordId, RecordKind, Refusal, envelope::text};
use crate::{
    Cid,
    content::parse_cid,
    did::Did,
    json::{self, Json, Object},
};

/// A well-formed Track Record. Members are read through accessors; unknown ones are kept.
#[derive(Clone, Debug)]
pub struct TrackRecord {
    pub(super) envelope: Envelope,
    content: Cid,
}

impl TrackRecord {
    pub(super) fn from_members(members: Object) -> Result<Self, Refusal> {
        let envelope = Envelope::new(RecordKind::Track, members)?;
        let content = parse_cid(text(&envelope.members, "cid"))
            .map_err(|e| Refusal::malformed(format!("`cid`: {e}")))?;
        Ok(Self { envelope, content })
    }

    /// `id`
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.envelope.id.clone()
    }

    /// `artist`
    #[must_use]
    pub fn artist(&self) -> Did {
        self.envelope.artist.clone()
    }

    /// `title`
    #[must_use]
    pub fn title(&self) -> &str {
        text(&self.envelope.members, "title")
    }

    /// `format`, a media type.
    #[must_use]
    pub fn format(&self) -> &str {
        text(&self.envelope.members, "format")
    }

    /// `cid` of the audio.
    #[must_use]
    pub fn content(&self) -> Cid {
        self.content
    }

    /// `artistName`, `album`, `released`, `license`, `torrent` and other optional strings.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.envelope.members.get(member)?.as_str()
    }

    /// `duration` (seconds), `size` (bytes), `trackNumber`, `discNumber`.
    #[must_use]
    pub fn number(&self, member: &str) -> Option<f64> {
        self.envelope.members.get(member)?.as_f64()
    }

    /// `genre`
    #[must_use]
    pub fn genres(&self) -> Vec<&str> {
        let genre = self.envelope.members.get("genre").and_then(Json::as_array).unwrap_or_default();
        genre.iter().filter_map(Json::as_str).collect()
    }

    /// `artwork`
    #[must_use]
    pub fn artwork(&self) -> Option<Cid> {
        parse_cid(self.text("artwork")?).ok()
    }

    /// `waveform`: how loud the track is along its length (spec section 4.14).
    #[must_use]
    pub fn waveform(&self) -> Option<Cid> {
        parse_cid(self.text("waveform")?).ok()
    }

    /// `lyrics`: its words (spec section 4.15).
    #[must_use]
    pub fn lyrics(&self) -> Option<Cid> {
        parse_cid(self.text("lyrics")?).ok()
    }

    /// `supersedes`
    #[must_use]
    pub fn supersedes(&self) -> Option<RecordId> {
        RecordId::parse(self.text("supersedes")?).ok()
    }

    /// The artist's word on `mirror`, `stream` or `aiTraining`: `Some(true)` for "allow", `Some(false)` for
    /// "deny", `None` when nothing was said.
    #[must_use]
    pub fn consent(&self, to: &str) -> Option<bool> {
        match self.envelope.members.get("consent")?.as_object()?.get(to)?.as_str()? {
            "allow" => Some(true),
            "deny" => Some(false),
            _ => None,
        }
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
}

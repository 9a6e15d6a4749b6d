//! Record ids.

use super::Refusal;
use crate::{
    Cid,
    content::{parse_cid, same_block},
};

/// What the id of a Track Record begins with.
pub const TRACK_ID_PREFIX: &str = "osp:track:";
/// What the id of a retraction begins with.
pub const RETRACTION_ID_PREFIX: &str = "osp:retraction:";

/// What the id of a profile begins with.
const PROFILE_ID_PREFIX: &str = "osp:profile:";
/// What the id of a follow begins with.
const FOLLOW_ID_PREFIX: &str = "osp:follow:";

/// The kinds of record this version knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// `osp:Track`
    Track,
    /// `osp:Retraction`
    Retraction,
    /// `osp:Profile`
    Profile,
    /// `osp:Follow`
    Follow,
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Track, Self::Retraction, Self::Profile, Self::Follow];

    /// The kind whose `type` this is.
    #[must_use]
    pub fn of_type(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.type_name() == name)
    }

    /// The record's `type`.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Track => "osp:Track",
            Self::Retraction => "osp:Retraction",
            Self::Profile => "osp:Profile",
            Self::Follow => "osp:Follow",
        }
    }
    /// What its ids begin with.
    #[must_use]
    pub fn id_prefix(self) -> &'static str {
        match self {
            Self::Track => TRACK_ID_PREFIX,
            Self::Retraction => RETRACTION_ID_PREFIX,
            Self::Profile => PROFILE_ID_PREFIX,
            Self::Follow => FOLLOW_ID_PREFIX,
        }
    }
}

/// `osp:track:<cid>`, `osp:retraction:<cid>`, `osp:profile:<cid>` or `osp:follow:<cid>`.
///
/// Kept and compared as written; the order is that of the text, which decides between rival successors.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId {
    text: String,
    kind: RecordKind,
}

impl RecordId {
    /// Parses a whole id.
    ///
    /// # Errors
    /// [`Refusal`] of class malformed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let found =
            RecordKind::ALL.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.id_prefix())?)));
        let Some((kind, cid)) = found else {
            let text: String = text.chars().take(80).collect();
            return Err(Refusal::malformed(format!(
                "«{text}» is not an id: ids begin with osp:track:, osp:retraction:, osp:profile: or osp:follow:"
            )));
        };
        parse_cid(cid).map_err(|e| Refusal::malformed(format!("an id ends in a CID, and {e}")))?;
        Ok(Self { text: text.to_owned(), kind })
    }

    /// The id of a body by its CID.
    pub(super) fn new(kind: RecordKind, cid: &Cid) -> Self {
        Self { text: format!("{}{cid}", kind.id_prefix()), kind }
    }

    /// The whole id, `osp:track:…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The CID part.
    #[must_use]
    pub fn cid_text(&self) -> &str {
        // CIDs have no colon, and the prefix ends in one.
        self.text.rsplit(':').next().unwrap_or_default()
    }

    /// Whether both name the same record: the same kind and the same block, whatever form the CID is written in.
    #[must_use]
    pub fn same_record(&self, other: &Self) -> bool {
        let cids = (parse_cid(self.cid_text()), parse_cid(other.cid_text()));
        self.kind() == other.kind() && matches!(cids, (Ok(a), Ok(b)) if same_block(&a, &b))
    }

    /// Which kind of record it names.
    #[must_use]
    pub fn kind(&self) -> RecordKind {
        self.kind
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for RecordId {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text)
    }
}

//! Which members a record has and what each must look like: everything of class malformed beyond JSON itself.
//!
//! The tables are the specification's (section 4.2). A reader that checked less would index records that another
//! node refuses; one that checked more (say, that `torrent` follows our rule, or that `license` is on the SPDX
//! list) would refuse what others accept. Unknown members may hold anything.

use super::{
    FollowState, MAX_BIO_CHARS, MAX_FOLLOWS_CHARS, MAX_NAME_CHARS, RecordKind, Refusal, VERSION, date,
    id::RecordId, words,
};
use crate::{
    content::parse_cid,
    did::Did,
    json::{Json, Object},
};

/// What a known member may hold. `null` is none of these.
enum Shape {
    /// A string.
    Text,
    /// A string that is a CID.
    ContentId,
    /// A string that is a DID.
    Artist,
    /// A string that is the prefix of this kind and a CID.
    Id(RecordKind),
    /// A string that is a DID, and not a very long one.
    FollowedArtist,
    /// "follow" or "unfollow".
    State,
    /// A string of one line, as long as names are.
    Name,
    /// A string of lines, as long as biographies are.
    Prose,
    /// A string `YYYY-MM-DDThh:mm:ssZ`.
    Instant,
    /// An array of names with http or https URLs.
    Links,
    /// An array of names with such URLs or payment addresses.
    Donations,
    /// A number, 0 or more.
    Amount,
    /// A number without fraction, 0 or more.
    WholeAmount,
    /// A string `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    Date,
    /// An array of strings.
    Texts,
    /// An object whose known members are "allow" or "deny".
    Consent,
    /// A string, array or object.
    Context,
    /// An object; what is in it is for the check of class proof.
    Object,
    /// Left to the specification that defines it.
    Anything,
}

use Shape::*;

const TRACK_REQUIRED: &[(&str, Shape)] = &[
    ("id", Id(RecordKind::Track)),
    ("title", Text),
    ("artist", Artist),
    ("format", Text),
    ("cid", ContentId),
    ("signature", Text),
];

const TRACK_OPTIONAL: &[(&str, Shape)] = &[
    ("@context", Context),
    ("artistName", Text),
    ("album", Text),
    ("trackNumber", WholeAmount),
    ("discNumber", WholeAmount),
    ("duration", Amount),
    ("size", WholeAmount),
    // Only a string: a magnet not by our rule, or of a later kind, makes no record invalid.
    ("torrent", Text),
    ("released", Date),
    ("license", Text),
    ("genre", Texts),
    ("artwork", ContentId),
    ("waveform", ContentId),
    ("lyrics", ContentId),
    // What has not the form of section 4.13 is passed over: it was well-formed before there was one.
    ("sealed", Anything),
    ("offers", Anything),
    ("consent", Consent),
    ("supersedes", Id(RecordKind::Track)),
    ("proof", Object),
];

const RETRACTION_REQUIRED: &[(&str, Shape)] = &[
    ("id", Id(RecordKind::Retraction)),
    ("artist", Artist),
    ("track", Id(RecordKind::Track)),
    ("signature", Text),
];

const RETRACTION_OPTIONAL: &[(&str, Shape)] = &[("@context", Context), ("reason", Text), ("proof", Object)];

const PROFILE_REQUIRED: &[(&str, Shape)] = &[
    ("id", Id(RecordKind::Profile)),
    ("artist", Artist),
    ("name", Name),
    ("updated", Instant),
    ("signature", Text),
];

const PROFILE_OPTIONAL: &[(&str, Shape)] = &[
    ("@context", Context),
    ("bio", Prose),
    ("avatar", ContentId),
    ("banner", ContentId),
    ("links", Links),
    ("donations", Donations),
    ("proof", Object),
];

const FOLLOW_REQUIRED: &[(&str, Shape)] = &[
    ("id", Id(RecordKind::Follow)),
    ("artist", Artist),
    ("follows", FollowedArtist),
    ("state", State),
    ("updated", Instant),
    ("signature", Text),
];

const FOLLOW_OPTIONAL: &[(&str, Shape)] = &[("@context", Context), ("proof", Object)];

/// The kind of record that `type` and `version` announce.
pub(super) fn kind(members: &Object) -> Result<RecordKind, Refusal> {
    let text = |name: &str| match members.get(name) {
        Some(Json::String(text)) => Ok(text.as_str()),
        Some(_) => Err(Refusal::malformed(format!("`{name}` is not a string"))),
        None => Err(Refusal::malformed(format!("`{name}` is missing"))),
    };
    let kind = text("type")?;
    let Some(kind) = RecordKind::of_type(kind) else {
        let kind: String = kind.chars().take(80).collect();
        return Err(Refusal::malformed(format!(
            "`type` is «{kind}», not osp:Track, osp:Retraction, osp:Profile or osp:Follow"
        )));
    };
    if text("version")? != VERSION {
        return Err(Refusal::malformed(format!(
            "`version` is not {VERSION}, the only one this program reads; a newer program may read the record"
        )));
    }
    Ok(kind)
}

/// Checks every known member of a record of `kind`.
pub(super) fn check(kind: RecordKind, members: &Object) -> Result<(), Refusal> {
    let (required, optional) = match kind {
        RecordKind::Track => (TRACK_REQUIRED, TRACK_OPTIONAL),
        RecordKind::Retraction => (RETRACTION_REQUIRED, RETRACTION_OPTIONAL),
        RecordKind::Profile => (PROFILE_REQUIRED, PROFILE_OPTIONAL),
        RecordKind::Follow => (FOLLOW_REQUIRED, FOLLOW_OPTIONAL),
    };
    for (name, shape) in required {
        let value = members.get(*name).ok_or_else(|| Refusal::malformed(format!("`{name}` is missing")))?;
        shape.check(name, value)?;
    }
    for (name, shape) in optional {
        if let Some(value) = members.get(*name) {
            shape.check(name, value)?;
        }
    }
    Ok(())
}

impl Shape {
    fn check(&self, name: &str, value: &Json) -> Result<(), Refusal> {
        let expect = |holds: bool, what: &str| {
            if holds { Ok(()) } else { Err(Refusal::malformed(format!("`{name}` is not {what}"))) }
        };
        let text = || value.as_str().ok_or_else(|| Refusal::malformed(format!("`{name}` is not a string")));
        match self {
            Text => text().map(drop),
            ContentId => {
                parse_cid(text()?).map(drop).map_err(|e| Refusal::malformed(format!("`{name}`: {e}")))
            }
            Artist => Did::parse(text()?).map(drop).map_err(|e| Refusal::malformed(format!("`{name}`: {e}"))),
            Id(kind) => check_id(name, text()?, *kind),
            FollowedArtist => {
                expect(text()?.chars().count() <= MAX_FOLLOWS_CHARS, "at most 1024 characters long")?;
                Artist.check(name, value)
            }
            State => expect(FollowState::parse(text()?).is_some(), "\"follow\" or \"unfollow\""),
            Name => expect(
                words::is_line(text()?, MAX_NAME_CHARS),
                "1 to 100 characters of one line, without spaces around them",
            ),
            Prose => expect(
                words::is_prose(text()?, MAX_BIO_CHARS),
                "at most 2000 characters, without control characters other than line breaks",
            ),
            Instant => expect(date::is_utc_seconds(text()?), "a time of the form 2026-01-15T12:00:00Z"),
            Links => no_fault(name, words::fault_of_links(value, words::is_web_url)),
            Donations => no_fault(name, words::fault_of_links(value, words::is_donation_url)),
            Amount => expect(value.as_f64().is_some_and(|n| n >= 0.0), "a number, 0 or more"),
            WholeAmount => expect(
                value.as_f64().is_some_and(|n| n >= 0.0 && n.fract() == 0.0),
                "a whole number, 0 or more",
            ),
            Date => expect(date::is_date(text()?), "an existing date as YYYY, YYYY-MM or YYYY-MM-DD"),
            Texts => expect(
                value.as_array().is_some_and(|items| items.iter().all(|item| item.as_str().is_some())),
                "a list of strings",
            ),
            Consent => check_consent(name, value),
            Context => expect(
                matches!(value, Json::String(_) | Json::Array(_) | Json::Object(_)),
                "a string, a list or an object",
            ),
            Object => expect(value.as_object().is_some(), "an object"),
            Anything => expect(*value != Json::Null, "a value (null is none)"),
        }
    }
}

fn no_fault(name: &str, fault: Option<&'static str>) -> Result<(), Refusal> {
    fault.map_or(Ok(()), |fault| Err(Refusal::malformed(format!("`{name}` {fault}"))))
}

fn check_id(name: &str, text: &str, kind: RecordKind) -> Result<(), Refusal> {
    let id = RecordId::parse(text).map_err(|e| Refusal::malformed(format!("`{name}`: {e}")))?;
    if id.kind() == kind {
        Ok(())
    } else {
        Err(Refusal::malformed(format!("`{name}` does not begin with {}", kind.id_prefix())))
    }
}

/// Words of later versions are kept (another version may add `remix`); those of this one mean something exact.
fn check_consent(name: &str, value: &Json) -> Result<(), Refusal> {
    let consent =
        value.as_object().ok_or_else(|| Refusal::malformed(format!("`{name}` is not an object")))?;
    for word in ["mirror", "stream", "aiTraining"] {
        if consent.get(word).is_some_and(|value| !matches!(value.as_str(), Some("allow" | "deny"))) {
            return Err(Refusal::malformed(format!("`{name}.{word}` is neither \"allow\" nor \"deny\"")));
        }
    }
    Ok(())
}

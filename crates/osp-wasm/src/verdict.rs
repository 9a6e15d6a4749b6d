//! One record, judged.

use osp_core::{
    did::Did,
    record::{Record, RefusalClass},
};

/// What was found about a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether signature, id and (where there is one) proof hold.
    pub valid: bool,
    /// The record's id as written, when it could be read.
    pub id: Option<String>,
    /// The first check that failed.
    pub error: Option<RefusalClass>,
    /// The failure in one sentence.
    pub message: Option<String>,
    /// The artist's DID does not contain the key (`did:web`): the signature could not be judged from the record
    /// alone, which is something else than a wrong signature.
    pub key_elsewhere: bool,
}

/// Judges the bytes of one record as received.
#[must_use]
pub fn judge(bytes: &[u8]) -> Verdict {
    let record = match Record::parse(bytes) {
        Ok(record) => record,
        Err(refusal) => {
            return Verdict {
                error: Some(refusal.class),
                message: Some(refusal.message),
                ..Verdict::default()
            };
        }
    };
    let id = Some(record.id().as_str().to_owned());
    let key_elsewhere = !matches!(record.artist(), Did::Key(_));
    match record.verify() {
        Ok(_) => Verdict { valid: true, id, ..Verdict::default() },
        Err(refusal) => Verdict {
            valid: false,
            id,
            key_elsewhere: key_elsewhere && refusal.class == RefusalClass::Signature,
            error: Some(refusal.class),
            message: Some(refusal.message),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{
        key::ArtistKey,
        record::{Follow, FollowState, ProfileDraft, TrackDraft},
    };

    fn signed() -> String {
        let draft = TrackDraft {
            title: "Deep Field".into(),
            format: "audio/opus".into(),
            cid: "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am".into(),
            ..TrackDraft::default()
        };
        let record = draft.sign(&ArtistKey::from_seed(&[7; 32]), None).unwrap();
        String::from_utf8(record.to_bytes()).unwrap()
    }

    #[test]
    fn a_signed_record_is_valid_and_named() {
        let verdict = judge(signed().as_bytes());
        assert!(verdict.valid && verdict.error.is_none());
        assert!(verdict.id.unwrap().starts_with("osp:track:bafkrei"));
    }

    #[test]
    fn profiles_and_follows_are_judged_as_tracks_are() {
        let key = ArtistKey::from_seed(&[7; 32]);
        let updated = "2026-01-15T12:00:00Z";
        let profile =
            ProfileDraft { name: "Ana".into(), ..ProfileDraft::default() }.sign(&key, updated).unwrap();
        let follow = Follow::sign(&key.did(), FollowState::Follow, &key, updated).unwrap();
        for (record, prefix) in [(profile, "osp:profile:"), (follow, "osp:follow:")] {
            let verdict = judge(&record.to_bytes());
            assert!(verdict.valid && verdict.id.unwrap().starts_with(prefix));
            let changed = String::from_utf8(record.to_bytes())
                .unwrap()
                .replace("2026-01-15T12:00:00Z", "2027-01-15T12:00:00Z");
            assert_eq!(judge(changed.as_bytes()).error, Some(RefusalClass::Signature));
        }
    }

    #[test]
    fn a_changed_record_is_refused_by_its_signature() {
        let verdict = judge(signed().replace("Deep", "Deeper").as_bytes());
        assert_eq!((verdict.valid, verdict.error), (false, Some(RefusalClass::Signature)));
        assert!(!verdict.key_elsewhere);
        assert!(verdict.message.is_some());
    }

    #[test]
    fn a_key_on_a_web_site_is_not_a_wrong_signature() {
        let did = ArtistKey::from_seed(&[7; 32]).did().to_string();
        let verdict = judge(signed().replace(&did, "did:web:example.org").as_bytes());
        assert_eq!((verdict.valid, verdict.key_elsewhere), (false, true));
    }
}

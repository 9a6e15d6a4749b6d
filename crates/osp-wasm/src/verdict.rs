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

//! One key for all forms of a CID.

use osp_core::Cid;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// A CID as version 1, so that `Qm…` and `bafy…` of one block are equal. In the database: its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ContentKey(Cid);

impl ContentKey {
    pub(super) fn of(cid: &Cid) -> Self {
        Self(Cid::new_v1(cid.codec(), *cid.hash()))
    }

    /// The CID, version 1.
    pub(super) fn cid(&self) -> Cid {
        self.0
    }
}

impl ToSql for ContentKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.to_bytes()))
    }
}

impl FromSql for ContentKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let cid = Cid::try_from(value.as_blob()?).map_err(|e| FromSqlError::Other(e.to_string().into()))?;
        Ok(Self::of(&cid))
    }
}

/// A CID exactly as it was written.
pub(super) struct WrittenCid(pub(super) Cid);

impl FromSql for WrittenCid {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Cid::try_from(value.as_blob()?).map(Self).map_err(|e| FromSqlError::Other(e.to_string().into()))
    }
}

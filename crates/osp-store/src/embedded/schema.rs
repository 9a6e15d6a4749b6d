//! The schema and its migrations.
//!
//! `user_version` is the number of steps taken. A step, once released, is never edited: a change is a new step.

use super::fail::Failure;
use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// From version 0 (an empty file) to the newest; each is one SQL script.
const STEPS: &[&str] = &[
    include_str!("sql/v1.sql"),
    include_str!("sql/v2.sql"),
    include_str!("sql/v3.sql"),
    include_str!("sql/v4.sql"),
];

/// Brings the database to the newest schema in one transaction; another process may be doing the same.
pub(super) fn migrate(db: &mut Connection) -> Result<(), Failure> {
    migrate_with(db, STEPS)
}

fn migrate_with(db: &mut Connection, steps: &[&str]) -> Result<(), Failure> {
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    if version(db)? == known {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock.
    let found = version(&tx)?;
    if found > known {
        return Err(StoreError::Newer { found, known }.into());
    }
    for step in &steps[found as usize..] {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

fn version(db: &Connection) -> Result<u32, Failure> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn takes_only_the_steps_that_are_missing() {
        let mut db = Connection::open_in_memory().unwrap();
        let first = ["CREATE TABLE a (x); INSERT INTO a VALUES (1)"];
        migrate_with(&mut db, &first).unwrap();
        let both = [first[0], "ALTER TABLE a ADD COLUMN y DEFAULT 7"];
        migrate_with(&mut db, &both).unwrap();
        migrate_with(&mut db, &both).unwrap();
        let row: (i64, i64) = db.query_row("SELECT x, y FROM a", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        assert_eq!((row, version(&db).unwrap()), ((1, 7), 2));
    }

    #[test]
    fn a_step_that_fails_leaves_the_old_schema() {
        let mut db = Connection::open_in_memory().unwrap();
        let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
        assert!(migrate_with(&mut db, &steps).is_err());
        assert_eq!(version(&db).unwrap(), 0);
        let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut db = Connection::open_in_memory().unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut db).unwrap_err();
        assert!(matches!(refused, Failure::Store(StoreError::Newer { found: 99, known: 4 })));
    }
}

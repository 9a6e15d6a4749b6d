//! Whose tracks come first among equal matches: those of artists near to the user.
//!
//! Of each [`TrustLevel`] at most [`MAX_NEAR`] artists count who have a track to show here (the first by DID): their
//! levels become part of a search, and a search must stay cheap whatever was followed.

use super::{fail::Failure, track::Facet};
use crate::{TrustLevel, TrustRanks};
use rusqlite::{Connection, OptionalExtension as _};
use std::{borrow::Cow, collections::HashMap};

/// Most artists of one level that are put first.
const MAX_NEAR: usize = 256;
/// The level of everybody else, after those of [`TrustLevel`].
pub(super) const STRANGER: usize = TrustLevel::ALL.len();

/// Artists near to the user, as searches need them.
#[derive(Debug, Default)]
pub(super) struct Nearness {
    levels: HashMap<i64, usize>,
    /// For each level the tokens of its artists' facets, as a full-text expression.
    tokens: [String; STRANGER],
    /// For each level its artists' rows, as a JSON array; the last one has those of all levels.
    rows: [String; STRANGER + 1],
}

impl Nearness {
    /// Looks the artists up.
    pub(super) fn of(db: &Connection, ranks: &TrustRanks) -> Result<Self, Failure> {
        let mut dids: Vec<(TrustLevel, String)> = ranks.iter().map(|(did, l)| (l, did.to_string())).collect();
        dids.sort_unstable();
        let mut query = db.prepare_cached(
            "SELECT id FROM artists a WHERE did = ?
             AND EXISTS (SELECT 1 FROM tracks INDEXED BY tracks_artist WHERE artist = a.id AND visible = 1)",
        )?;
        let mut near = Self::default();
        let mut counts = [0; STRANGER];
        for (level, did) in dids {
            let level = level as usize;
            if counts[level] == MAX_NEAR {
                continue;
            }
            let Some(row) = query.query_row([&did], |row| row.get::<_, i64>(0)).optional()? else { continue };
            counts[level] += 1;
            near.levels.insert(row, level);
            let token = Facet::Artist(&did).token();
            append(&mut near.tokens[level], " OR ", &format!("\"{token}\""));
            append(&mut near.rows[level], ",", &row.to_string());
            append(&mut near.rows[STRANGER], ",", &row.to_string());
        }
        for rows in near.rows.iter_mut().filter(|rows| !rows.is_empty()) {
            *rows = format!("[{rows}]");
        }
        Ok(near)
    }

    /// The level of an artist's row.
    pub(super) fn level_of(&self, artist: i64) -> usize {
        self.levels.get(&artist).copied().unwrap_or(STRANGER)
    }

    /// Levels that anybody has, the nearest first, and that of strangers.
    pub(super) fn levels(&self) -> impl Iterator<Item = usize> + '_ {
        (0..=STRANGER).filter(|level| *level == STRANGER || !self.tokens[*level].is_empty())
    }

    /// A full-text expression narrowed to the tracks of one level.
    pub(super) fn narrowed<'a>(&self, expression: &'a str, level: usize) -> Cow<'a, str> {
        if level < STRANGER {
            return format!("(({expression}) AND facet : ({}))", self.tokens[level]).into();
        }
        let near: Vec<&str> = self.tokens.iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
        if near.is_empty() {
            return expression.into();
        }
        format!("(({expression}) NOT facet : ({}))", near.join(" OR ")).into()
    }

    /// A condition on `t.artist` with its value; `None` when all artists have that level.
    pub(super) fn condition(&self, level: usize) -> Option<(&'static str, String)> {
        let rows = Some(&self.rows[level]).filter(|rows| !rows.is_empty())?;
        let condition = match level {
            STRANGER => "t.artist NOT IN (SELECT value FROM json_each(?))",
            _ => "t.artist IN (SELECT value FROM json_each(?))",
        };
        Some((condition, rows.clone()))
    }
}

fn append(list: &mut String, between: &str, item: &str) {
    if !list.is_empty() {
        list.push_str(between);
    }
    list.push_str(item);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::did::Did;

    /// As many artists as there can be: the full-text parser has limits of its own.
    #[test]
    fn expressions_of_all_levels_are_understood() {
        let mut db = Connection::open_in_memory().unwrap();
        super::super::schema::migrate(&mut db).unwrap();
        let mut ranks = TrustRanks::default();
        let insert = "INSERT INTO track_words (rowid, title, artist, album, genre, facet)
                      VALUES (?1, 'night', '', '', 'techno', ?2)";
        for n in 0..(STRANGER * (MAX_NEAR + 4)) {
            let did = format!("did:web:a{n:04}.example");
            db.execute("INSERT INTO artists (did) VALUES (?)", [&did]).unwrap();
            let artist = db.last_insert_rowid();
            db.execute("INSERT INTO records (id, cid, artist, json) VALUES (?1, '', ?2, '')", (n, artist))
                .unwrap();
            let seq = db.last_insert_rowid();
            db.execute(
                "INSERT INTO tracks (seq, artist, title, album, disc, number, content, visible)
                 VALUES (?1, ?2, 'night', '', 1, 1, '', 1)",
                (seq, artist),
            )
            .unwrap();
            db.execute(insert, (seq, Facet::Artist(&did).token())).unwrap();
            ranks.add(Did::parse(&did).unwrap(), TrustLevel::ALL[n % STRANGER]);
        }
        let near = Nearness::of(&db, &ranks).unwrap();
        let count = |level| -> (usize, usize) {
            let expression =
                near.narrowed("({title} : (\"night\")) NOT ({title} : (\"day\"))", level).into_owned();
            let matching = "SELECT count(*) FROM track_words WHERE track_words MATCH ?";
            let words = db.query_row(matching, [expression], |row| row.get(0)).unwrap();
            let (condition, rows) = near.condition(level).unwrap();
            let sql = format!("SELECT count(*) FROM tracks t WHERE {condition}");
            (words, db.query_row(&sql, [rows], |row| row.get(0)).unwrap())
        };
        assert_eq!(near.levels().collect::<Vec<_>>(), [0, 1, 2, STRANGER]);
        for level in 0..STRANGER {
            assert_eq!(count(level), (MAX_NEAR, MAX_NEAR), "{level}");
        }
        assert_eq!(count(STRANGER), (4 * STRANGER, 4 * STRANGER));
    }

    #[test]
    fn without_anybody_near_a_search_is_as_it_was() {
        let near = Nearness::default();
        assert_eq!(near.levels().collect::<Vec<_>>(), [STRANGER]);
        assert_eq!(near.narrowed("x", STRANGER), "x");
        assert!(near.condition(STRANGER).is_none());
        assert_eq!(near.level_of(1), STRANGER);
    }
}

//! Finding tracks: filters through ordinary indexes, words through the full-text index.
//!
//! A cursor is `<tier>.<level>.<sequence number>` of the last record of the page, with `~` after it when the words had
//! been corrected; the level is that of its artist (`nearness`). Rows of tracks are never deleted, so a cursor stays
//! good when its record is withdrawn.

use super::{
    fail::Failure,
    nearness::{Nearness, STRANGER},
    ranking::{Candidate, LAST_SCOPE, Ladder, Rung, Words, corrected, ladders},
    records,
    spelling::{Vocabulary, completions},
    standing::column,
    track::{Facet, find_artist},
};
use crate::{Page, Query, StoreError};
use osp_core::text::normalise;
use rusqlite::{Connection, ToSql, params_from_iter};

/// Most records of a page, whatever is asked for.
const MAX_LIMIT: usize = 500;

/// As many matches are ranked one by one (about 2 us each); of more, tiers are asked for.
const CANDIDATES: usize = 200;
/// An unfinished word that may become one of as many words is replaced by them.
const COMPLETIONS: usize = 32;

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    tier: usize,
    level: usize,
    seq: i64,
    corrected: bool,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, Failure> {
        let parsed = || {
            let (place, corrected) = match text.strip_suffix('~') {
                Some(place) => (place, true),
                None => (text, false),
            };
            let (tier, rest) = place.split_once('.')?;
            let (level, seq) = rest.split_once('.')?;
            let level = level.parse().ok().filter(|level| *level <= STRANGER)?;
            Some(Self { tier: tier.parse().ok()?, level, seq: seq.parse().ok()?, corrected })
        };
        parsed().ok_or_else(|| StoreError::Cursor(text.chars().take(40).collect()).into())
    }
}

impl Cursor {
    /// The order of records in pages.
    fn order(&self) -> (usize, usize, std::cmp::Reverse<i64>) {
        (self.tier, self.level, std::cmp::Reverse(self.seq))
    }

    /// Where to go on in the records of one tier and level, the newest first: before which number. `None` when the
    /// cursor is past all of them.
    fn before(cursor: Option<Self>, tier: usize, level: usize) -> Option<i64> {
        match cursor {
            Some(c) if (c.tier, c.level) > (tier, level) => None,
            Some(c) if (c.tier, c.level) == (tier, level) => Some(c.seq),
            _ => Some(i64::MAX),
        }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}{}", self.tier, self.level, self.seq, if self.corrected { "~" } else { "" })
    }
}

/// A query whose texts are normalised and whose artists have been looked up.
struct Wanted<'a> {
    near: &'a Nearness,
    text: Option<String>,
    artist: Option<(i64, String)>,
    title: Option<String>,
    album: Option<String>,
    genre: Option<String>,
}

/// See [`crate::RecordIndex::search`].
pub(super) fn search(
    db: &Connection,
    vocabulary: &Vocabulary,
    query: &Query,
    near: &Nearness,
) -> Result<Page, Failure> {
    let artist = match &query.artist {
        None => None,
        Some(did) => match find_artist(db, &did.to_string())? {
            Some(row) => Some((row, did.to_string())),
            None => return Ok(Page::default()),
        },
    };
    let text = query.text.as_deref().map(normalise).filter(|text| !text.is_empty());
    let normal = |text: &Option<String>| text.as_deref().map(normalise);
    let wanted = Wanted {
        near,
        text,
        artist,
        title: normal(&query.title),
        album: normal(&query.album),
        genre: normal(&query.genre),
    };
    let cursor = query.cursor.as_deref().map(Cursor::parse).transpose()?;
    let limit = query.limit.clamp(1, MAX_LIMIT);

    let mut found = match &wanted.text {
        Some(text) => wanted.by_text(db, vocabulary, text, cursor, limit + 1)?,
        None => wanted.listed(db, cursor, limit + 1)?,
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let next = if more { found.last().map(Cursor::to_string) } else { None };
    let seqs: Vec<i64> = found.iter().map(|c| c.seq).collect();
    Ok(Page { records: records::load(db, &seqs)?, next })
}

impl Wanted<'_> {
    fn by_text(
        &self,
        db: &Connection,
        vocabulary: &Vocabulary,
        text: &str,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Cursor>, Failure> {
        let words = Words::of(text);
        let facets = self.facets();
        if words.0.is_empty() {
            return self.by_levels(cursor, limit, |level, before, limit| {
                self.with_title(db, text, level, before, limit)
            });
        }
        if cursor.is_none_or(|c| !c.corrected) {
            let mut found = Vec::new();
            let completions = match words.0.last() {
                Some(last) => completions(db, last, COMPLETIONS)?,
                None => None,
            };
            for ladder in ladders(&words, completions.as_deref(), &facets) {
                if found.len() < limit && cursor.is_none_or(|c| c.tier <= ladder.last()) {
                    self.climb(db, text, &ladder, cursor, limit, &mut found)?;
                }
            }
            if !found.is_empty() || cursor.is_some() {
                return Ok(found);
            }
        }
        let Some(choices) = vocabulary.correct(db, &words)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        self.climb(db, text, &corrected(&words, &choices, &facets), cursor, limit, &mut found)?;
        found.iter_mut().for_each(|c| c.corrected = true);
        Ok(found)
    }

    /// Adds what a ladder finds after `cursor`.
    fn climb(
        &self,
        db: &Connection,
        text: &str,
        ladder: &Ladder,
        cursor: Option<Cursor>,
        limit: usize,
        found: &mut Vec<Cursor>,
    ) -> Result<(), Failure> {
        let mut start = cursor.map_or(0, |c| c.tier);
        // Of several common words few may be together in one title, or with the artist's name. A look at all of
        // those costs about as much as one tier that finds little.
        for scope in [LAST_SCOPE, 1, 0, 2] {
            // More columns than those in which there were too many hold too many as well.
            let hopeless = scope == 2 && start <= ladder.tier_in(1);
            if found.len() >= limit || start > ladder.tier_in(scope) || hopeless {
                continue;
            }
            let few = matching(db, &ladder.everything_in(scope), None, i64::MAX, CANDIDATES + 1)?;
            if few.len() <= CANDIDATES {
                let mut ranked = self.rank(db, text, ladder, &few)?;
                ranked.retain(|c| c.tier >= start && cursor.is_none_or(|cursor| c.order() > cursor.order()));
                found.extend(ranked);
                found.truncate(limit);
                start = ladder.tier_in(scope) + 1;
            }
        }
        for (tier, rung) in ladder.rungs().into_iter().filter(|(tier, _)| *tier >= start) {
            if found.len() >= limit {
                break;
            }
            for level in self.near.levels() {
                let left = limit - found.len();
                let Some(before) = Cursor::before(cursor, tier, level).filter(|_| left > 0) else { continue };
                let seqs = match &rung {
                    Rung::WholeTitle => self.with_title(db, text, level, before, left)?,
                    Rung::Match { expression, but_whole_title } => {
                        let title = but_whole_title.then_some(text);
                        matching(db, &self.near.narrowed(expression, level), title, before, left)?
                    }
                };
                found.extend(seqs.into_iter().map(|seq| Cursor { tier, level, seq, corrected: false }));
            }
        }
        Ok(())
    }

    /// Candidates in the order of their tiers.
    fn rank(
        &self,
        db: &Connection,
        text: &str,
        ladder: &Ladder,
        candidates: &[i64],
    ) -> Result<Vec<Cursor>, Failure> {
        let mut query = db.prepare_cached(
            "SELECT t.title, x.title, x.artist, x.album, x.genre, t.artist
             FROM tracks t JOIN track_text x ON x.seq = t.seq WHERE t.seq = ?",
        )?;
        let mut ranked = Vec::new();
        for seq in candidates {
            let (candidate, artist) = query.query_row([seq], |row| {
                let columns = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                Ok((Candidate { title: row.get(0)?, columns }, row.get(5)?))
            })?;
            let (tier, level) = (ladder.tier_of(&candidate, text), self.near.level_of(artist));
            ranked.push(Cursor { tier, level, seq: *seq, corrected: false });
        }
        ranked.sort_unstable_by_key(Cursor::order);
        Ok(ranked)
    }

    /// Records of one tier, level by level. `find` gives those of a level before a number, at most so many.
    fn by_levels(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
        find: impl Fn(usize, i64, usize) -> Result<Vec<i64>, Failure>,
    ) -> Result<Vec<Cursor>, Failure> {
        let mut found = Vec::new();
        for level in self.near.levels() {
            let left = limit - found.len();
            if let Some(before) = Cursor::before(cursor, 0, level).filter(|_| left > 0) {
                let seqs = find(level, before, left)?;
                found.extend(seqs.into_iter().map(|seq| Cursor { tier: 0, level, seq, corrected: false }));
            }
        }
        Ok(found)
    }

    fn facets(&self) -> Vec<String> {
        let facets = [
            self.artist.as_ref().map(|(_, did)| Facet::Artist(did)),
            self.title.as_deref().map(Facet::Title),
            self.album.as_deref().map(Facet::Album),
            self.genre.as_deref().map(Facet::Genre),
        ];
        facets.into_iter().flatten().map(Facet::token).collect()
    }

    /// Tracks of one level whose whole title is `text`, narrowed by the filters, the newest first.
    fn with_title(
        &self,
        db: &Connection,
        text: &str,
        level: usize,
        before: i64,
        limit: usize,
    ) -> Result<Vec<i64>, Failure> {
        let mut sql = Sql::new("tracks AS t INDEXED BY tracks_title");
        sql.and("t.title = ?", text.to_owned());
        sql.and("t.seq < ?", before);
        if let Some((artist, _)) = self.artist {
            sql.and("t.artist = ?", artist);
        }
        if let Some(album) = &self.album {
            sql.and("t.album = ?", album.clone());
        }
        if let Some(title) = &self.title {
            sql.and("t.title = ?", title.clone());
        }
        self.with_genre(&mut sql);
        sql.near(self.near, level);
        sql.run(db, "t.seq DESC", limit)
    }

    fn with_genre(&self, sql: &mut Sql) {
        if let Some(genre) = &self.genre {
            sql.and(
                "EXISTS (SELECT 1 FROM track_genres g WHERE g.genre = ? AND g.seq = t.seq)",
                genre.clone(),
            );
        }
    }

    /// Tracks by filters alone, after the cursor. Each shape of query names the index that gives its order.
    fn listed(&self, db: &Connection, cursor: Option<Cursor>, limit: usize) -> Result<Vec<Cursor>, Failure> {
        // Neither order is one of equal matches.
        if self.artist.is_some() || self.album.is_some() || (self.title.is_none() && self.genre.is_none()) {
            let seqs = if self.artist.is_some() || self.album.is_some() {
                self.in_album_order(db, cursor.map(|c| c.seq), limit)?
            } else {
                let mut sql = Sql::new("tracks AS t NOT INDEXED");
                sql.and("t.seq < ?", cursor.map_or(i64::MAX, |c| c.seq));
                sql.run(db, "t.seq DESC", limit)?
            };
            let cursor = |seq| Cursor { tier: 0, level: STRANGER, seq, corrected: false };
            return Ok(seqs.into_iter().map(cursor).collect());
        }
        self.by_levels(cursor, limit, |level, before, limit| self.with_filters(db, level, before, limit))
    }

    /// Tracks of one level with the title and genre wanted, the newest first.
    fn with_filters(
        &self,
        db: &Connection,
        level: usize,
        before: i64,
        limit: usize,
    ) -> Result<Vec<i64>, Failure> {
        if level < STRANGER {
            // Few among many: by the words that stand for artists, titles and genres.
            let facets: Vec<String> = self.facets().iter().map(|f| format!("facet : \"{f}\"")).collect();
            return matching(db, &self.near.narrowed(&facets.join(" AND "), level), None, before, limit);
        }
        let mut sql;
        if let Some(title) = &self.title {
            sql = Sql::new("tracks AS t INDEXED BY tracks_title");
            sql.and("t.title = ?", title.clone());
            sql.and("t.seq < ?", before);
            self.with_genre(&mut sql);
            sql.near(self.near, level);
            return sql.run(db, "t.seq DESC", limit);
        }
        sql = Sql::new("track_genres AS l CROSS JOIN tracks AS t ON t.seq = l.seq");
        sql.and("l.genre = ?", self.genre.clone());
        sql.and("l.seq < ?", before);
        sql.near(self.near, level);
        sql.run(db, "l.seq DESC", limit)
    }

    fn in_album_order(&self, db: &Connection, after: Option<i64>, limit: usize) -> Result<Vec<i64>, Failure> {
        let (index, order) = match (&self.artist, &self.album) {
            (Some(_), _) => ("tracks_artist", "t.album, t.disc, t.number, t.seq"),
            (None, _) => ("tracks_album", "t.artist, t.disc, t.number, t.seq"),
        };
        let mut sql = Sql::new(&format!("tracks AS t INDEXED BY {index}"));
        if let Some((artist, _)) = self.artist {
            sql.and("t.artist = ?", artist);
        }
        if let Some(album) = &self.album {
            sql.and("t.album = ?", album.clone());
        }
        if let Some(title) = &self.title {
            sql.and("t.title = ?", title.clone());
        }
        if let Some(after) = after {
            let columns = order.replace("t.", "");
            sql.and(&format!("({order}) > (SELECT {columns} FROM tracks WHERE seq = ?)"), after);
        }
        self.with_genre(&mut sql);
        sql.run(db, order, limit)
    }
}

/// Matches of a full-text expression, the newest first.
fn matching(
    db: &Connection,
    expression: &str,
    but_title: Option<&str>,
    before: i64,
    limit: usize,
) -> Result<Vec<i64>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match but_title {
        None => column(
            db,
            "SELECT rowid FROM track_words WHERE track_words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
            (expression, before, limit),
        ),
        Some(title) => column(
            db,
            "SELECT w.rowid FROM track_words w CROSS JOIN tracks t ON t.seq = w.rowid
             WHERE track_words MATCH ? AND w.rowid < ? AND t.title <> ? ORDER BY w.rowid DESC LIMIT ?",
            (expression, before, title, limit),
        ),
    }
}

/// A SELECT of visible tracks that grows by conditions.
struct Sql {
    text: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Sql {
    fn new(from: &str) -> Self {
        Self { text: format!("SELECT t.seq FROM {from} WHERE t.visible = 1"), values: Vec::new() }
    }

    fn and(&mut self, condition: &str, value: impl ToSql + 'static) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
        self.values.push(Box::new(value));
    }

    /// Narrows to the artists of one level.
    fn near(&mut self, near: &Nearness, level: usize) {
        if let Some((condition, rows)) = near.condition(level) {
            self.and(condition, rows);
        }
    }

    fn run(mut self, db: &Connection, order: &str, limit: usize) -> Result<Vec<i64>, Failure> {
        self.text.push_str(&format!(" ORDER BY {order} LIMIT ?"));
        self.values.push(Box::new(i64::try_from(limit).unwrap_or(i64::MAX)));
        column(db, &self.text, params_from_iter(self.values))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        for cursor in [
            Cursor { tier: 0, level: 3, seq: 7, corrected: false },
            Cursor { tier: 9, level: 0, seq: 123_456, corrected: true },
        ] {
            assert_eq!(Cursor::parse(&cursor.to_string()).unwrap(), cursor);
        }
        for text in
            ["", ".", "1", "1.x", "a.1", "1.1", "1.3.1~~", "99999999999999999999999.3.1", "-1.3.2", "1.4.1"]
        {
            assert!(Cursor::parse(text).is_err(), "{text}");
        }
    }
}

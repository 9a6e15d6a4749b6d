//! Correcting typing errors: the indexed words that are nearest to a word that nothing has.
//!
//! The words are kept in memory, by length, each with the set of its letters as 32 bits: two words at distance d
//! differ in at most 2 d bits, which drops all but a few before their distance is worked out. 100,000 words take
//! about 2 MB and a scan of them about a tenth of a millisecond. New words are read from the database when a
//! correction is next asked for.

use super::{
    fail::Failure,
    ranking::Words,
    standing::column,
    track::{MAX_WORD, MIN_WORD},
};
use rusqlite::{Connection, OptionalExtension as _};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Words kept at most; those beyond are not offered as corrections.
const MAX_WORDS: usize = 1_000_000;
/// Words of these many characters are corrected.
const CORRECTED: std::ops::RangeInclusive<usize> = 4..=34;
/// Corrections tried for one word.
const CHOICES: usize = 4;

/// The words of the index.
#[derive(Default)]
pub(super) struct Vocabulary(Mutex<Loaded>);

#[derive(Default)]
struct Loaded {
    /// Row of the last word read.
    last: i64,
    count: usize,
    by_length: BTreeMap<usize, Bucket>,
}

/// Words of one length in characters.
#[derive(Default)]
struct Bucket {
    text: String,
    entries: Vec<Entry>,
}

struct Entry {
    letters: u32,
    /// Where it ends in [`Bucket::text`]; it starts where the one before ends.
    end: u32,
    /// How many records had it when it was read.
    uses: u32,
}

impl Vocabulary {
    /// Reads the words added since the last time.
    pub(super) fn refresh(&self, db: &Connection) -> Result<(), Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refresh(db)
    }

    /// For every word what to look for instead; `None` when nothing near is known. When all words are known (and
    /// only their combination is not), each keeps itself as a choice.
    pub(super) fn correct(
        &self,
        db: &Connection,
        words: &Words,
    ) -> Result<Option<Vec<Vec<String>>>, Failure> {
        let mut loaded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.refresh(db)?;
        let last = words.0.len().saturating_sub(1);
        let known = (words.0.iter().enumerate())
            .map(|(i, word)| is_known(db, word, i == last))
            .collect::<Result<Vec<_>, _>>()?;
        let all_known = known.iter().all(|known| *known);
        let mut corrected = false;
        let mut choices = Vec::with_capacity(words.0.len());
        for (word, known) in words.0.iter().zip(known) {
            let mut choice = Vec::new();
            if known {
                choice.push(word.clone());
            }
            if !known || all_known {
                let near = loaded.nearest(word);
                corrected |= !near.is_empty();
                choice.extend(near);
            }
            if choice.is_empty() {
                return Ok(None);
            }
            choices.push(choice);
        }
        Ok(corrected.then_some(choices))
    }
}

/// Whether a word is taken as typed: it is indexed (the last one may be the beginning of one that is), or not of
/// the kind that is corrected.
fn is_known(db: &Connection, word: &str, unfinished: bool) -> Result<bool, Failure> {
    if !CORRECTED.contains(&word.chars().count()) || word.contains(' ') {
        return Ok(true);
    }
    let after = if unfinished { format!("{word}{}", char::MAX) } else { word.to_owned() };
    let mut query = db.prepare_cached("SELECT 1 FROM words WHERE word BETWEEN ? AND ? LIMIT 1")?;
    Ok(query.query_row([word, &after], |_| Ok(())).optional()?.is_some())
}

/// The words that begin with `prefix` and go on, if there are at most `most`: looking for each of them costs less
/// than having the index merge all matches of a prefix.
pub(super) fn completions(
    db: &Connection,
    prefix: &str,
    most: usize,
) -> Result<Option<Vec<String>>, Failure> {
    let letters = prefix.chars().count();
    if !(MIN_WORD..MAX_WORD).contains(&letters) || prefix.contains(' ') {
        return Ok(None);
    }
    let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
    let words: Vec<String> = column(
        db,
        "SELECT word FROM words WHERE word > ? AND word < ? LIMIT ?",
        (prefix, format!("{prefix}{}", char::MAX), limit),
    )?;
    // Longer than what is kept: there may be more words than are known.
    let whole = words.len() <= most && words.iter().all(|word| word.chars().count() < MAX_WORD);
    Ok(whole.then_some(words))
}

impl Loaded {
    fn refresh(&mut self, db: &Connection) -> Result<(), Failure> {
        let mut query = db.prepare_cached("SELECT id, word, uses FROM words WHERE id > ? ORDER BY id")?;
        let mut rows = query.query([self.last])?;
        while self.count < MAX_WORDS
            && let Some(row) = rows.next()?
        {
            self.last = row.get(0)?;
            let word = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            let bucket = self.by_length.entry(word.chars().count()).or_default();
            bucket.text.push_str(word);
            // A bucket holds at most a million words of at most 64 characters of at most 4 bytes.
            let end = u32::try_from(bucket.text.len()).unwrap_or(u32::MAX);
            bucket.entries.push(Entry { letters: letters(word), end, uses: row.get(2)? });
            self.count += 1;
        }
        Ok(())
    }

    /// Words at the smallest distance there is, the most used first.
    fn nearest(&self, word: &str) -> Vec<String> {
        let word: Vec<char> = word.chars().collect();
        if !CORRECTED.contains(&word.len()) || word.contains(&' ') {
            return Vec::new();
        }
        let most = if word.len() < 8 { 1 } else { 2 };
        let distance = Distance::to(&word);
        let mask = letters(&word.iter().collect::<String>());
        let mut near: Vec<(usize, std::cmp::Reverse<u32>, &str)> = Vec::new();
        for (_, bucket) in self.by_length.range(word.len() - most..=word.len() + most) {
            let mut start = 0;
            for entry in &bucket.entries {
                let end = entry.end as usize;
                if (entry.letters ^ mask).count_ones() as usize <= 2 * most {
                    let candidate = &bucket.text[start..end];
                    let d = distance.from(candidate);
                    if (1..=most).contains(&d) {
                        near.push((d, std::cmp::Reverse(entry.uses), candidate));
                    }
                }
                start = end;
            }
        }
        near.sort_unstable();
        let best = near.first().map_or(0, |n| n.0);
        near.iter().take_while(|n| n.0 == best).take(CHOICES).map(|n| n.2.to_owned()).collect()
    }
}

fn letters(word: &str) -> u32 {
    word.chars().fold(0, |set, c| set | 1 << (c as u32 % 32))
}

/// Edit distance to one word, in which swapping two neighbours is one error (optimal string alignment), by the
/// bit-parallel method of Hyyro (2003): a column of the usual table is the bits of two numbers, so that a candidate
/// costs a few operations a letter.
struct Distance {
    letters: Vec<(char, u64)>,
    len: usize,
}

impl Distance {
    /// For words of 1 to 64 characters.
    fn to(word: &[char]) -> Self {
        let mut letters: Vec<(char, u64)> = Vec::new();
        for (i, c) in word.iter().enumerate() {
            match letters.iter_mut().find(|l| l.0 == *c) {
                Some(letter) => letter.1 |= 1 << i,
                None => letters.push((*c, 1 << i)),
            }
        }
        Self { letters, len: word.len() }
    }

    fn from(&self, other: &str) -> usize {
        let (mut up, mut down, mut diagonal, mut before) = (u64::MAX, 0_u64, 0_u64, 0_u64);
        let mut distance = self.len;
        let end = 1_u64 << (self.len - 1);
        for c in other.chars() {
            let here = self.letters.iter().find(|l| l.0 == c).map_or(0, |l| l.1);
            let swapped = ((!diagonal & here) << 1) & before;
            diagonal = ((here & up).wrapping_add(up) ^ up) | here | down | swapped;
            let right_up = down | !(diagonal | up);
            let right_down = diagonal & up;
            distance += usize::from(right_up & end != 0);
            distance -= usize::from(right_down & end != 0);
            let (right_up, right_down) = (right_up << 1 | 1, right_down << 1);
            up = right_down | !(diagonal | right_up);
            down = right_up & diagonal;
            before = here;
        }
        distance
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn words(list: &[&str]) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("sql/v1.sql")).unwrap();
        for (i, word) in list.iter().enumerate() {
            db.execute("INSERT INTO words (word, uses) VALUES (?, ?)", (word, i)).unwrap();
        }
        db
    }

    fn corrected(db: &Connection, text: &str) -> Option<Vec<Vec<String>>> {
        Vocabulary::default().correct(db, &Words::of(text)).unwrap()
    }

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| Distance::to(&a.chars().collect::<Vec<_>>()).from(b);
        assert_eq!(
            (
                d("night", "night"),
                d("nigth", "night"),
                d("nght", "night"),
                d("kitten", "sitting"),
                d("ab", "")
            ),
            (0, 1, 1, 3, 2)
        );
    }

    /// The textbook table.
    fn slow_distance(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let change = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let best = change.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best.min(table[i - 2][j - 2] + 1)
                    } else {
                        best
                    }
                };
            }
        }
        table[a.len()][b.len()]
    }

    fn word(most: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!['a', 'b', 'c', '\u{e9}']), 0..most)
            .prop_map(|letters| letters.into_iter().collect())
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_table(a in word(40), b in word(40)) {
            let (chars, other): (Vec<char>, Vec<char>) = (format!("x{a}").chars().collect(), b.chars().collect());
            prop_assert_eq!(Distance::to(&chars).from(&b), slow_distance(&chars, &other));
        }
    }

    #[test]
    fn short_words_get_one_error_long_ones_two() {
        let db = words(&["night", "light", "singularity", "cat", "might"]);
        assert_eq!(corrected(&db, "nigth").unwrap(), [["night"]]);
        assert_eq!(corrected(&db, "singluarty").unwrap(), [["singularity"]]);
        assert_eq!(corrected(&db, "cta"), None, "three letters are not corrected");
        assert_eq!(corrected(&db, "a nigth").unwrap(), [["a"], ["night"]]);
        assert_eq!(corrected(&db, "nxxht"), None, "two errors in five letters");
        // The most used first.
        assert_eq!(corrected(&db, "tight").unwrap(), [["might", "light", "night"]]);
    }

    #[test]
    fn only_what_is_unknown_is_replaced() {
        let db = words(&["night", "light", "love"]);
        assert_eq!(corrected(&db, "love nigth").unwrap(), [vec!["love"], vec!["night"]]);
        assert_eq!(corrected(&db, "love night").unwrap(), [vec!["love"], vec!["night", "light"]]);
        assert_eq!(corrected(&db, "love qqqqqq"), None);
    }

    #[test]
    fn words_added_later_are_found() {
        let db = words(&["night"]);
        let vocabulary = Vocabulary::default();
        assert_eq!(vocabulary.correct(&db, &Words::of("golbe")).unwrap(), None);
        db.execute("INSERT INTO words (word, uses) VALUES ('globe', 1)", []).unwrap();
        assert_eq!(vocabulary.correct(&db, &Words::of("golbe")).unwrap().unwrap(), [["globe"]]);
    }
}

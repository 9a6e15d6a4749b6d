//! The order of matches: tiers, the best first; inside a tier artists near to the user first (`nearness`), of each
//! level the newest first.
//!
//! ```text
//!  0        the whole title
//!  1        the title begins with the words
//!  2 3 4 5  all words in the title / and artist name / and album / and genre
//!  6        as 1, the last word unfinished
//!  7 8 9 10 as 2 to 5, the last word unfinished
//! ```
//!
//! A record belongs to the first tier it fits, so a position is (tier, level, sequence number) and pages need no
//! offset.
//! The tiers stand on two ladders, 0 to 5 and 6 to 10; corrected words have one of their own. There are two ways
//! to climb one, with the same result:
//!
//! - Where few records have all the words, all of them are fetched and ranked here ([`Ladder::tier_of`]).
//! - Where many have, each tier is a full-text expression that leaves out the tier before it ([`Ladder::rungs`]):
//!   however common a word is, only what is returned is looked at. (`bm25` and any other score would have to look
//!   at every match.)

use super::text::fold;

/// Most words of a query that are looked for.
const MAX_WORDS: usize = 8;
/// Longest query text that is looked at, in characters.
const MAX_TEXT: usize = 200;

/// Columns added from one tier to the next.
const SCOPES: [&str; 4] = ["{title}", "{title artist}", "{title artist album}", "{title artist album genre}"];
/// The scope of all columns.
pub(super) const LAST_SCOPE: usize = SCOPES.len() - 1;

/// The words of a query. Each is folded and may be several tokens (`AC/DC`), which must then follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words(pub(super) Vec<String>);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let text: String = text.chars().take(MAX_TEXT).collect();
        let words = text.split_whitespace().map(fold).filter(|word| !word.is_empty());
        Self(words.take(MAX_WORDS).collect())
    }
}

/// A word as it is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    word: String,
    /// More letters may follow.
    unfinished: bool,
}

impl Term {
    /// Folded words are letters, digits and spaces; in quotes nothing of them is syntax.
    fn expression(&self) -> String {
        format!("\"{}\"{}", self.word, if self.unfinished { " *" } else { "" })
    }

    /// What is looked for in a column that has a space before and after each word.
    fn padded(&self) -> String {
        format!(" {}{}", self.word, if self.unfinished { "" } else { " " })
    }
}

/// One tier as a full-text query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rung {
    /// The whole title.
    WholeTitle,
    /// This expression; with `but_whole_title` those of [`Rung::WholeTitle`] are left out.
    Match { expression: String, but_whole_title: bool },
}

/// Tiers that differ in where the words are, not in what is looked for.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    /// Number of the tier that begins with the words.
    first: usize,
    whole_title: bool,
    /// What a title may begin with; nothing when that is no tier.
    begins: Vec<Term>,
    /// For every word what may stand for it.
    terms: Vec<Vec<Term>>,
    /// Tokens of the filters.
    facets: Vec<String>,
    /// What the ladder before this one finds.
    but: Option<String>,
}

/// The ladders of a query. There must be words. `completions`: all words that the last one may be the beginning of,
/// where they are known to be few; when there are none, there is only one ladder.
pub(super) fn ladders(words: &Words, completions: Option<&[String]>, facets: &[String]) -> Vec<Ladder> {
    let Some((last, others)) = words.0.split_last() else { return Vec::new() };
    let whole = |word: &String| Term { word: word.clone(), unfinished: false };
    let ladder = |first, ends: Vec<Term>| {
        let begins = ends.iter().map(|end| {
            let phrase: Vec<&str> = others.iter().chain([&end.word]).map(String::as_str).collect();
            Term { word: phrase.join(" "), unfinished: end.unfinished }
        });
        Ladder {
            first,
            whole_title: false,
            begins: begins.collect(),
            terms: others.iter().map(|word| vec![whole(word)]).chain([ends.clone()]).collect(),
            facets: facets.to_vec(),
            but: None,
        }
    };
    let exact = Ladder { whole_title: true, ..ladder(1, vec![whole(last)]) };
    let ends = match completions {
        Some([]) => return vec![exact],
        Some(words) => words.iter().map(whole).collect(),
        None => vec![Term { word: last.clone(), unfinished: true }],
    };
    let unfinished = Ladder { but: Some(exact.scoped(LAST_SCOPE)), ..ladder(6, ends) };
    vec![exact, unfinished]
}

/// The ladder of a query whose words have been replaced by choices. The last word, where it is still among its
/// choices, may be unfinished.
pub(super) fn corrected(words: &Words, choices: &[Vec<String>], facets: &[String]) -> Ladder {
    let last = choices.len().saturating_sub(1);
    let terms = choices.iter().enumerate().map(|(i, choice)| {
        let term = |word: &String| Term {
            word: word.clone(),
            unfinished: i == last && words.0.last() == Some(word),
        };
        choice.iter().map(term).collect()
    });
    Ladder {
        first: 1,
        whole_title: false,
        begins: Vec::new(),
        terms: terms.collect(),
        facets: facets.to_vec(),
        but: None,
    }
}

/// The folded columns of a candidate, and its title as it was normalised.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    pub(super) title: String,
    /// Title, artist, album and genre.
    pub(super) columns: [String; 4],
}

impl Ladder {
    /// Number of the last tier.
    pub(super) fn last(&self) -> usize {
        self.tier_in(LAST_SCOPE)
    }

    /// Number of the tier whose words are in the columns up to `scope`.
    pub(super) fn tier_in(&self, scope: usize) -> usize {
        self.first + 1 + scope
    }

    /// Everything on this ladder up to [`Self::tier_in`] of `scope`.
    pub(super) fn everything_in(&self, scope: usize) -> String {
        self.narrowed(&self.scoped(scope), self.but.as_slice())
    }

    /// The tier of something that [`Self::everything_in`] found. `text`: the query, normalised.
    pub(super) fn tier_of(&self, candidate: &Candidate, text: &str) -> usize {
        if self.whole_title && candidate.title == text {
            return 0;
        }
        let columns = candidate.columns.each_ref().map(|column| format!(" {column} "));
        if self.begins.iter().any(|begins| columns[0].starts_with(&begins.padded())) {
            return self.first;
        }
        // The tier is that of the word which needs the most columns.
        let reach = |choice: &Vec<Term>| {
            let has = |column: &String| choice.iter().any(|term| column.contains(&term.padded()));
            columns.iter().position(has).unwrap_or(LAST_SCOPE)
        };
        self.tier_in(self.terms.iter().map(reach).max().unwrap_or(0))
    }

    /// The tiers with their numbers.
    pub(super) fn rungs(&self) -> Vec<(usize, Rung)> {
        let mut rungs = Vec::new();
        if self.whole_title {
            rungs.push((0, Rung::WholeTitle));
        }
        let mut before: Vec<String> = self.but.iter().cloned().collect();
        let kept = before.len();
        let mut add = |tier, expression: String, but_whole_title| {
            let narrowed = self.narrowed(&expression, &before);
            rungs.push((tier, Rung::Match { expression: narrowed, but_whole_title }));
            before.truncate(kept);
            before.push(expression);
        };
        if !self.begins.is_empty() {
            let begins: Vec<String> =
                self.begins.iter().map(|begins| format!("{{title}} : ^ {}", begins.expression())).collect();
            add(self.first, begins.join(" OR "), self.whole_title);
        }
        for scope in 0..SCOPES.len() {
            add(self.tier_in(scope), self.scoped(scope), false);
        }
        rungs
    }

    fn scoped(&self, scope: usize) -> String {
        let choice = |choice: &Vec<Term>| {
            let choice: Vec<String> = choice.iter().map(Term::expression).collect();
            if let [one] = &choice[..] { one.clone() } else { format!("({})", choice.join(" OR ")) }
        };
        let words: Vec<String> = self.terms.iter().map(choice).collect();
        format!("{} : ({})", SCOPES[scope], words.join(" AND "))
    }

    fn narrowed(&self, expression: &str, before: &[String]) -> String {
        let facets: String = self.facets.iter().map(|facet| format!(" AND facet : \"{facet}\"")).collect();
        let narrowed = format!("(({expression}){facets})");
        if before.is_empty() {
            narrowed
        } else {
            format!(
                "{narrowed} NOT ({})",
                before.iter().map(|b| format!("({b})")).collect::<Vec<_>>().join(" OR ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use rusqlite::Connection;

    fn index(tracks: &[[&str; 4]]) -> (Connection, Vec<Candidate>) {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("sql/v1.sql")).unwrap();
        let mut candidates = Vec::new();
        for track in tracks {
            let columns = track.map(fold);
            db.execute(
                "INSERT INTO track_words (title, artist, album, genre, facet) VALUES (?, ?, ?, ?, 'qqqx')",
                columns.each_ref(),
            )
            .unwrap();
            candidates.push(Candidate { title: track[0].to_lowercase(), columns });
        }
        (db, candidates)
    }

    fn matches(db: &Connection, expression: &str) -> Vec<i64> {
        let mut query =
            db.prepare("SELECT rowid FROM track_words WHERE track_words MATCH ? ORDER BY rowid").unwrap();
        query.query_map([expression], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// (tier, row) by the expressions.
    fn climbed(db: &Connection, ladders: &[Ladder]) -> Vec<(usize, i64)> {
        let mut found = Vec::new();
        for (tier, rung) in ladders.iter().flat_map(Ladder::rungs) {
            if let Rung::Match { expression, .. } = rung {
                found.extend(matches(db, &expression).into_iter().map(|row| (tier, row)));
            }
        }
        found
    }

    const TRACKS: [[&str; 4]; 7] = [
        ["Love again", "Ann", "", ""],
        ["My love", "Ann", "", ""],
        ["Song", "Love Unit", "", ""],
        ["Lover", "Ann", "", ""],
        ["The lovely", "Ann", "", ""],
        ["Song", "Lovers", "", ""],
        ["Hate", "Ann", "", ""],
    ];

    #[test]
    fn each_record_is_in_the_first_tier_it_fits() {
        let (db, _) = index(&TRACKS);
        let words = Words::of("LOVE");
        assert_eq!(
            climbed(&db, &ladders(&words, None, &[])),
            [(1, 1), (2, 2), (3, 3), (6, 4), (7, 5), (8, 6)]
        );
        // With the completions named the same; without any, whole words only.
        let known = ["lover", "lovely", "lovers"].map(str::to_owned);
        assert_eq!(climbed(&db, &ladders(&words, Some(&known), &[])).len(), 6);
        assert_eq!(climbed(&db, &ladders(&words, Some(&[]), &[])), [(1, 1), (2, 2), (3, 3)]);
        assert_eq!(climbed(&db, &ladders(&words, None, &["qqqy".into()])), []);
        assert_eq!(climbed(&db, &ladders(&words, None, &["qqqx".into()])).len(), 6);
        let choices = [vec!["lover".to_owned(), "song".to_owned()]];
        let corrected = corrected(&Words::of("lovar"), &choices, &[]);
        assert_eq!(climbed(&db, &[corrected]), [(2, 3), (2, 4), (2, 6)]);
    }

    #[test]
    fn nothing_a_person_types_is_syntax() {
        let (db, _) = index(&[["a b", "c", "", ""]]);
        for text in [
            "\"",
            "a\"b",
            "title:a",
            "a AND",
            "NOT",
            "a*",
            "^a",
            "(",
            "a OR b",
            "{title}",
            "-a",
            "a + b",
            "NEAR(a b)",
            "\0",
            "'",
            "; DROP TABLE records",
            "%",
            "\u{feff}",
            "\0a",
            "\u{200d}",
            "\u{301}",
        ] {
            let words = Words::of(text);
            if !words.0.is_empty() {
                climbed(&db, &ladders(&words, None, &[]));
            }
        }
        assert_eq!(climbed(&db, &ladders(&Words::of("facet qqqx"), None, &[])), []);
    }

    #[test]
    fn a_word_of_several_tokens_is_a_phrase() {
        let (db, _) = index(&[["AC/DC live", "", "", ""], ["dc ac", "", "", ""]]);
        assert_eq!(climbed(&db, &ladders(&Words::of("ac/dc"), None, &[])), [(1, 1)]);
    }

    fn text() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec![
            "a",
            "ab",
            "abc",
            "b",
            "ba",
            "a-b",
            "\u{e4}b",
            "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}",
            "\u{611b}a",
        ]);
        prop::collection::vec(word, 0..4).prop_map(|words| words.join(" "))
    }

    proptest! {
        /// The two ways to climb a ladder agree.
        #[test]
        fn candidates_are_ranked_as_the_expressions_do(
            tracks in prop::collection::vec([text(), text(), text(), text()], 1..12),
            query in text(),
            choices in prop::collection::vec(prop::collection::vec(text(), 1..3), 1..3),
        ) {
            let tracks: Vec<[&str; 4]> = tracks.iter().map(|t| t.each_ref().map(|s| &**s)).collect();
            let (db, candidates) = index(&tracks);
            let words = Words::of(&query);
            let choices: Vec<Vec<String>> = choices
                .iter()
                .map(|c| c.iter().map(|word| fold(word)).filter(|word| !word.is_empty()).collect::<Vec<_>>())
                .filter(|c| !c.is_empty())
                .collect();
            let mut all = vec![];
            if !words.0.is_empty() {
                all.push(ladders(&words, None, &[]));
                let completions: Vec<String> = choices.concat();
                all.push(ladders(&words, Some(&completions), &[]));
            }
            if !choices.is_empty() {
                all.push(vec![corrected(&words, &choices, &[])]);
            }
            for ladders in all {
                let mut climbed = climbed(&db, &ladders);
                climbed.sort_unstable();
                let mut ranked: Vec<(usize, i64)> = Vec::new();
                for ladder in &ladders {
                    for row in matches(&db, &ladder.everything_in(LAST_SCOPE)) {
                        // Whole titles are another query.
                        let candidate = &candidates[usize::try_from(row).unwrap() - 1];
                        ranked.push((ladder.tier_of(candidate, "\0"), row));
                    }
                }
                ranked.sort_unstable();
                prop_assert_eq!(climbed, ranked);
            }
        }
    }
}

//! The order of matches: tiers, the best first, each a full-text expression; inside a tier the newest first.
//!
//! ```text
//!  0        the whole title
//!  1        the title begins with the words
//!  2 3 4 5  all words in the title / and artist name / and album / and genre
//!  6        as 1, the last word unfinished
//!  7 8 9 10 as 2 to 5, the last word unfinished
//! ```
//!
//! A record belongs to the first tier it fits, so that a position is (tier, sequence number): pages need no
//! offset, and no tier looks at more matches than it returns, however common a word is. (`bm25` and any other
//! score would have to look at all of them.)

use super::text::fold;

/// Most words of a query that are looked for.
const MAX_WORDS: usize = 8;
/// Longest query text that is looked at, in characters.
const MAX_TEXT: usize = 200;

/// Columns added from one tier to the next.
const SCOPES: [&str; 4] = ["{title}", "{title artist}", "{title artist album}", "{title artist album genre}"];

/// The words of a query. Each is folded and may be several tokens (`AC/DC`), which must then follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words(pub(super) Vec<String>);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let text: String = text.chars().take(MAX_TEXT).collect();
        let mut words: Vec<String> = Vec::new();
        for word in text.split_whitespace().map(fold).filter(|word| !word.is_empty()) {
            if words.len() < MAX_WORDS {
                words.push(word);
            }
        }
        Self(words)
    }
}

/// One tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tier {
    /// The whole title.
    WholeTitle,
    /// This expression; in `but_whole_title` those of [`Tier::WholeTitle`] are left out.
    Match { expression: String, but_whole_title: bool },
}

/// The tiers of a query, narrowed to `facets`. No words: the whole title only.
pub(super) fn tiers(words: &Words, facets: &[String]) -> Vec<Tier> {
    let mut tiers = vec![Tier::WholeTitle];
    let Some((last, _)) = words.0.split_last() else { return tiers };
    let phrase = quoted(&words.0.join(" "));
    let exact: Vec<String> = words.0.iter().map(|word| quoted(word)).collect();
    let mut unfinished = exact.clone();
    if let Some(word) = unfinished.last_mut() {
        *word = format!("{} *", quoted(last));
    }
    let begins = format!("{{title}} : ^ {phrase}");
    let begins_unfinished = format!("{begins} *");
    let everywhere = scoped(SCOPES[3], &exact);

    let mut add = |expression: &str, before: Vec<&str>, but_whole_title| {
        let expression = narrowed(expression, &before, facets);
        tiers.push(Tier::Match { expression, but_whole_title });
    };
    add(&begins, vec![], true);
    let exact: Vec<String> = SCOPES.iter().map(|scope| scoped(scope, &exact)).collect();
    let unfinished: Vec<String> = SCOPES.iter().map(|scope| scoped(scope, &unfinished)).collect();
    for (i, expression) in exact.iter().enumerate() {
        add(expression, vec![if i == 0 { &begins } else { &exact[i - 1] }], false);
    }
    add(&begins_unfinished, vec![&everywhere], false);
    for (i, expression) in unfinished.iter().enumerate() {
        let before = if i == 0 { &begins_unfinished } else { &unfinished[i - 1] };
        add(expression, vec![&everywhere, before], false);
    }
    tiers
}

/// The tiers of a query whose words have been replaced by choices. The last word, where it is still among its
/// choices, may be unfinished.
pub(super) fn corrected_tiers(words: &Words, choices: &[Vec<String>], facets: &[String]) -> Vec<Tier> {
    let mut groups: Vec<Vec<String>> =
        choices.iter().map(|choice| choice.iter().map(|word| quoted(word)).collect()).collect();
    if let (Some(group), Some(last)) = (groups.last_mut(), words.0.last()) {
        let last = quoted(last);
        group.iter_mut().filter(|word| **word == last).for_each(|word| word.push_str(" *"));
    }
    let groups: Vec<String> = groups.iter().map(|group| format!("({})", group.join(" OR "))).collect();
    let mut before: Vec<String> = Vec::new();
    SCOPES
        .iter()
        .map(|scope| {
            let expression = scoped(scope, &groups);
            let tier = narrowed(&expression, &before.iter().map(String::as_str).collect::<Vec<_>>(), facets);
            before = vec![expression];
            Tier::Match { expression: tier, but_whole_title: false }
        })
        .collect()
}

/// Folded words are letters, digits and spaces; in quotes nothing of them is syntax.
fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

fn scoped(scope: &str, words: &[String]) -> String {
    format!("{scope} : ({})", words.join(" AND "))
}

fn narrowed(expression: &str, before: &[&str], facets: &[String]) -> String {
    let mut narrowed = format!("({expression})");
    for facet in facets {
        narrowed = format!("({narrowed} AND facet : {})", quoted(facet));
    }
    if !before.is_empty() {
        narrowed = format!("{narrowed} NOT ({})", before.join(" OR "));
    }
    narrowed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rusqlite::Connection;

    fn index(titles: &[(&str, &str)]) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("sql/v1.sql")).unwrap();
        for (title, artist) in titles {
            db.execute(
                "INSERT INTO track_words (title, artist, facet) VALUES (?, ?, 'qqqx')",
                [&fold(title), &fold(artist)],
            )
            .unwrap();
        }
        db
    }

    fn in_tiers(db: &Connection, tiers: &[Tier]) -> Vec<(usize, i64)> {
        let mut found = Vec::new();
        for (i, tier) in tiers.iter().enumerate() {
            let Tier::Match { expression, .. } = tier else { continue };
            let mut query = db.prepare("SELECT rowid FROM track_words WHERE track_words MATCH ?").unwrap();
            let rows = query.query_map([expression], |row| row.get(0)).unwrap();
            found.extend(rows.map(|seq| (i, seq.unwrap())));
        }
        found
    }

    #[test]
    fn each_record_is_in_the_first_tier_it_fits() {
        let db = index(&[
            ("Love again", "Ann"),
            ("My love", "Ann"),
            ("Song", "Love Unit"),
            ("Lover", "Ann"),
            ("The lovely", "Ann"),
            ("Song", "Lovers"),
            ("Hate", "Ann"),
        ]);
        let found = in_tiers(&db, &tiers(&Words::of("LOVE"), &[]));
        assert_eq!(found, [(1, 1), (2, 2), (3, 3), (6, 4), (7, 5), (8, 6)]);
        let narrowed = in_tiers(&db, &tiers(&Words::of("love"), &["qqqy".into()]));
        assert_eq!(narrowed, []);
        let narrowed = in_tiers(&db, &tiers(&Words::of("love"), &["qqqx".into()]));
        assert_eq!(narrowed.len(), 6);
        let choices = [vec!["lover".to_owned(), "song".to_owned()]];
        assert_eq!(
            in_tiers(&db, &corrected_tiers(&Words::of("lovar"), &choices, &[])),
            [(0, 3), (0, 4), (0, 6)]
        );
    }

    #[test]
    fn nothing_a_person_types_is_syntax() {
        let db = index(&[("a b", "c")]);
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
            "facet:qqqx",
            "'",
            "; DROP TABLE records",
            "%",
            "\u{feff}",
            "\u{0}a",
            "\u{200d}",
        ] {
            in_tiers(&db, &tiers(&Words::of(text), &[]));
        }
        assert_eq!(in_tiers(&db, &tiers(&Words::of("facet qqqx"), &[])), []);
    }

    #[test]
    fn a_word_of_several_tokens_is_a_phrase() {
        let db = index(&[("AC/DC live", ""), ("dc ac", "")]);
        assert_eq!(in_tiers(&db, &tiers(&Words::of("ac/dc"), &[])), [(1, 1)]);
    }
}

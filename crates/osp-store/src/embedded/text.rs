//! Text folded into the words that are indexed and looked for.

use osp_core::text::normalise;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Normalises `text`, drops diacritics, and leaves words of letters and digits with one space between. Characters
/// of scripts that are written without spaces become words of their own, so that a part of a title finds it.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    let normal = normalise(text);
    for c in normal.nfd().filter(|c| !is_diacritic(*c)).nfc() {
        if matches!(c, '\'' | '\u{2019}') {
            continue; // don't = dont
        }
        let alone = is_unspaced(c);
        if alone || c.is_alphanumeric() || is_combining_mark(c) {
            if (space || alone) && !folded.is_empty() && !folded.ends_with(' ') {
                folded.push(' ');
            }
            folded.push(c);
            space = alone;
        } else {
            space = true;
        }
    }
    folded
}

/// Marks that readers leave out when they type. Vowel signs of Indic scripts and kana voicing are not among them.
fn is_diacritic(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Kana and Han.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn words_lose_case_marks_and_punctuation() {
        assert_eq!(fold("  Bj\u{f6}rk: \u{201c}J\u{f3}ga\u{201d} (Live)"), "bjork joga live");
        assert_eq!(fold("Don't Stop \u{2013} AC/DC"), "dont stop ac dc");
        assert_eq!(fold("!!!"), "");
    }

    #[test]
    fn han_and_kana_are_words_of_their_own() {
        assert_eq!(fold("\u{611b}\u{3057}\u{3066} you"), "\u{611b} \u{3057} \u{3066} you");
        assert_eq!(fold("\u{d55c}\u{ae00}"), "\u{d55c}\u{ae00}");
    }
}

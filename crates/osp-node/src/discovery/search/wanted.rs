//! What a search means in the network: under which keys it is looked up, and which of the records there are meant.

use osp_core::{did::Did, record::TrackRecord, text::normalise};
use osp_discovery::key::IndexKey;
use osp_store::Query;

/// The keys under which everything that is meant can be found; none for a search that names no artist, title, genre
/// or words.
///
/// | given | keys |
/// |---|---|
/// | artist | the artist's: nobody else can sign what is under it |
/// | else a title | the title's |
/// | else a genre | the genre's |
/// | words, beside it or alone | as a title, and without a genre as one; a DID as an artist |
///
/// What else is given narrows down what is found ([`matches()`]).
#[must_use]
pub fn keys(query: &Query) -> Vec<IndexKey> {
    let found = if let Some(artist) = &query.artist {
        vec![IndexKey::artist(artist)]
    } else if let Some(title) = &query.title {
        vec![IndexKey::title(title)]
    } else {
        let mut keys: Vec<_> = query.genre.iter().map(|tag| IndexKey::genre(tag)).collect();
        if let Some(words) = &query.text {
            if let Ok(did) = Did::parse(words.trim()) {
                keys.push(IndexKey::artist(&did));
            } else {
                keys.push(IndexKey::title(words));
                if query.genre.is_none() {
                    keys.push(IndexKey::genre(words));
                }
            }
        }
        keys
    };
    // A value that makes no key finds nothing.
    let mut once: Vec<IndexKey> = Vec::with_capacity(found.len());
    for key in found.into_iter().flatten() {
        if !once.contains(&key) {
            once.push(key);
        }
    }
    once
}

/// Whether a track is all that the query asks for. As in the catalogue, but for typing errors: every word, the last one
/// perhaps unfinished, begins a word of title, artist's name, album or genres.
#[must_use]
pub fn matches(track: &TrackRecord, query: &Query) -> bool {
    let is = |text: &str, wanted: &str| normalise(text) == normalise(wanted);
    query.artist.as_ref().is_none_or(|artist| track.artist() == *artist)
        && query.title.as_ref().is_none_or(|title| is(track.title(), title))
        && query.album.as_ref().is_none_or(|album| track.text("album").is_some_and(|own| is(own, album)))
        && query.genre.as_ref().is_none_or(|genre| track.genres().into_iter().any(|own| is(own, genre)))
        && query.text.as_ref().is_none_or(|words| has_words(track, words))
}

fn has_words(track: &TrackRecord, words: &str) -> bool {
    if track.artist().to_string() == words.trim() {
        return true;
    }
    let of = |member| track.text(member).unwrap_or_default();
    let own = [&[track.title(), of("artistName"), of("album")][..], &track.genres()].concat();
    let own = normalise(&own.join(" "));
    normalise(words).split(' ').all(|word| own.split(' ').any(|own| own.starts_with(word)))
}

/// How well a track fits; more is better. Only to be compared among tracks of artists who are equally near.
#[must_use]
pub fn relevance(track: &TrackRecord, query: &Query) -> u32 {
    let Some(words) = &query.text else { return 1 };
    let (words, title) = (normalise(words), normalise(track.title()));
    if title == words {
        4
    } else if title.starts_with(&words) {
        3
    } else if words.split(' ').all(|word| title.split(' ').any(|own| own.starts_with(word))) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_core::{content::raw_cid, json::Json, key::ArtistKey, record::TrackDraft};

    fn track(title: &str, genre: &str) -> TrackRecord {
        let mut draft = TrackDraft {
            title: title.to_owned(),
            format: "audio/opus".to_owned(),
            cid: raw_cid([1; 32]).to_string(),
            ..TrackDraft::default()
        };
        draft.set("genre", Json::Array(vec![Json::String(genre.to_owned())]));
        draft.set("artistName", Json::String("Ana Flow".to_owned()));
        draft.set("album", Json::String("First light".to_owned()));
        let record = draft.sign(&ArtistKey::from_seed(&[7; 32]), None).unwrap();
        record.as_track().unwrap().clone()
    }

    fn words(text: &str) -> Query {
        Query { text: Some(text.to_owned()), ..Query::default() }
    }

    fn texts(query: &Query) -> Vec<String> {
        keys(query).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_are_looked_up_as_a_title_and_as_a_genre() {
        assert_eq!(texts(&words(" Deep  House ")), ["osp/0.1/title/deep house", "osp/0.1/genre/deep house"]);
        let narrowed = Query { genre: Some("Techno".into()), ..words("Night") };
        assert_eq!(texts(&narrowed), ["osp/0.1/genre/techno", "osp/0.1/title/night"]);
        assert!(texts(&words(" \u{3000} ")).is_empty() && texts(&words(&"a".repeat(600))).is_empty());
        assert!(texts(&Query::default()).is_empty());
    }

    #[test]
    fn an_artist_is_looked_up_alone() {
        let did = ArtistKey::from_seed(&[7; 32]).did();
        let key = format!("osp/0.1/artist/{did}");
        assert_eq!(texts(&words(&format!(" {did}"))), std::slice::from_ref(&key));
        let query = Query { artist: Some(did), title: Some("Night".into()), ..Query::default() };
        assert_eq!(texts(&query), [key]);
        assert!(matches(&track("Night", "Techno"), &query) && !matches(&track("Day", "Techno"), &query));
    }

    #[test]
    fn everything_given_must_match() {
        let night = track("Night drive", "Techno");
        for found in ["night drive", "drive", "ana nig", "techno", "first LIGHT dri"] {
            assert!(matches(&night, &words(found)), "{found}");
        }
        for missed in ["night drives", "techno day", "ight"] {
            assert!(!matches(&night, &words(missed)), "{missed}");
        }
        assert!(!matches(&night, &Query { genre: Some("House".into()), ..words("night") }));
        assert!(!matches(&night, &Query { album: Some("Other".into()), ..words("night") }));
        assert!(matches(&night, &Query { album: Some("FIRST light".into()), ..words("night") }));
    }

    #[test]
    fn a_title_fits_better_than_a_genre() {
        let query = words("night");
        let fits = |title: &str| relevance(&track(title, "Night"), &query);
        assert_eq!(["Night", "Night drive", "Late night", "Day"].map(fits), [4, 3, 2, 1]);
    }
}

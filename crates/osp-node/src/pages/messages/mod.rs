//! What the pages say, in every language there is.
//!
//! A language is one value of [`Messages`], so a text that it lacks does not compile. Sentences are whole: what is put into them
//! comes as an argument, because other languages have other orders. Where markup stands in the middle, the sentence is markup.
//! The client's texts are in `web/src/lib/messages`.

mod de;
mod en;

pub(crate) use de::DE;
pub(crate) use en::EN;

use maud::Markup;

/// A text as it is.
type Text = &'static str;
/// About something that has a name.
type Of = fn(&str) -> String;
/// About a number of things.
type Count = fn(u64) -> String;
/// Around something that is markup.
type Around = fn(&Markup) -> Markup;

/// One language.
pub(crate) struct Messages {
    /// For `lang` (BCP 47).
    pub(crate) code: Text,
    /// `Awakening by Max McCracken`
    pub(crate) by: fn(&str, &str) -> String,
    /// `2 tracks`
    pub(crate) tracks: Count,
    /// Between units and tenths.
    pub(crate) decimal: char,
    /// The unit of small sizes.
    pub(crate) bytes: Text,
    pub(crate) months: [Text; 12],
    /// Day, name of the month, year.
    pub(crate) day: fn(u8, &str, &str) -> String,
    pub(crate) layout: Layout,
    pub(crate) home: Home,
    pub(crate) row: Row,
    pub(crate) artist: Artist,
    pub(crate) album: Album,
    pub(crate) track: Track,
    pub(crate) offers: Offers,
    pub(crate) genre: Genre,
    pub(crate) search: Search,
    pub(crate) network: Network,
    pub(crate) feeds: Feeds,
    pub(crate) device: Device,
    pub(crate) fan: Fan,
    pub(crate) missing: Missing,
}

/// Around every page.
pub(crate) struct Layout {
    pub(crate) skip: Text,
    pub(crate) player: Text,
    pub(crate) signed: Text,
    pub(crate) open_sealed: Text,
    pub(crate) interface: Text,
    /// The command that builds the client goes in.
    pub(crate) plain: Around,
    pub(crate) search_label: Text,
    pub(crate) search_hint: Text,
    pub(crate) search: Text,
    /// The manifest's sentence.
    pub(crate) app: Text,
}

/// `/`
pub(crate) struct Home {
    pub(crate) newest: Text,
    pub(crate) older: Text,
    /// `2 tracks by 1 artist`
    pub(crate) held: fn(u64, u64) -> String,
    pub(crate) held_here: Of,
    pub(crate) description: Of,
    pub(crate) nothing: Text,
    /// The command goes in.
    pub(crate) publish: Around,
    pub(crate) pages: Text,
    pub(crate) more: Text,
}

/// A track in a list.
pub(crate) struct Row {
    pub(crate) play: Of,
    pub(crate) keep: Text,
}

/// An artist's page.
pub(crate) struct Artist {
    /// Name and identity go in.
    pub(crate) description: fn(&str, &str) -> String,
    pub(crate) copy: Text,
    pub(crate) copy_of: Of,
    pub(crate) links: Text,
    pub(crate) support: Text,
    pub(crate) about: Text,
}

/// An album's page.
pub(crate) struct Album {
    /// `A by B, 2012` and `2 tracks, 7:16` go in.
    pub(crate) description: fn(&str, &str) -> String,
    pub(crate) licence: Around,
}

/// A track's page.
pub(crate) struct Track {
    pub(crate) replaced: Text,
    pub(crate) newer: Text,
    pub(crate) checked_before: Text,
    pub(crate) checked_by_node: Text,
    pub(crate) signed_record: Text,
    pub(crate) download: Text,
    pub(crate) album: Text,
    /// Behind the album's name.
    pub(crate) number: Of,
    pub(crate) released: Text,
    pub(crate) length: Text,
    pub(crate) genre: Text,
    pub(crate) licence: Text,
    pub(crate) says: Text,
    pub(crate) streaming: Text,
    pub(crate) mirroring: Text,
    pub(crate) ai_training: Text,
    pub(crate) allowed: Text,
    pub(crate) not_allowed: Text,
    pub(crate) identity: Text,
    pub(crate) content: Text,
    pub(crate) record: Text,
    pub(crate) magnet: Text,
    pub(crate) torrent: Text,
    pub(crate) torrent_file: Text,
    pub(crate) format: Text,
    /// The album's name goes in: the list of its tracks.
    pub(crate) on: Around,
    /// In descriptions.
    pub(crate) from: Of,
}

/// Keys to sealed releases.
pub(crate) struct Offers {
    pub(crate) preview: Text,
    pub(crate) open: Text,
    pub(crate) title: Text,
    pub(crate) meaning: Text,
    pub(crate) limits: Text,
    /// The price, and what it is for.
    pub(crate) price: fn(&Markup, &Markup) -> Markup,
    pub(crate) everything: Text,
    pub(crate) cut: Around,
    pub(crate) tier: Around,
    /// A length of time goes in.
    pub(crate) period: Of,
    pub(crate) days: Count,
    pub(crate) seconds: Count,
    /// The shop goes in.
    pub(crate) buy: Around,
    pub(crate) opens: Text,
    pub(crate) all: Count,
    pub(crate) keys: Text,
}

/// Music by genre.
pub(crate) struct Genre {
    pub(crate) title: Of,
    pub(crate) description: Of,
    /// Of a list for other programs.
    pub(crate) feed: Of,
    pub(crate) search: Text,
    pub(crate) all: Text,
    pub(crate) none: Text,
    pub(crate) genres: Text,
    pub(crate) genres_description: Text,
    pub(crate) no_genres: Text,
}

/// `/search`
pub(crate) struct Search {
    pub(crate) title: Text,
    pub(crate) of: Of,
    pub(crate) of_genre: Of,
    pub(crate) of_both: fn(&str, &str) -> String,
    pub(crate) description: Text,
    /// The same of plain files.
    pub(crate) files_description: Text,
    /// Links to the first page and to the genres go in.
    pub(crate) needs_script: fn(&Markup, &Markup) -> Markup,
    pub(crate) what_is_new: Text,
    pub(crate) blank: Text,
    pub(crate) nothing: Text,
    pub(crate) newest: Text,
    pub(crate) first: Count,
}

/// What the network has.
pub(crate) struct Network {
    pub(crate) title: Text,
    pub(crate) search: Text,
    pub(crate) more: Text,
    pub(crate) busy: Text,
    pub(crate) again: Text,
    /// Peers.
    pub(crate) held: Count,
    /// Tracks.
    pub(crate) found: Count,
}

/// Lists for other programs.
pub(crate) struct Feeds {
    pub(crate) label: Text,
    pub(crate) rss: Text,
    pub(crate) m3u: Text,
    pub(crate) json: Text,
}

/// `/library` and `/offline`
pub(crate) struct Device {
    pub(crate) title: Text,
    pub(crate) description: Text,
    pub(crate) needs_script: Text,
    pub(crate) offline: Text,
    pub(crate) offline_description: Text,
    pub(crate) offline_text: Text,
    pub(crate) offline_hint: Text,
}

/// `/fan`
pub(crate) struct Fan {
    pub(crate) title: Text,
    pub(crate) description: Text,
    /// The ending of such files goes in.
    pub(crate) what: Around,
    pub(crate) how: Text,
    pub(crate) needs_script: Text,
    /// The command goes in.
    pub(crate) program: Around,
}

/// Pages for what is not here.
pub(crate) struct Missing {
    pub(crate) title: Text,
    pub(crate) files: Text,
    pub(crate) node: Text,
    pub(crate) see_new: Text,
    /// The link to what is new goes in.
    pub(crate) or_search: Around,
    pub(crate) retracted: Text,
    pub(crate) retracted_text: Text,
    /// The artist's reason goes in.
    pub(crate) reason: Around,
    pub(crate) blocked: Text,
    pub(crate) blocked_text: Text,
    pub(crate) no_place: Text,
    pub(crate) no_place_text: Text,
    pub(crate) start: Text,
    pub(crate) broken: Text,
    pub(crate) broken_text: Text,
    pub(crate) first_page: Text,
}

impl Messages {
    /// A record's date as people write it: `2012`, `2012-04`, `2012-04-01`; whatever else stands there as it is.
    pub(crate) fn date(&self, date: &str) -> String {
        let parts: Vec<&str> = date.split('-').collect();
        let month = |text: &str| {
            let number = text.parse::<usize>().ok().filter(|_| text.len() == 2)?;
            self.months.get(number.checked_sub(1)?)
        };
        let day =
            |text: &str| text.parse::<u8>().ok().filter(|day| text.len() == 2 && (1..=31).contains(day));
        let written = match parts[..] {
            [year, m] => month(m).map(|month| format!("{month} {year}")),
            [year, m, d] => month(m).zip(day(d)).map(|(month, day)| (self.day)(day, month, year)),
            _ => None,
        };
        written.unwrap_or_else(|| date.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_each_language_does() {
        for (date, en, de) in [
            ("2012-04-01", "1 April 2012", "1. April 2012"),
            ("2012-10", "October 2012", "Oktober 2012"),
            ("2012", "2012", "2012"),
            ("2012-13-01", "2012-13-01", "2012-13-01"),
            ("2012-04-00", "2012-04-00", "2012-04-00"),
            ("soon", "soon", "soon"),
        ] {
            assert_eq!((EN.date(date), DE.date(date)), (en.to_owned(), de.to_owned()));
        }
    }

    #[test]
    fn one_and_many_are_told_apart() {
        assert_eq!((EN.home.held)(1, 2), "1 track by 2 artists");
        assert_eq!((DE.home.held)(1, 2), "1 Titel von 2 Künstlern");
        assert_eq!((DE.home.held)(2, 1), "2 Titel von 1 Künstler");
        assert_eq!((EN.network.held)(1), "found in the network, 1 peer has it");
        assert_eq!((DE.network.held)(3), "im Netz gefunden, bei 3 Teilnehmern");
    }
}

//! RSS 2.0 as music apps read it: the podcast namespace says that the medium is music, an item is a track.

use super::{Entry, Format, Listing};
use crate::pages::{addresses::Addresses, view::clock};
use osp_core::media::http_content_type;
use std::io::Write;
use time::{Date, Month, format_description::well_known::Rfc2822};
use uuid::Uuid;
use xml::{
    EmitterConfig,
    writer::{EventWriter, XmlEvent},
};

const ITUNES: &str = "http://www.itunes.com/dtds/podcast-1.0.dtd";
const PODCAST: &str = "https://podcastindex.org/namespace/1.0";
const ATOM: &str = "http://www.w3.org/2005/Atom";

/// Writing to memory, of text without the characters that XML lacks, does not fail.
type Written = xml::writer::Result<()>;

/// The feed.
#[must_use]
pub fn write(at: &Addresses, listing: &Listing) -> Vec<u8> {
    let mut out = Vec::new();
    let config = EmitterConfig::new().perform_indent(true).write_document_declaration(true);
    let mut feed = Feed { xml: config.create_writer(&mut out), at };
    feed.channel(listing).expect("memory takes it");
    out
}

struct Feed<'a, W: Write> {
    xml: EventWriter<W>,
    at: &'a Addresses,
}

impl<W: Write> Feed<'_, W> {
    fn channel(&mut self, listing: &Listing) -> Written {
        let root = XmlEvent::start_element("rss").attr("version", "2.0");
        self.xml.write(root.ns("itunes", ITUNES).ns("podcast", PODCAST).ns("atom", ATOM))?;
        self.xml.write(XmlEvent::start_element("channel"))?;
        self.text("title", &listing.title)?;
        let page = self.at.list(&listing.list);
        self.text("link", page.best())?;
        self.text("description", &listing.description)?;
        self.text("generator", concat!("OpenSound ", env!("CARGO_PKG_VERSION")))?;
        let own = self.at.list_file(&listing.list, Format::Rss).best().to_owned();
        let link = XmlEvent::start_element("atom:link").attr("rel", "self").attr("href", &own);
        self.empty(link.attr("type", "application/rss+xml"))?;
        self.text("podcast:medium", "music")?;
        self.text("podcast:guid", &guid(&own))?;
        self.text("itunes:explicit", "false")?;
        if let Some(author) = &listing.author {
            self.text("itunes:author", author)?;
        }
        if let Some(image) = &listing.image {
            self.empty(XmlEvent::start_element("itunes:image").attr("href", image.best()))?;
            self.xml.write(XmlEvent::start_element("image"))?;
            self.text("url", image.best())?;
            self.text("title", &listing.title)?;
            self.text("link", page.best())?;
            self.end()?;
        }
        for (place, entry) in listing.tracks.iter().enumerate() {
            self.item(entry, place + 1)?;
        }
        self.end()?;
        self.end()
    }

    fn item(&mut self, entry: &Entry, place: usize) -> Written {
        let track = &entry.view;
        self.xml.write(XmlEvent::start_element("item"))?;
        self.text("title", &track.title)?;
        self.text("link", self.at.track(&track.key).best())?;
        self.xml.write(XmlEvent::start_element("guid").attr("isPermaLink", "false"))?;
        self.xml.write(XmlEvent::characters(&track.id))?;
        self.end()?;
        self.text("itunes:author", &track.artist)?;
        self.text("itunes:episode", &track.number.map_or(place.to_string(), |n| format!("{n:.0}")))?;
        if let Some(date) = track.released.as_deref().and_then(rfc2822) {
            self.text("pubDate", &date)?;
        }
        if let Some(seconds) = track.duration {
            self.text("itunes:duration", &clock(seconds))?;
        }
        let cover = self.at.cover(track);
        self.empty(XmlEvent::start_element("itunes:image").attr("href", cover.best()))?;
        if !track.is_sealed() {
            let (audio, size) = (self.at.audio(track), format!("{:.0}", track.size.unwrap_or(0.0)));
            let file = XmlEvent::start_element("enclosure").attr("url", audio.best()).attr("length", &size);
            self.empty(file.attr("type", http_content_type(&track.format)))?;
        }
        self.end()
    }

    fn text(&mut self, name: &str, text: &str) -> Written {
        self.xml.write(XmlEvent::start_element(name))?;
        let text: String = text.chars().filter(|c| allowed(*c)).collect();
        self.xml.write(XmlEvent::characters(&text))?;
        self.end()
    }

    fn empty<'e>(&mut self, element: impl Into<XmlEvent<'e>>) -> Written {
        self.xml.write(element)?;
        self.end()
    }

    fn end(&mut self) -> Written {
        self.xml.write(XmlEvent::end_element())
    }
}

/// `Char` of XML 1.0, section 2.2: not even as references may others stand in a document.
fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// UUIDv5 of the feed's address without its scheme, in the namespace of podcasts (podcast namespace, `guid`).
fn guid(url: &str) -> String {
    const NAMESPACE: Uuid = Uuid::from_u128(0xead4_c236_bf58_58c6_a2c6_a6b2_8d12_8cb6);
    let name = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// `2012-04-01` as RSS writes dates; a month or a year alone begins with its first day.
fn rfc2822(date: &str) -> Option<String> {
    let mut numbers = date.split('-').map(|number| number.parse::<u16>().ok());
    let year = numbers.next()??;
    let month = numbers.next().unwrap_or(Some(1))?;
    let day = numbers.next().unwrap_or(Some(1))?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()?;
    date.midnight().assume_utc().format(&Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_its_day_of_the_week() {
        assert_eq!(rfc2822("2012-04-01").as_deref(), Some("Sun, 01 Apr 2012 00:00:00 +0000"));
        assert_eq!(rfc2822("2026-02").as_deref(), Some("Sun, 01 Feb 2026 00:00:00 +0000"));
        assert_eq!(rfc2822("2000").as_deref(), Some("Sat, 01 Jan 2000 00:00:00 +0000"));
        assert_eq!(rfc2822("2000-13"), None);
        assert_eq!(rfc2822("2001-02-29"), None);
        assert_eq!(rfc2822("soon"), None);
    }

    /// The example of the podcast namespace's documentation.
    #[test]
    fn a_feed_has_the_guid_that_others_make() {
        assert_eq!(guid("https://mp3s.nashownotes.com/pc20rss.xml"), "917393e3-1b1e-5cef-ace4-edaa54e1f810");
        assert_eq!(guid("https://podnews.net/rss/"), "9b024349-ccf0-5f69-a609-6b82873eab3c");
    }
}

//! Texts and addresses that profiles show to people (spec section 4.11): bounded, of one line where they are names,
//! and with nothing in them that could be mistaken for something else on a page.

use crate::json::Json;

/// Most characters (Unicode scalar values) of a profile's `name`.
pub const MAX_NAME_CHARS: usize = 100;
/// Most characters of a profile's `bio`.
pub const MAX_BIO_CHARS: usize = 2_000;
/// Most entries of `links`, and of `donations`.
pub const MAX_LINKS: usize = 16;
/// Most characters of the name of a link.
pub const MAX_LINK_NAME_CHARS: usize = 64;
/// Most characters of the URL of a link.
pub const MAX_URL_CHARS: usize = 1_024;
/// Schemes that a donation may have beside http and https. A page shows such an address as text and links to none.
pub const PAYMENT_SCHEMES: [&str; 5] = ["bitcoin", "ethereum", "lightning", "monero", "payto"];

/// A named address of an artist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is, for people: "Website", "Bandcamp".
    pub name: String,
    /// Where it leads.
    pub url: String,
}

impl Link {
    /// Whether a browser may be sent there: http or https, not a payment address.
    #[must_use]
    pub fn is_web(&self) -> bool {
        is_web_url(&self.url)
    }

    /// As it stands in a record.
    pub(super) fn to_json(&self) -> Json {
        Json::Object(
            [("name", &self.name), ("url", &self.url)]
                .map(|(member, text)| (member.to_owned(), text.as_str().into()))
                .into(),
        )
    }
}

/// The links in a member that was found well-formed.
pub(super) fn links(value: Option<&Json>) -> Vec<Link> {
    let text = |entry: &Json, member: &str| Some(entry.as_object()?.get(member)?.as_str()?.to_owned());
    let entries = value.and_then(Json::as_array).unwrap_or_default();
    entries.iter().filter_map(|e| Some(Link { name: text(e, "name")?, url: text(e, "url")? })).collect()
}

/// What is wrong with a list of links, if anything is. `is_url` says which addresses it may hold.
pub(super) fn fault_of_links(value: &Json, is_url: impl Fn(&str) -> bool) -> Option<&'static str> {
    let Some(entries) = value.as_array() else { return Some("is not a list") };
    if entries.len() > MAX_LINKS {
        return Some("has more than 16 entries");
    }
    entries.iter().find_map(|entry| {
        let Some(entry) = entry.as_object() else { return Some("holds something that is no object") };
        let text = |member: &str| entry.get(member).and_then(Json::as_str);
        match (text("name"), text("url")) {
            (Some(name), _) if !is_line(name, MAX_LINK_NAME_CHARS) => {
                Some("has an entry whose name is not 1 to 64 characters of one line")
            }
            (Some(_), Some(url)) if is_url(url) => None,
            (Some(_), Some(_)) => Some("has an entry whose URL is not of a kind that may stand here"),
            _ => Some("has an entry without name and url as texts"),
        }
    })
}

/// 1 to `most` characters in one line, with no space before or after.
pub(super) fn is_line(text: &str, most: usize) -> bool {
    let inner = !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ');
    inner && !text.chars().any(is_unprintable) && text.chars().count() <= most
}

/// At most `most` characters in lines.
pub(super) fn is_prose(text: &str, most: usize) -> bool {
    !text.chars().any(|c| c != '\n' && is_unprintable(c)) && text.chars().count() <= most
}

/// Controls, line and paragraph separators, and what reorders the text around it so that it reads as another.
fn is_unprintable(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// An http or https URL with a host and no user, written in the characters of RFC 3986.
pub(super) fn is_web_url(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let begins = authority.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[');
    let host = authority.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
    begins && host && is_written_as_url(url)
}

/// What a donation may lead to: [`is_web_url`], or an address of [`PAYMENT_SCHEMES`].
pub(super) fn is_donation_url(url: &str) -> bool {
    is_web_url(url)
        || url.split_once(':').is_some_and(|(scheme, rest)| {
            PAYMENT_SCHEMES.contains(&scheme) && !rest.is_empty() && is_written_as_url(url)
        })
}

fn is_written_as_url(url: &str) -> bool {
    url.len() <= MAX_URL_CHARS
        && url.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b))
}

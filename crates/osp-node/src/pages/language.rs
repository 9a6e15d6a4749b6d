//! Which language a page is in: the one the listener chose, else the best that their browser asks for and that there is.
//!
//! The choice is a cookie that the client's language menu sets ([`COOKIE`]), the only cookie there is. Addresses are the same in
//! all languages, so a link can be sent to anybody.

use super::{
    addresses::Addresses,
    messages::{self, Messages},
};
use crate::http::AppState;
use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap,
        header::{ACCEPT_LANGUAGE, COOKIE as COOKIES},
        request::Parts,
    },
};
use std::{convert::Infallible, str::FromStr};

/// The cookie that holds a chosen language's code; `web/src/lib/messages/choice.ts` sets it.
pub const COOKIE: &str = "lang";

/// What an answer that speaks a language depends on, for caches.
pub const VARY: &str = "Accept-Encoding, Accept-Language, Cookie";

/// Languages there are texts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, which is also for those whose language is missing.
    #[default]
    En,
    /// German.
    De,
}

/// No texts in this language.
#[derive(Debug, thiserror::Error)]
#[error("there are no texts in «{0}»; there are en and de")]
pub struct NoSuchLanguage(String);

impl FromStr for Language {
    type Err = NoSuchLanguage;

    fn from_str(code: &str) -> Result<Self, NoSuchLanguage> {
        Self::coded(code).ok_or_else(|| NoSuchLanguage(code.to_owned()))
    }
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// For `lang` attributes (BCP 47).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// What it says.
    pub(crate) fn texts(self) -> &'static Messages {
        match self {
            Self::En => &messages::EN,
            Self::De => &messages::DE,
        }
    }

    /// Of a request.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = |name| headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
        let chosen = lines(COOKIES).flat_map(|line| line.split(';')).find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == COOKIE).then(|| Self::coded(value.trim()))?
        });
        chosen.unwrap_or_else(|| Self::accepted(&lines(ACCEPT_LANGUAGE).collect::<Vec<_>>().join(",")))
    }

    /// The best of an `Accept-Language` (RFC 9110 section 12.5.4); of equally good ones the first.
    fn accepted(ranges: &str) -> Self {
        let mut best = (Self::default(), 0.0);
        for range in ranges.split(',') {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let Some(language) = Self::coded(tag.trim()) else { continue };
            let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).unwrap_or(0.0);
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// By a language tag, whatever country or script follows.
    fn coded(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

/// What stands around the page that is asked for: this node's addresses, and the listener's language.
impl FromRequestParts<AppState> for Addresses {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::node(&state.public_url).speaking(Language::of(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(accepts: &'static str, cookie: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepts));
        headers.insert(COOKIES, HeaderValue::from_static(cookie));
        Language::of(&headers)
    }

    #[test]
    fn the_best_that_there_is_is_taken() {
        for (accepts, language) in [
            ("de", Language::De),
            ("de-AT,de;q=0.9,en;q=0.8", Language::De),
            ("fr-FR, fr;q=0.9, DE;q=0.7, en;q=0.6", Language::De),
            ("en;q=0.5,de;q=0.9", Language::De),
            ("en,de", Language::En),
            ("de;q=0,en;q=0.1", Language::En),
            ("de;q=0", Language::En),
            ("den", Language::En),
            ("fr, *", Language::En),
            ("de;q=x", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(of(accepts, ""), language, "{accepts}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::En);
    }

    #[test]
    fn the_listeners_choice_wins_over_the_browser() {
        assert_eq!(of("en", "a=b; lang=de"), Language::De);
        assert_eq!(of("de", "lang=en"), Language::En);
        for other in ["lang=fr", "lang=", "lang", "language=en", "slang=en"] {
            assert_eq!(of("de", other), Language::De, "{other}");
        }
    }
}

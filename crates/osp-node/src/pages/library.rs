//! `/library`: what a listener keeps on this device, and `/offline`: what is shown where there is neither a network nor a kept page.
//!
//! Both are the same for everybody: what they show is in the browser alone. The site's service worker keeps them when it is
//! installed, so they open without a network.

use super::{
    addresses::Addresses,
    layout::{Meta, page},
};
use maud::{Markup, html};

/// `/library`
#[must_use]
pub fn library(at: &Addresses) -> Markup {
    let t = &at.t().device;
    let meta = Meta {
        title: t.title.into(),
        description: t.description.into(),
        page: at.library(),
        hidden: true,
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 data-heading { (t.title) }
        }
        // What is in it gives way to the script's own.
        div.device data-island="library" {
            div.empty {
                p { (t.needs_script) }
            }
        }
    };
    page(at, &meta, &main)
}

/// `/offline`
#[must_use]
pub fn offline(at: &Addresses) -> Markup {
    let t = &at.t().device;
    let meta = Meta {
        title: t.offline.into(),
        description: t.offline_description.into(),
        page: at.offline(),
        hidden: true,
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { (t.offline) }
        }
        div.empty data-island="offline" {
            p { (t.offline_text) }
            p { (t.offline_hint) }
            p { a.button href=(at.library()) { (t.title) } }
        }
    };
    page(at, &meta, &main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_pages_are_for_everybody_and_say_where_the_music_is() {
        let library = library(&Addresses::node("http://localhost")).into_string();
        assert!(
            library.contains("data-island=\"library\"") && library.contains("needs JavaScript"),
            "{library}"
        );
        let offline = offline(&Addresses::node("http://localhost")).into_string();
        assert!(offline.contains("href=\"/library\"") && offline.contains("noindex"), "{offline}");
    }
}

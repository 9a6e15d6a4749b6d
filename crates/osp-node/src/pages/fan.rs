//! `/fan`: opens sealed files. All of it happens in the browser; this page says so, and what to do without JavaScript.
//!
//! The file and the licence key never come here: the form below has no action but the script's, and a key may stand only
//! in the fragment of an address, which browsers do not send.
//!
//! `/fan/frame` is the same without the site around it, for `<iframe>` in other people's pages (RFC-001 section 11.3).

use super::{
    addresses::Addresses,
    assets::Client,
    layout::{Meta, page},
};
use maud::{Markup, html};

/// Where the page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `/fan`: a page of this site.
    Site,
    /// `/fan/frame`: inside a page of somebody else; the file is given as `#url=...`.
    Frame,
}

/// The page.
#[must_use]
pub fn fan(at: &Addresses, place: Place) -> Markup {
    let t = &at.t().fan;
    let meta = Meta {
        title: t.title.into(),
        description: t.description.into(),
        page: at.fan(),
        client: Client::Fan,
        framed: place == Place::Frame,
        hidden: place == Place::Frame,
        ..Meta::default()
    };
    let main = html! {
        div.intro {
            h1 { (t.title) }
        }
        div.fan-words {
            p { ((t.what)(&html! { code { ".smsg" } })) }
            p { (t.how) }
        }
        // What is in it gives way to the script's own; <noscript> would say nothing where the script fails to load.
        div.fan data-island="fan" {
            div.empty {
                p { (t.needs_script) }
                p { ((t.program)(&html! { code { "osp unseal FILE" } })) }
            }
        }
    };
    page(at, &meta, &main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_javascript_it_says_what_is_needed_and_what_else_opens_a_file() {
        let page = fan(&Addresses::node("http://localhost"), Place::Site).into_string();
        let (_, without) = page.split_once("data-island=\"fan\"").unwrap_or_default();
        assert!(without.contains("needs JavaScript") && without.contains("osp unseal"), "{without}");
        assert!(!page.contains("data-island=\"player\""), "the site's player has nothing to do here");
    }

    #[test]
    fn a_frame_has_the_page_without_the_site() {
        let page = fan(&Addresses::node("http://localhost"), Place::Frame).into_string();
        assert!(page.contains("data-island=\"fan\"") && page.contains("noindex"));
        assert!(!page.contains("site-header") && !page.contains("site-footer"), "{page}");
    }
}

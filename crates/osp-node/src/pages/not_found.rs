//! Pages for what is not here, is here no longer, or could not be read.

use super::layout::{Meta, page};
use maud::{Markup, html};

/// 404.
#[must_use]
pub fn not_found(public_url: &str) -> Markup {
    message(
        public_url,
        "Not here",
        &html! {
            p { "This node has nothing at this address." }
            p { a href="/" { "See what is new" } " or search above." }
        },
    )
}

/// 410: the artist took the track back.
#[must_use]
pub fn retracted(public_url: &str, reason: Option<&str>) -> Markup {
    message(
        public_url,
        "Taken back by the artist",
        &html! {
            p { "The artist has withdrawn this track with a signed retraction." }
            @if let Some(reason) = reason { p { "The reason given: " q { bdi { (reason) } } } }
            p { a href="/" { "See what is new" } }
        },
    )
}

/// 410: the operator does not serve it.
#[must_use]
pub fn blocked(public_url: &str) -> Markup {
    message(
        public_url,
        "Not served here",
        &html! {
            p { "The operator of this node does not serve this track. Other nodes may." }
            p { a href="/" { "See what is new" } }
        },
    )
}

/// 400: a `cursor` that no list of this node gave.
#[must_use]
pub fn no_such_place(public_url: &str) -> Markup {
    message(
        public_url,
        "No such place in the list",
        &html! {
            p { "The address names a place in a list that this node does not know." }
            p { a href="/" { "Start at the newest" } }
        },
    )
}

/// 500: the store could not be read; the reason is in the log.
#[must_use]
pub fn broken(public_url: &str) -> Markup {
    message(
        public_url,
        "This did not work",
        &html! {
            p { "The node could not read its store. Its operator finds the reason in the log." }
            p { a href="/" { "Try the first page" } }
        },
    )
}

fn message(public_url: &str, title: &str, text: &Markup) -> Markup {
    let meta = Meta { title: title.into(), description: title.into(), hidden: true, ..Meta::default() };
    page(public_url, &meta, &html! { div.intro { h1 { (title) } } div.empty { (text) } })
}

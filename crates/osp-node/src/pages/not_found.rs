//! Pages for what is not here, is here no longer, or could not be read.

use super::{
    addresses::Addresses,
    layout::{Meta, page},
};
use maud::{DOCTYPE, Markup, html};

/// 404.
#[must_use]
pub fn not_found(at: &Addresses) -> Markup {
    message(
        at,
        "Not here",
        &html! {
            p { @if at.is_files() { "There is nothing at this address." } @else { "This node has nothing at this address." } }
            p { a href=(at.home()) { "See what is new" } " or search above." }
        },
    )
}

/// 404 of a host that shows it at any path, when nobody said where the site is: nothing in it can lead anywhere.
#[must_use]
pub fn alone() -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { "Not here" }
            }
            body { main { h1 { "Not here" } p { "There is nothing at this address." } } }
        }
    }
}

/// 410: the artist took the track back.
#[must_use]
pub fn retracted(at: &Addresses, reason: Option<&str>) -> Markup {
    message(
        at,
        "Taken back by the artist",
        &html! {
            p { "The artist has withdrawn this track with a signed retraction." }
            @if let Some(reason) = reason { p { "The reason given: " q { bdi { (reason) } } } }
            p { a href=(at.home()) { "See what is new" } }
        },
    )
}

/// 410: the operator does not serve it.
#[must_use]
pub fn blocked(at: &Addresses) -> Markup {
    message(
        at,
        "Not served here",
        &html! {
            p { "The operator of this node does not serve this track. Other nodes may." }
            p { a href=(at.home()) { "See what is new" } }
        },
    )
}

/// 400: a `cursor` that no list of this node gave.
#[must_use]
pub fn no_such_place(at: &Addresses) -> Markup {
    message(
        at,
        "No such place in the list",
        &html! {
            p { "The address names a place in a list that this node does not know." }
            p { a href=(at.home()) { "Start at the newest" } }
        },
    )
}

/// 500: the store could not be read; the reason is in the log.
#[must_use]
pub fn broken(at: &Addresses) -> Markup {
    message(
        at,
        "This did not work",
        &html! {
            p { "The node could not read its store. Its operator finds the reason in the log." }
            p { a href=(at.home()) { "Try the first page" } }
        },
    )
}

fn message(at: &Addresses, title: &str, text: &Markup) -> Markup {
    let meta = Meta { title: title.into(), description: title.into(), hidden: true, ..Meta::default() };
    page(at, &meta, &html! { div.intro { h1 { (title) } } div.empty { (text) } })
}

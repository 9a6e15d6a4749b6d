//! Pages for what is not here, is here no longer, or could not be read.

use super::{
    addresses::Addresses,
    layout::{Meta, page},
};
use maud::{DOCTYPE, Markup, html};

/// 404.
#[must_use]
pub fn not_found(at: &Addresses) -> Markup {
    let t = &at.t().missing;
    let newest = html! { a href=(at.home()) { (t.see_new) } };
    message(
        at,
        t.title,
        &html! {
            p { @if at.is_files() { (t.files) } @else { (t.node) } }
            p { ((t.or_search)(&newest)) }
        },
    )
}

/// 404 of a host that shows it at any path, when nobody said where the site is: nothing in it can lead anywhere.
#[must_use]
pub fn alone(at: &Addresses) -> Markup {
    let t = &at.t().missing;
    html! {
        (DOCTYPE)
        html lang=(at.t().code) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (t.title) }
            }
            body { main { h1 { (t.title) } p { (t.files) } } }
        }
    }
}

/// 410: the artist took the track back.
#[must_use]
pub fn retracted(at: &Addresses, reason: Option<&str>) -> Markup {
    let t = &at.t().missing;
    message(
        at,
        t.retracted,
        &html! {
            p { (t.retracted_text) }
            @if let Some(reason) = reason { p { ((t.reason)(&html! { q { bdi { (reason) } } })) } }
            p { a href=(at.home()) { (t.see_new) } }
        },
    )
}

/// 410: the operator does not serve it.
#[must_use]
pub fn blocked(at: &Addresses) -> Markup {
    let t = &at.t().missing;
    said(at, t.blocked, t.blocked_text, t.see_new)
}

/// 400: a `cursor` that no list of this node gave.
#[must_use]
pub fn no_such_place(at: &Addresses) -> Markup {
    let t = &at.t().missing;
    said(at, t.no_place, t.no_place_text, t.start)
}

/// 500: the store could not be read; the reason is in the log.
#[must_use]
pub fn broken(at: &Addresses) -> Markup {
    let t = &at.t().missing;
    said(at, t.broken, t.broken_text, t.first_page)
}

/// A sentence, and a link to the first page.
fn said(at: &Addresses, title: &str, text: &str, link: &str) -> Markup {
    message(at, title, &html! { p { (text) } p { a href=(at.home()) { (link) } } })
}

fn message(at: &Addresses, title: &str, text: &Markup) -> Markup {
    let meta = Meta { title: title.into(), description: title.into(), hidden: true, ..Meta::default() };
    page(at, &meta, &html! { div.intro { h1 { (title) } } div.empty { (text) } })
}

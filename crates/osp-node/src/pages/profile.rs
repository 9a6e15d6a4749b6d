//! A profile as visitors see it. All of it is somebody else's text: it is shown as text, and linked to only where it is
//! a web address.

use super::addresses::{self, Addresses};
use maud::{Markup, html};
use osp_core::record::{Link, Profile};

/// A profile, ready for the template.
#[derive(Clone, Debug)]
pub struct ProfileView {
    /// `name`
    pub name: String,
    /// `bio` in paragraphs of lines.
    pub bio: Vec<Vec<String>>,
    /// `avatar`: its CID as the record writes it.
    pub avatar: Option<String>,
    /// `banner`
    pub banner: Option<String>,
    /// `links`
    pub links: Vec<Link>,
    /// `donations`
    pub donations: Vec<Link>,
}

impl ProfileView {
    /// Reads a record.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        let paragraphs = profile.bio().unwrap_or_default().split("\n\n");
        let lines = |paragraph: &str| {
            let lines = paragraph.lines().map(str::trim_end).filter(|line| !line.is_empty());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let picture =
            |member: &str| profile.members().get(member).and_then(|value| value.as_str()).map(str::to_owned);
        Self {
            name: profile.name().to_owned(),
            bio: paragraphs.map(lines).filter(|lines| !lines.is_empty()).collect(),
            avatar: picture("avatar"),
            banner: picture("banner"),
            links: profile.links(),
            donations: profile.donations(),
        }
    }

    /// Where the avatar is served.
    #[must_use]
    pub fn avatar_at(&self, at: &Addresses) -> Option<addresses::Link> {
        self.avatar.as_deref().map(|cid| at.picture(cid))
    }

    /// The wide picture above everything.
    #[must_use]
    pub fn banner(&self, at: &Addresses) -> Markup {
        html! {
            @if let Some(banner) = &self.banner {
                img.banner src=(at.picture(banner)) alt="" width="960" height="240" decoding="async";
            }
        }
    }

    /// The picture beside the name.
    #[must_use]
    pub fn avatar(&self, at: &Addresses) -> Markup {
        html! {
            @if let Some(avatar) = &self.avatar {
                img.avatar src=(at.picture(avatar)) alt="" width="192" height="192" decoding="async";
            }
        }
    }

    /// Where else the artist is, and how to support them.
    #[must_use]
    pub fn elsewhere(&self, at: &Addresses) -> Markup {
        let t = &at.t().artist;
        html! {
            (list(t.links, &self.links))
            (list(t.support, &self.donations))
        }
    }

    /// The artist about themselves.
    #[must_use]
    pub fn about(&self, at: &Addresses) -> Markup {
        html! {
            @if !self.bio.is_empty() {
                section.bio aria-labelledby="about" {
                    h2 #about { (at.t().artist.about) }
                    @for paragraph in &self.bio {
                        p dir="auto" {
                            @for (i, line) in paragraph.iter().enumerate() {
                                @if i > 0 { br; }
                                (line)
                            }
                        }
                    }
                }
            }
        }
    }
}

fn list(label: &str, links: &[Link]) -> Markup {
    html! {
        @if !links.is_empty() {
            h2.label { (label) }
            ul.links role="list" {
                @for link in links {
                    li {
                        @if link.is_web() {
                            a href=(link.url) rel="me nofollow noopener noreferrer" { bdi { (link.name) } }
                        } @else {
                            bdi { (link.name) } " " code { (link.url) }
                        }
                    }
                }
            }
        }
    }
}

//! A record's `license` (SPDX id or URL) as a link a person understands.

/// What to show and where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// `CC BY-SA 3.0`, an SPDX id, or the text as the artist wrote it.
    pub label: String,
    /// The deed or the licence text; `None` for a text that is neither an SPDX id nor a web address.
    pub url: Option<String>,
}

/// Reads the member.
#[must_use]
pub fn license(text: &str) -> License {
    if text.starts_with("https://") || text.starts_with("http://") {
        let label = creative_commons_url(text).unwrap_or_else(|| shortened(text));
        return License { label, url: Some(text.to_owned()) };
    }
    if let Some((code, version)) = creative_commons_id(text) {
        let (kind, label) = match code.as_str() {
            "0" => ("publicdomain/zero".to_owned(), format!("CC0 {version}")),
            code => (format!("licenses/{}", code.to_lowercase()), format!("CC {code} {version}")),
        };
        return License { label, url: Some(format!("https://creativecommons.org/{kind}/{version}/")) };
    }
    let is_spdx = !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+".contains(&b));
    License { label: text.to_owned(), url: is_spdx.then(|| format!("https://spdx.org/licenses/{text}.html")) }
}

/// `CC-BY-SA-3.0` is (`BY-SA`, `3.0`), `CC0-1.0` is (`0`, `1.0`); ports to a country's law are left to SPDX.
fn creative_commons_id(text: &str) -> Option<(String, &str)> {
    let upper = text.to_ascii_uppercase();
    let (code, version) = upper.rsplit_once('-')?;
    let version = text.get(text.len() - version.len()..)?;
    let is_version = matches!(version, "1.0" | "2.0" | "2.5" | "3.0" | "4.0");
    match code {
        _ if !is_version => None,
        "CC0" => Some(("0".to_owned(), version)),
        "CC-BY" | "CC-BY-SA" | "CC-BY-NC" | "CC-BY-ND" | "CC-BY-NC-SA" | "CC-BY-NC-ND" => {
            Some((code.trim_start_matches("CC-").to_owned(), version))
        }
        _ => None,
    }
}

/// `http://creativecommons.org/licenses/by-sa/3.0/` is `CC BY-SA 3.0`.
fn creative_commons_url(url: &str) -> Option<String> {
    let (_, path) = url.split_once("://")?.1.split_once('/')?;
    let host = url.split_once("://")?.1.split('/').next()?;
    if !matches!(host, "creativecommons.org" | "www.creativecommons.org") {
        return None;
    }
    let mut parts = path.split('/');
    match (parts.next()?, parts.next()?, parts.next()?) {
        ("licenses", code, version) => Some(format!("CC {} {version}", code.to_uppercase())),
        ("publicdomain", "zero", version) => Some(format!("CC0 {version}")),
        _ => None,
    }
}

/// A URL without its scheme, at most 40 characters.
fn shortened(url: &str) -> String {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    if bare.chars().count() <= 40 {
        return bare.to_owned();
    }
    bare.chars().take(39).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn creative_commons_is_named_as_people_know_it() {
        let by_sa = license("CC-BY-SA-3.0");
        assert_eq!(by_sa.label, "CC BY-SA 3.0");
        assert_eq!(by_sa.url.as_deref(), Some("https://creativecommons.org/licenses/by-sa/3.0/"));
        assert_eq!(license("http://creativecommons.org/licenses/by-sa/3.0/").label, "CC BY-SA 3.0");
        let zero = license("CC0-1.0");
        assert_eq!(zero.label, "CC0 1.0");
        assert_eq!(zero.url.as_deref(), Some("https://creativecommons.org/publicdomain/zero/1.0/"));
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(license("javascript:alert(1)").url, None);
        assert_eq!(license("all rights reserved").url, None);
        assert_eq!(license("MIT").url.as_deref(), Some("https://spdx.org/licenses/MIT.html"));
        assert_eq!(license("https://example.org/terms").label, "example.org/terms");
    }
}

//! Licences: from what taggers write to what records say, an SPDX identifier or a URL.

/// Ports of Creative Commons licences that SPDX has identifiers for: (code, version, jurisdiction).
const PORTS: &[(&str, &str, &str)] = &[
    ("by", "2.5", "au"),
    ("by", "3.0", "at"),
    ("by", "3.0", "au"),
    ("by", "3.0", "de"),
    ("by", "3.0", "igo"),
    ("by", "3.0", "nl"),
    ("by", "3.0", "us"),
    ("by-nc", "3.0", "de"),
    ("by-nc-nd", "3.0", "de"),
    ("by-nc-nd", "3.0", "igo"),
    ("by-nc-sa", "2.0", "de"),
    ("by-nc-sa", "2.0", "fr"),
    ("by-nc-sa", "2.0", "uk"),
    ("by-nc-sa", "3.0", "de"),
    ("by-nc-sa", "3.0", "igo"),
    ("by-nd", "3.0", "de"),
    ("by-sa", "2.0", "uk"),
    ("by-sa", "2.1", "jp"),
    ("by-sa", "3.0", "at"),
    ("by-sa", "3.0", "de"),
    ("by-sa", "3.0", "igo"),
];

/// The licence in a tag that is about licences (`LICENSE`, `WCOP`): Creative Commons in any spelling, another
/// SPDX identifier with a version, or any http(s) URL.
#[must_use]
pub fn from_license_tag(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(id) = creative_commons(text) {
        return Some(id);
    }
    if let Some(url) = first_url(text) {
        return Some(url.to_owned());
    }
    let identifier = text.len() <= 64
        && text.contains('-')
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'));
    identifier.then(|| text.to_owned())
}

/// The licence in a copyright notice: only Creative Commons counts, since other URLs there are home pages.
#[must_use]
pub fn from_copyright_tag(text: &str) -> Option<String> {
    creative_commons(text)
}

/// The SPDX identifier of the Creative Commons licence that `text` names by URL, by its usual name
/// ("CC BY-SA 4.0") or by SPDX identifier; the URL itself for a port that SPDX does not list.
#[must_use]
pub fn creative_commons(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.find("creativecommons.org/") {
        return from_path(&lower[at + "creativecommons.org/".len()..]);
    }
    from_words(&lower)
}

/// `licenses/by-sa/3.0/de/` or `publicdomain/zero/1.0/`
fn from_path(path: &str) -> Option<String> {
    let end = path.find(|c: char| c.is_whitespace() || matches!(c, '"' | '>' | ')' | '?' | '#' | ','));
    let mut parts = path[..end.unwrap_or(path.len())].split('/');
    let (kind, code, version) = (parts.next()?, parts.next()?, parts.next()?.trim_end_matches('.'));
    match (kind, code) {
        ("publicdomain", "zero") if version == "1.0" => Some("CC0-1.0".into()),
        ("publicdomain", "mark") if version == "1.0" => Some("CC-PDM-1.0".into()),
        ("licenses", code) => {
            let port = parts.next().filter(|p| is_jurisdiction(p));
            identifier(code, version, port)
        }
        _ => None,
    }
}

/// `cc by-sa 4.0`, `cc-by-sa-4.0`, `cc0`, `cc0 1.0 universal`
fn from_words(lower: &str) -> Option<String> {
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter(|w| !w.is_empty());
    let first = words.find(|w| matches!(*w, "cc" | "cc0"))?;
    if first == "cc0" {
        return Some("CC0-1.0".into());
    }
    let mut code: Vec<&str> = Vec::new();
    for word in words {
        match word {
            "by" | "nc" | "nd" | "sa" if code.len() < 3 => code.push(word),
            version => return identifier(&code.join("-"), version.trim_end_matches('.'), None),
        }
    }
    None
}

fn identifier(code: &str, version: &str, port: Option<&str>) -> Option<String> {
    // Version 1.0 wrote the last two the other way round.
    let code = if code == "by-nd-nc" { "by-nc-nd" } else { code };
    let known = matches!(code, "by" | "by-sa" | "by-nc" | "by-nd" | "by-nc-sa" | "by-nc-nd")
        && matches!(version, "1.0" | "2.0" | "2.1" | "2.5" | "3.0" | "4.0");
    match port {
        _ if !known => None,
        None if version == "2.1" => None, // only ever published as ports
        None => Some(format!("CC-{}-{version}", code.to_ascii_uppercase())),
        Some(port) if PORTS.contains(&(code, version, port)) => {
            Some(format!("CC-{}-{version}-{}", code.to_ascii_uppercase(), port.to_ascii_uppercase()))
        }
        Some(port) => Some(format!("https://creativecommons.org/licenses/{code}/{version}/{port}/")),
    }
}

/// Two letters of a country or "igo"/"scotland"; `deed.en` and `legalcode` are pages, not ports.
fn is_jurisdiction(part: &str) -> bool {
    part == "igo" || part == "scotland" || (part.len() == 2 && part.bytes().all(|b| b.is_ascii_lowercase()))
}

fn first_url(text: &str) -> Option<&str> {
    text.split(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"')).find(|word| {
        let host = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
        host.is_some_and(|h| h.contains('.') && word.len() <= 2048)
    })
}

#[cfg(test)]
mod tests {
    use super::{from_copyright_tag, from_license_tag};

    #[test]
    fn maps_creative_commons_to_spdx() {
        for (tag, want) in [
            ("http://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"),
            ("https://creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
            ("https://www.creativecommons.org/licenses/by/4.0/deed.en", "CC-BY-4.0"),
            (
                "2011 Someone. Licensed to the public under http://creativecommons.org/licenses/by-nc-nd/2.5/ verify at",
                "CC-BY-NC-ND-2.5",
            ),
            ("http://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"),
            ("https://creativecommons.org/licenses/by-nc-sa/3.0/de/", "CC-BY-NC-SA-3.0-DE"),
            (
                "https://creativecommons.org/licenses/by/3.0/es/",
                "https://creativecommons.org/licenses/by/3.0/es/",
            ),
            ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
            ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
            ("CC BY-NC 4.0", "CC-BY-NC-4.0"),
            ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
            ("CC0", "CC0-1.0"),
        ] {
            assert_eq!(from_copyright_tag(tag).as_deref(), Some(want), "{tag}");
            assert_eq!(from_license_tag(tag).as_deref(), Some(want), "{tag}");
        }
    }

    #[test]
    fn a_licence_tag_may_name_others() {
        assert_eq!(from_license_tag("LAL-1.3").as_deref(), Some("LAL-1.3"));
        assert_eq!(
            from_license_tag("see https://example.org/terms").as_deref(),
            Some("https://example.org/terms")
        );
        assert_eq!(from_copyright_tag("(C) 2011 https://example.org"), None);
    }

    #[test]
    fn other_texts_are_not_licences() {
        for text in
            ["", "All rights reserved", "cc", "CC BY", "CC whatever 4.0", "2011", "http://", "CC BY-BY 4.0"]
        {
            assert_eq!(from_license_tag(text), None, "{text}");
        }
    }
}

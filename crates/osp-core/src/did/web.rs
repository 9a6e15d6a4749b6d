//! `did:web`: a DID whose document is a file on a web server.

/// The parts of a `did:web`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebDid {
    /// The whole DID, as written.
    text: String,
    host: String,
    port: Option<u16>,
    /// `/`-separated and still percent-encoded; empty without a path.
    path: String,
}

impl WebDid {
    /// Parses `id`, the part after `did:web:` of `text`, whose characters are known to be those of a DID.
    pub(super) fn parse(text: &str, id: &str) -> Result<Self, &'static str> {
        let mut parts = id.split(':');
        let authority = parts.next().unwrap_or_default();
        let (host, port) = match authority.split_once('%') {
            None => (authority, None),
            Some((host, rest)) => {
                let port = rest
                    .strip_prefix("3A")
                    .or_else(|| rest.strip_prefix("3a"))
                    .ok_or("its host may escape nothing but the colon of a port (%3A)")?;
                (host, Some(parse_port(port).ok_or("its port is not a number from 1 to 65535")?))
            }
        };
        if !is_host(host) {
            return Err("its host is not a domain name");
        }
        let mut path = String::new();
        for segment in parts {
            check_segment(segment)?;
            path.push('/');
            path.push_str(segment);
        }
        Ok(Self { text: text.to_owned(), host: host.to_ascii_lowercase(), port, path })
    }

    /// The whole DID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, in lower case and without port. It may be a private or special one: that is for whoever fetches
    /// to refuse.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where its document is: `https://host[:port]/.well-known/did.json` or `https://host/path/did.json`.
    #[must_use]
    pub fn document_url(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let folder = if self.path.is_empty() { "/.well-known" } else { &self.path };
        format!("https://{}{port}{folder}/did.json", self.host)
    }
}

fn parse_port(text: &str) -> Option<u16> {
    // `u16::from_str` takes a sign and leading zeros; one port has one text.
    if text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Dot-separated labels of letters, digits, `-` and `_` (a final dot is another text for the same host: refused).
fn is_host(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

/// A path segment must stay one segment when it becomes part of a URL.
fn check_segment(segment: &str) -> Result<(), &'static str> {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    if plain.is_empty() || plain == "." || plain == ".." {
        return Err("its path has an empty or dot segment");
    }
    if ["%2f", "%5c", "%00", "%0a", "%0d"].iter().any(|escape| plain.contains(escape)) {
        return Err("its path hides a slash, a null or a line break");
    }
    Ok(())
}

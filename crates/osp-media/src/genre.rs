//! Genres: one tag may hold many, and old tags hold numbers.

use lofty::id3::v1::GENRES;

/// Adds the genres in one tag value to `genres`, each once (ignoring ASCII case).
///
/// Values are split at `;`, `,`, NUL and ` / `. Bare ID3v1 numbers (`17`, `(17)`, `(17)(6)Dub`) become names;
/// a slash without spaces stays, since "Hip-Hop/Rap" is one genre to the tagger that wrote it.
pub fn add(genres: &mut Vec<String>, value: &str) {
    for part in value.split([';', ',', '\0']).flat_map(|p| p.split(" / ")) {
        let mut rest = part.trim();
        while let Some((inside, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
            let Some(name) = by_number(inside) else { break };
            push(genres, name);
            rest = after.trim();
        }
        push(genres, by_number(rest).unwrap_or(rest));
    }
}

fn by_number(text: &str) -> Option<&'static str> {
    match text {
        "RX" => Some("Remix"),
        "CR" => Some("Cover"),
        _ if text.bytes().all(|b| b.is_ascii_digit()) => GENRES.get(text.parse::<usize>().ok()?).copied(),
        _ => None,
    }
}

fn push(genres: &mut Vec<String>, name: &str) {
    if let Some(name) = crate::tags::clean(name)
        && !genres.iter().any(|g| g.eq_ignore_ascii_case(&name))
    {
        genres.push(name);
    }
}

#[cfg(test)]
mod tests {
    fn split(value: &str) -> Vec<String> {
        let mut genres = Vec::new();
        super::add(&mut genres, value);
        genres
    }

    #[test]
    fn splits_several() {
        assert_eq!(
            split("Ambient; Drone ,ambient\0 Noise / Industrial"),
            ["Ambient", "Drone", "Noise", "Industrial"]
        );
        assert_eq!(split("Hip-Hop/Rap"), ["Hip-Hop/Rap"]);
        assert!(split(" ; ,").is_empty());
    }

    #[test]
    fn names_the_numbers_of_id3() {
        assert_eq!(split("17"), ["Rock"]);
        assert_eq!(split("(26)"), ["Ambient"]);
        assert_eq!(split("(17)(26)Dub"), ["Rock", "Ambient", "Dub"]);
        assert_eq!(split("(RX)"), ["Remix"]);
        assert_eq!(split("255"), ["255"]);
        assert_eq!(split("(new) wave"), ["(new) wave"]);
    }
}

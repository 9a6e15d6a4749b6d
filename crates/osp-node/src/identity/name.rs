//! Names of identities: data to show, never parts of a path.

use super::IdentityError;

/// Longest name, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// Trims and checks a name.
///
/// # Errors
/// [`IdentityError::InvalidName`]: empty, too long, or with characters that do not show as one line of text.
pub fn checked(name: &str) -> Result<String, IdentityError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(IdentityError::InvalidName("it is empty"));
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(IdentityError::InvalidName("it is longer than 100 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(IdentityError::InvalidName("it has a line break or another control character"));
    }
    if name.chars().any(reorders_text) {
        return Err(IdentityError::InvalidName(
            "it has characters that change the direction of the text around it",
        ));
    }
    Ok(name.to_owned())
}

/// Line and paragraph separators, and the explicit bidirectional controls of UAX #9: with them a list of names
/// can be made to show something else than it says.
fn reorders_text(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

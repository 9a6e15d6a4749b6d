//! The values of `data-smsg` attributes in HTML, without an HTML parser: base64 needs no entities, and a page in which the
//! name stands somewhere else is a page in which it begins no sealed file.

/// The attribute's name, in lower case.
const NAME: &[u8] = b"data-smsg";

/// All values whose beginning is accepted, in order. (It is given the page from the value on, quotes left out.)
///
/// The search goes on right behind each name, not behind its value: where the name only seems to be an attribute's, what seems
/// to be its value could swallow the real one. That is still linear, as the end is only looked for of accepted values.
pub(super) fn attributes(html: &[u8], accepted: fn(&[u8]) -> bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = html;
    let mut before = None;
    std::iter::from_fn(move || {
        loop {
            let at = rest
                .windows(NAME.len())
                .position(|window| window[4] == b'-' && window.eq_ignore_ascii_case(NAME))?;
            let (skipped, found) = rest.split_at(at);
            let starts = skipped.last().copied().or(before).is_some_and(ends_a_name);
            rest = &found[NAME.len()..];
            before = Some(b'g');
            if let Some(value) = rest.trim_ascii_start().strip_prefix(b"=").filter(|_| starts)
                && let Some(value) = value_at(value.trim_ascii_start(), accepted)
            {
                return Some(value);
            }
        }
    })
}

/// The value that begins here, if it is accepted and has an end.
fn value_at(html: &[u8], accepted: fn(&[u8]) -> bool) -> Option<&[u8]> {
    if let Some((quote @ (b'"' | b'\''), quoted)) = html.split_first() {
        let end = || quoted.iter().position(|byte| byte == quote);
        return accepted(quoted).then(end).flatten().map(|end| &quoted[..end]);
    }
    let end = || html.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>');
    accepted(html).then(end).map(|end| &html[..end.unwrap_or(html.len())])
}

/// What can stand before an attribute's name.
fn ends_a_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'/')
}

#[cfg(test)]
mod tests {
    use super::attributes;

    fn values(html: &str) -> Vec<&str> {
        attributes(html.as_bytes(), |_| true).map(|value| std::str::from_utf8(value).unwrap_or("?")).collect()
    }

    #[test]
    fn every_way_to_quote_is_understood() {
        assert_eq!(values(r#"<div data-smsg="a b">"#), ["a b"]);
        assert_eq!(values("<div class=x data-smsg = 'a'/>"), ["a"]);
        assert_eq!(values("<p><div\nDATA-SMSG=a==><b>"), ["a=="]);
        assert_eq!(values(r#"<a id="1"data-smsg="x"><b data-smsg="">"#), ["x", ""]);
        assert_eq!(values("<a data-smsg=end"), ["end"]);
    }

    #[test]
    fn what_is_not_accepted_hides_nothing() {
        let sealed = |html: &'static str| {
            attributes(html.as_bytes(), |value| value.starts_with(b"U01T")).collect::<Vec<_>>()
        };
        assert_eq!(sealed(r#"<p title='data-smsg="'></p><div data-smsg="U01TRw">"#), [b"U01TRw"]);
        assert_eq!(sealed(r#"<p data-smsg="x><div data-smsg="U01TRw">"#), [b"U01TRw"]);
        assert_eq!(sealed("<p data-smsg=\"U01T><div data-smsg='U01TRw'>"), [b"U01TRw"]);
    }

    #[test]
    fn other_names_are_not_taken_for_it() {
        for html in [
            r#"<a data-smsg-id="x">"#,
            r#"<a xdata-smsg="x">"#,
            "<a data-smsg>",
            "data-smsg=\"x\"",
            "<a data-smsg=\"x",
            "",
        ] {
            assert!(values(html).is_empty(), "{html}");
        }
        assert_eq!(values(r#"<a data-smsg-id="x" data-smsg="y">"#), ["y"]);
    }
}

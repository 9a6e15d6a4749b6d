//! The values of `data-smsg` attributes in HTML, without an HTML parser: base64 needs no entities, and a page in which the
//! name stands somewhere else is a page in which it begins no sealed file.

/// The attribute's name, in lower case.
const NAME: &[u8] = b"data-smsg";

/// All values, in order. Linear: what was looked at for a value is not looked at again.
pub(super) fn attributes(html: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = html;
    let mut before = None;
    std::iter::from_fn(move || {
        loop {
            let at = rest
                .windows(NAME.len())
                .position(|window| window[4] == b'-' && window.eq_ignore_ascii_case(NAME))?;
            let (skipped, found) = rest.split_at(at);
            let starts = skipped.last().copied().or(before).is_some_and(ends_a_name);
            let behind = &found[NAME.len()..];
            before = Some(b'g');
            rest = behind;
            let Some(value) = behind.trim_ascii_start().strip_prefix(b"=").filter(|_| starts) else {
                continue;
            };
            let value = value.trim_ascii_start();
            let (value, after) = match value.split_first() {
                Some((quote @ (b'"' | b'\''), quoted)) => {
                    // Without a closing quote the page ends inside the value.
                    let end = quoted.iter().position(|byte| byte == quote)?;
                    quoted.split_at(end)
                }
                _ => {
                    let end = value.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>');
                    value.split_at(end.unwrap_or(value.len()))
                }
            };
            before = value.last().copied();
            rest = after;
            return Some(value);
        }
    })
}

/// What can stand before an attribute's name.
fn ends_a_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'/')
}

#[cfg(test)]
mod tests {
    use super::attributes;

    fn values(html: &str) -> Vec<&str> {
        attributes(html.as_bytes()).map(|value| std::str::from_utf8(value).unwrap_or("?")).collect()
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

//! Sealed files in HTML and JSON.

use proptest::prelude::*;
use smsg::embed::{EmbedError, extract, to_html, to_iframe, to_json};

const FILE: &[u8] = b"SMSG\x02\x00\x00\x00\x02{}payload";
const TEXT: &str = "U01TRwIAAAACe31wYXlsb2Fk";

#[test]
fn the_forms_are_those_of_the_rfc() {
    assert_eq!(to_html(FILE), format!("<div data-smsg=\"{TEXT}\"></div>"));
    let json = format!(r#"{{"type":"smsg","encoding":"base64","content":"{TEXT}"}}"#);
    assert_eq!(String::from_utf8(to_json(FILE)).unwrap(), json);
    assert_eq!(
        to_iframe("https://a.example/embed/1?x=\"1\"&y=<2>").unwrap(),
        "<iframe src=\"https://a.example/embed/1?x=&quot;1&quot;&amp;y=&lt;2>\" width=\"400\" height=\"200\"></iframe>"
    );
}

#[test]
fn only_addresses_of_the_web_are_framed() {
    assert!(to_iframe("embed/1").is_ok());
    for url in [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:x",
        "data:text/html,x",
        "//a.example/",
        "",
    ] {
        assert!(to_iframe(url).is_err(), "{url:?}");
    }
}

#[test]
fn a_file_is_found_wherever_it_is() {
    let wrapped = format!("{}\n  {}", &TEXT[..9], &TEXT[9..]);
    for text in [
        TEXT.to_owned(),
        format!("\u{feff} {TEXT}\n"),
        format!("<!doctype html><p data-smsg=''><div class=x data-smsg='{TEXT}'></div>"),
        format!("<div data-smsg={TEXT}>"),
        format!("<div data-smsg=\"\n  {wrapped}\n\">"),
        format!(r#"<a data-smsg="other"><a data-smsg-id="{TEXT}x"><a DATA-SMSG="{TEXT}">"#),
        format!(r#"<p title='data-smsg="'></p><div data-smsg="{TEXT}"></div>"#),
        format!("<p title=' data-smsg='></p><div data-smsg=\"{TEXT}\"></div>"),
        format!(r#"<p data-smsg="x><div data-smsg="{TEXT}"></div>"#),
        format!("<p data-smsg=\"x><div data-smsg='{TEXT}'></div>"),
        format!("<p data-smsg=\"U01T><div data-smsg='{TEXT}'></div>"),
        format!(r#" {{"content":"{TEXT}"}}"#),
        format!(r#"{{"id":7,"list":[1,[2]],"none":null,"content":"cover","data":"{TEXT}"}}"#),
        format!(r#"{{"ok":true,"result":{{"title":"x","size":1.5,"payload":"{TEXT}"}}}}"#),
        format!(r#"{{"content":{{"smsg":"{}\n"}}}}"#, wrapped.replace('\n', "\\r\\n").replace('/', "\\/")),
    ] {
        assert_eq!(extract(text.as_bytes()).as_deref(), Ok(FILE), "{text}");
    }
    assert_eq!(extract(FILE).as_deref(), Ok(FILE));
}

#[test]
fn where_there_is_none_it_says_so() {
    for text in [
        String::new(),
        "<html></html>".to_owned(),
        format!("<div data-smsg-x=\"{TEXT}\">"),
        format!("<div data-smsg=\"{TEXT}"),
        format!(r#"{{"other":"{TEXT}"}}"#),
        format!(r#"{{"a":{{"b":{{"content":"{TEXT}"}}}}}}"#),
        format!(r#"{{"content":["{TEXT}"]}}"#),
        format!(r#"{{"content":"{TEXT}""#),
        format!(r#"{{"content":"{TEXT}"}} x"#),
        format!("[\"{TEXT}\"]"),
        to_iframe("https://a.example/").unwrap(),
    ] {
        assert_eq!(extract(text.as_bytes()), Err(EmbedError::Nothing), "{text}");
    }
}

#[test]
fn damage_is_named() {
    let class = |text: &str| match extract(text.as_bytes()) {
        Err(EmbedError::Text(error)) => error.class(),
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(class("<a data-smsg='U01TR*'>"), "bad_base64");
    assert_eq!(class(r#"{"content":"U01TRwI"}"#), "bad_base64");
    assert_eq!(class(&to_html(TEXT.as_bytes())), "double_base64");
}

#[test]
fn hostile_pages_end_soon() {
    // Each would take minutes if anything were looked at once per occurrence.
    for unit in [
        "data-smsg",
        " data-smsg=",
        " data-smsg='\"",
        " data-smsg=\"'",
        " data-smsg=x ",
        "data-smsg   ",
        "/data-smsg=x",
        "/data-smsg=\n\n",
        "'data-smsg=\"",
        " data-smsg=U0\n1T",
        " data-smsg=\"x",
    ] {
        let page = unit.repeat(1 << 17);
        assert_eq!(extract(page.as_bytes()), Err(EmbedError::Nothing), "{unit}");
    }
    let deep = format!(r#"{{"content":{}"#, r#"{"content":"#.repeat(1 << 20));
    assert_eq!(extract(deep.as_bytes()), Err(EmbedError::Nothing));
}

proptest! {
    #[test]
    fn what_is_embedded_is_found(tail in prop::collection::vec(any::<u8>(), 0..200), before in "[<>a-z \"'=]{0,20}") {
        let file = [b"SMSG\x02", &tail[..]].concat();
        let html = to_html(&file);
        for form in [to_json(&file), format!("<p>{before}{html}").into_bytes(), html.into_bytes(), file.clone()] {
            prop_assert_eq!(extract(&form), Ok(file.clone()));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = extract(&bytes);
        let _ = extract(&[b"<a data-smsg=", &bytes[..]].concat());
        let _ = extract(&[b"{\"content\":", &bytes[..]].concat());
    }
}

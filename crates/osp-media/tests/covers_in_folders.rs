//! Which picture stands for a folder.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use osp_media::{CoverError, find_cover, read_cover};

const PNG: &[u8] = include_bytes!("fixtures/cover.png");
const JPEG: &[u8] = include_bytes!("fixtures/cover.jpg");

fn found(files: &[(&str, &[u8])]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    find_cover(folder.path()).unwrap().map(|p| p.file_name().unwrap().to_str().unwrap().to_owned())
}

#[test]
fn well_known_names_win_in_order() {
    assert_eq!(
        found(&[("album.png", PNG), ("Cover.JPG", JPEG), ("folder.jpg", JPEG)]).as_deref(),
        Some("Cover.JPG")
    );
    assert_eq!(
        found(&[("front.png", PNG), ("folder.jpeg", JPEG), ("x.png", PNG)]).as_deref(),
        Some("folder.jpeg")
    );
}

#[test]
fn a_single_picture_will_do_but_two_are_ambiguous() {
    assert_eq!(found(&[("scan.png", PNG), ("notes.txt", b"x")]).as_deref(), Some("scan.png"));
    assert_eq!(found(&[("a.png", PNG), ("b.png", PNG)]), None);
    assert_eq!(found(&[]), None);
}

#[test]
fn names_that_lie_and_hidden_files_are_passed_over() {
    assert_eq!(
        found(&[("cover.jpg", b"not a picture"), (".cover.png", PNG), ("back.png", PNG)]).as_deref(),
        Some("back.png")
    );
}

#[test]
fn a_cover_is_read_by_content_and_within_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("png.jpg"), PNG).unwrap();
    assert_eq!(read_cover(&at("png.jpg")).unwrap().mime, "image/png");
    fs::write(at("x.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    assert!(matches!(read_cover(&at("x.svg")), Err(CoverError::NotAnImage { .. })));
    assert!(matches!(read_cover(Path::new("/nowhere/x.png")), Err(CoverError::Unreadable { .. })));
    let mut big = PNG.to_vec();
    big.resize(16 * 1024 * 1024 + 1, 0);
    fs::write(at("big.png"), big).unwrap();
    assert!(matches!(read_cover(&at("big.png")), Err(CoverError::TooLarge { .. })));
}

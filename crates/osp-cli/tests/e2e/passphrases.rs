//! Protected keys. Opening one takes about a second, so there is one test for it.

use crate::support::{Done, Machine, fixture};

#[test]
fn a_protected_key_opens_with_its_passphrase_only() {
    let artist = Machine::new();
    let run = |passphrase: Option<&str>, args: &[&str]| {
        let mut command = artist.osp();
        if let Some(passphrase) = passphrase {
            command.env("OSP_PASSPHRASE", passphrase);
        }
        Done::of(command.args(args).output().unwrap())
    };
    assert_eq!(run(Some("correct horse"), &["id", "new", "--name", "Max"]).code, Some(0));
    let exported = artist.osp().args(["id", "export"]).output().unwrap().stdout;
    assert!(exported.starts_with(b"age-encryption.org/v1"), "it is still encrypted");
    let song = fixture("tagged.opus");
    let song = song.to_str().unwrap();
    run(None, &["publish", song]).failed(2, "a passphrase is needed");
    run(Some("wrong"), &["publish", song]).failed(3, "does not open the key");
    artist.file("word", "correct horse\nnext line\n");
    let published = run(Some("wrong"), &["--passphrase-file", "word", "publish", song]);
    assert_eq!(published.code, Some(0), "the file goes before the environment: {published:?}");
    assert!(!published.stderr.contains("horse"));
}

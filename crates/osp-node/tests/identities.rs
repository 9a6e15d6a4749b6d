//! Identities of a home: made, found, opened, moved, and kept when things go wrong.
#![allow(clippy::unwrap_used)]

use std::fs;

use osp_core::did::{Did, DidDocument};
use osp_node::identity::{Identities, Identity, IdentityError, Protection, SecretString};
use proptest::prelude::*;

const NOW: &str = "2026-01-31T12:00:00Z";

struct Home {
    folder: tempfile::TempDir,
    identities: Identities,
}

fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    // The least work: these tests are about files, not about scrypt.
    let identities = Identities::open(folder.path()).with_work_factor(1);
    Home { folder, identities }
}

impl Home {
    fn plain(&self, name: &str) -> Identity {
        self.identities.create(name, &Protection::None, NOW).unwrap()
    }

    fn protected(&self, name: &str, passphrase: &str) -> Identity {
        self.identities.create(name, &Protection::Passphrase(secret(passphrase)), NOW).unwrap()
    }

    fn path(&self, identity: &Identity, extension: &str) -> std::path::PathBuf {
        let suffix = identity.did.to_string().trim_start_matches("did:key:").to_owned();
        self.folder.path().join("identities").join(format!("{suffix}.{extension}"))
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("identities")).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[test]
fn the_first_identity_is_the_default_until_another_is_chosen() {
    let home = home();
    assert!(matches!(home.identities.default(), Err(IdentityError::NoDefault)));
    assert_eq!(home.identities.list().unwrap(), []);
    let (zoe, adam) = (home.plain("Zoe"), home.plain("Adam"));
    assert_eq!(home.identities.default().unwrap(), zoe);
    home.identities.set_default(&adam.did).unwrap();
    assert_eq!(home.identities.default().unwrap(), adam);
    assert_eq!(home.identities.list().unwrap(), [adam.clone(), zoe.clone()]);
    assert_eq!(home.identities.find("Zoe").unwrap(), zoe);
    assert_eq!(home.identities.find(&adam.did.to_string()).unwrap(), adam);
    assert!(matches!(home.identities.find("Eve"), Err(IdentityError::NotFound(_))));
    assert!(matches!(
        home.identities.set_default(&Did::parse("did:web:example.org").unwrap()),
        Err(IdentityError::NotFound(_))
    ));
}

#[test]
fn a_protected_key_opens_with_its_passphrase_only() {
    let home = home();
    let artist = home.protected("Artist", "correct horse");
    let key = home.identities.unlock(&artist.did, Some(&secret("correct horse"))).unwrap();
    assert_eq!(key.did(), artist.did);
    assert!(matches!(
        home.identities.unlock(&artist.did, Some(&secret("wrong"))),
        Err(IdentityError::WrongPassphrase(_))
    ));
    assert!(matches!(home.identities.unlock(&artist.did, None), Err(IdentityError::PassphraseNeeded(_))));
    let stored = fs::read(home.path(&artist, "age")).unwrap();
    assert!(stored.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    assert!(matches!(
        home.identities.create("Other", &Protection::Passphrase(secret("")), NOW),
        Err(IdentityError::EmptyPassphrase)
    ));
}

#[test]
fn an_unprotected_key_opens_without_one() {
    let home = home();
    let artist = home.plain("Artist");
    assert!(!artist.protected);
    assert_eq!(home.identities.unlock(&artist.did, None).unwrap().did(), artist.did);
    assert_eq!(home.identities.unlock(&artist.did, Some(&secret("ignored"))).unwrap().did(), artist.did);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let home = home();
    let (plain, protected) = (home.plain("Plain"), home.protected("Protected", "p"));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.path(&plain, "key")), 0o600);
    assert_eq!(mode(&home.path(&protected, "age")), 0o600);
    assert_eq!(mode(&home.folder.path().join("identities")), 0o700);
}

#[test]
fn names_are_data() {
    let home = home();
    for name in ["../../etc/passwd", "a/b", "C:\\x", "default", "名前", "did:key:z6Mk", "--name"] {
        let made = home.plain(name);
        assert_eq!(home.identities.find(name).unwrap(), made);
    }
    assert!(home.files().iter().all(|f| f.starts_with("z6Mk") || f == "default" || f == ".lock"));
    for bad in ["", "   ", "two\nlines", "nul\0", "esc\u{1b}[2J", "\u{202e}drowssap", &"x".repeat(101)] {
        let refused = home.identities.create(bad, &Protection::None, NOW);
        assert!(matches!(refused, Err(IdentityError::InvalidName(_))), "{bad:?}");
    }
    assert!(matches!(
        home.identities.create(" a/b ", &Protection::None, NOW),
        Err(IdentityError::NameTaken(name)) if name == "a/b"
    ));
}

#[test]
fn an_export_is_the_stored_file_and_opens_elsewhere() {
    let (here, there) = (home(), home());
    let artist = here.protected("Artist", "p");
    let file = here.identities.export(&artist.did).unwrap();
    assert_eq!(file, fs::read(here.path(&artist, "age")).unwrap());

    let import =
        |pass: Option<&str>| there.identities.import(&file, pass.map(secret).as_ref(), None, "later");
    assert!(matches!(import(None), Err(IdentityError::PassphraseNeeded(_))));
    assert!(matches!(import(Some("q")), Err(IdentityError::WrongPassphrase(_))));
    assert_eq!(there.identities.list().unwrap(), []);
    assert_eq!(import(Some("p")).unwrap(), artist);
    assert_eq!(there.identities.default().unwrap(), artist);
    assert!(there.identities.unlock(&artist.did, Some(&secret("p"))).is_ok());
    // Again: nothing changes.
    assert_eq!(import(Some("p")).unwrap(), artist);
    assert_eq!(there.identities.list().unwrap().len(), 1);
}

#[test]
fn importing_a_known_key_leaves_its_file_alone() {
    let home = home();
    let artist = home.protected("Artist", "old");
    let exported = home.identities.export(&artist.did).unwrap();
    home.identities
        .change_passphrase(&artist.did, Some(&secret("old")), &Protection::Passphrase(secret("new")))
        .unwrap();
    home.identities.import(&exported, Some(&secret("old")), Some("Another name"), NOW).unwrap();
    assert!(home.identities.unlock(&artist.did, Some(&secret("new"))).is_ok());
    assert_eq!(home.identities.find("Artist").unwrap().did, artist.did);
}

#[test]
fn a_plain_export_can_be_protected_on_the_way_in() {
    let (here, there) = (home(), home());
    let artist = here.plain("Artist");
    let file = here.identities.export(&artist.did).unwrap();
    let imported = there.identities.import(&file, Some(&secret("p")), None, NOW).unwrap();
    assert!(imported.protected);
    assert!(matches!(
        there.identities.unlock(&artist.did, Some(&secret("x"))),
        Err(IdentityError::WrongPassphrase(_))
    ));
    assert!(there.identities.unlock(&artist.did, Some(&secret("p"))).is_ok());
}

#[test]
fn names_that_collide_on_import_are_numbered_unless_chosen() {
    let home = home();
    home.plain("Artist");
    let others = [self::home(), self::home(), self::home()];
    let files = others.each_ref().map(|h| h.identities.export(&h.plain("Artist").did).unwrap());
    let import = |at: usize, name| home.identities.import(&files[at], None, name, NOW);
    assert_eq!(import(0, None).unwrap().name, "Artist (2)");
    assert_eq!(import(1, None).unwrap().name, "Artist (3)");
    assert!(matches!(import(2, Some("Artist")), Err(IdentityError::NameTaken(_))));
    assert_eq!(import(2, Some("Third")).unwrap().name, "Third");
}

#[test]
fn a_key_file_without_comments_gets_a_name_and_a_date() {
    let home = home();
    let bare = b"OSP-ARTIST-KEY-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let identity = home.identities.import(bare, None, None, NOW).unwrap();
    assert_eq!(identity.name, "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp");
    assert_eq!(identity.created, NOW);
}

#[test]
fn a_key_file_in_the_way_is_never_overwritten() {
    let (here, there) = (home(), home());
    let artist = here.plain("Artist");
    let file = here.identities.export(&artist.did).unwrap();
    there.plain("Other");
    fs::write(there.path(&artist, "key"), "something precious").unwrap();
    assert!(matches!(there.identities.import(&file, None, None, NOW), Err(IdentityError::KeyFileExists(_))));
    assert_eq!(fs::read(there.path(&artist, "key")).unwrap(), b"something precious");
}

#[test]
fn the_passphrase_can_be_changed_removed_and_set() {
    let home = home();
    let artist = home.protected("Artist", "one");
    let change = |old: Option<&str>, new: Protection| {
        home.identities.change_passphrase(&artist.did, old.map(secret).as_ref(), &new)
    };
    assert!(matches!(change(Some("no"), Protection::None), Err(IdentityError::WrongPassphrase(_))));
    assert!(matches!(
        change(Some("one"), Protection::Passphrase(secret(""))),
        Err(IdentityError::EmptyPassphrase)
    ));
    change(Some("one"), Protection::Passphrase(secret("two"))).unwrap();
    assert!(home.identities.unlock(&artist.did, Some(&secret("one"))).is_err());
    assert!(home.identities.unlock(&artist.did, Some(&secret("two"))).is_ok());
    assert!(!change(Some("two"), Protection::None).unwrap().protected);
    assert!(!home.path(&artist, "age").exists());
    assert!(home.identities.unlock(&artist.did, None).is_ok());
    assert!(change(None, Protection::Passphrase(secret("three"))).unwrap().protected);
    assert!(!home.path(&artist, "key").exists());
    assert_eq!(home.identities.list().unwrap(), [artist]);
}

#[test]
fn a_plain_key_left_by_an_interrupted_change_goes_when_the_key_is_next_used() {
    let home = home();
    let artist = home.protected("Artist", "p");
    fs::write(home.path(&artist, "key"), "the plain key").unwrap();
    assert!(home.identities.unlock(&artist.did, Some(&secret("wrong"))).is_err());
    assert!(home.path(&artist, "key").exists(), "nothing may go before the other file has been opened");
    home.identities.unlock(&artist.did, Some(&secret("p"))).unwrap();
    assert!(!home.path(&artist, "key").exists());
}

#[test]
fn damage_is_named_and_nothing_is_lost() {
    let home = home();
    let (one, two) = (home.plain("One"), home.plain("Two"));
    fs::copy(home.path(&two, "key"), home.path(&one, "key")).unwrap();
    assert!(matches!(home.identities.unlock(&one.did, None), Err(IdentityError::WrongKey(_))));
    fs::write(home.path(&one, "key"), "x").unwrap();
    assert!(matches!(home.identities.unlock(&one.did, None), Err(IdentityError::Damaged { .. })));
    fs::remove_file(home.path(&one, "key")).unwrap();
    assert!(matches!(home.identities.unlock(&one.did, None), Err(IdentityError::Damaged { .. })));
    fs::write(home.path(&two, "json"), "{}").unwrap();
    assert!(
        matches!(home.identities.list(), Err(IdentityError::Damaged { path, .. }) if path == home.path(&two, "json"))
    );
}

#[test]
fn a_card_cannot_point_to_another_file() {
    let home = home();
    let artist = home.plain("Artist");
    let card = fs::read_to_string(home.path(&artist, "json")).unwrap();
    let suffix = artist.did.to_string().trim_start_matches("did:key:").to_owned();
    let edited = card.replace(&format!("\"{suffix}.key\""), "\"../../secret\"");
    assert_ne!(card, edited);
    fs::write(home.path(&artist, "json"), edited).unwrap();
    assert!(matches!(home.identities.unlock(&artist.did, None), Err(IdentityError::Damaged { .. })));
}

#[test]
fn what_others_do_at_the_same_time_is_kept() {
    let home = home();
    let made: Vec<Result<Identity, IdentityError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                // As another process would: its own handle on the folder.
                let other = Identities::open(home.folder.path());
                let name = if n < 4 { "Same".to_owned() } else { format!("Artist {n}") };
                scope.spawn(move || other.create(&name, &Protection::None, NOW))
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let (ok, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!((ok.len(), refused.len()), (5, 3));
    assert!(refused.iter().all(|r| matches!(r, Err(IdentityError::NameTaken(_)))));
    assert_eq!(home.identities.list().unwrap().len(), 5);
    let default = home.identities.default().unwrap();
    assert!(ok.into_iter().any(|i| i.unwrap() == default));
}

#[test]
fn keys_and_passphrases_are_never_printed() {
    let home = home();
    let artist = home.plain("Artist");
    let text = fs::read_to_string(home.path(&artist, "key")).unwrap();
    let key = text.lines().last().unwrap().trim_start_matches("OSP-ARTIST-KEY-1 ").to_owned();
    assert_eq!(key.len(), 43);
    let printed =
        format!("{:?} {:?} {:?}", home.identities, artist, Protection::Passphrase(secret("hunter2")));
    assert!(!printed.contains(&key) && !printed.contains("hunter2"), "{printed}");
    let card = fs::read_to_string(home.path(&artist, "json")).unwrap();
    assert!(!card.contains(&key));
    let errors = [
        home.identities.import(
            text.replace("did: did:key:z6Mk", "did: did:key:z6Mx").as_bytes(),
            None,
            None,
            NOW,
        ),
        home.identities.import(format!("{text}{text}").as_bytes(), None, None, NOW),
    ];
    for error in errors.map(Result::unwrap_err) {
        assert!(!format!("{error} {error:?}").contains(&key));
    }
}

#[test]
fn an_identity_signs_as_its_domain() {
    let home = home();
    let (artist, other) = (home.plain("Artist"), home.protected("Other", "p"));
    let web = Did::parse("did:web:music.example").unwrap();
    assert_eq!(*artist.artist(), artist.did);
    let signs = home.identities.sign_as(&artist.did, &web).unwrap();
    assert_eq!((signs.artist(), &signs.did), (&web, &artist.did));
    // It is found by name, domain and key; who names the key means the key.
    for (named, signs_as) in
        [("Artist", &web), ("did:web:music.example", &web), (&*artist.did.to_string(), &artist.did)]
    {
        assert_eq!(home.identities.find(named).unwrap().artist(), signs_as, "{named}");
    }
    assert_eq!(*home.identities.default().unwrap().artist(), web);
    // A new passphrase changes nothing of it.
    let protect = Protection::Passphrase(secret("p"));
    assert_eq!(*home.identities.change_passphrase(&artist.did, None, &protect).unwrap().artist(), web);
    assert_eq!(*home.identities.get(&artist.did).unwrap().artist(), web);
    // One key at a time, and nothing but a domain or the key itself.
    assert!(matches!(home.identities.sign_as(&other.did, &web), Err(IdentityError::Taken { .. })));
    assert!(matches!(home.identities.sign_as(&other.did, &artist.did), Err(IdentityError::NotWeb(_))));
    let again = home.identities.sign_as(&artist.did, &artist.did).unwrap();
    assert_eq!((again.web, home.identities.sign_as(&other.did, &web).is_ok()), (None, true));
}

#[test]
fn a_did_web_document_names_the_key() {
    let home = home();
    let artist = home.plain("Artist");
    let web = Did::parse("did:web:example.org:artist").unwrap();
    let document = home.identities.did_web_document(&artist.did, &web).unwrap();
    let read = DidDocument::parse(document.as_bytes(), &web).unwrap();
    assert_eq!(read.assertion_keys, [*artist.did.embedded_key().unwrap()]);
    assert!(matches!(
        home.identities.did_web_document(&artist.did, &artist.did),
        Err(IdentityError::NotWeb(_))
    ));
}

#[test]
fn an_armoured_file_is_taken_and_one_for_a_key_is_not() {
    let home = home();
    let for_a_key = b"age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n";
    assert!(matches!(
        home.identities.import(for_a_key, Some(&secret("p")), None, NOW),
        Err(IdentityError::NotAKeyFile(_))
    ));
    let elsewhere = self::home();
    let artist = elsewhere.protected("Artist", "p");
    let armoured = armour(&elsewhere.identities.export(&artist.did).unwrap());
    assert_eq!(home.identities.import(armoured.as_bytes(), Some(&secret("p")), None, NOW).unwrap(), artist);
    assert!(home.identities.unlock(&artist.did, Some(&secret("p"))).is_ok());
}

/// As `age --armor` writes it.
fn armour(bytes: &[u8]) -> String {
    let base64 = data_encoding::BASE64.encode(bytes);
    let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    format!("-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n", lines.join("\n"))
}

proptest! {
    #[test]
    fn junk_is_refused_and_leaves_nothing(
        head in prop::sample::select(vec![&b""[..], b"OSP-ARTIST-KEY-1 ", b"age-encryption.org/v1\n-> scrypt ", b"-----BEGIN AGE ENCRYPTED FILE-----\n"]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let home = home();
        let result = home.identities.import(&[head, &rest].concat(), Some(&secret("p")), None, NOW);
        prop_assert!(matches!(result, Err(IdentityError::NotAKeyFile(_))), "{result:?}");
        prop_assert!(!home.folder.path().join("identities").exists());
    }
}

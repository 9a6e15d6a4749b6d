//! Selling a sealed release: published with a price, keys sold afterwards, books kept, keys changed; the file stays what it is.

use crate::{
    schemas::valid,
    support::{Machine, TEST_DID, fixture, http::Files, repository, text},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, path::Path};

const SHOP: &str = "https://max.example/shop";

/// An artist who has published one sealed track with a cut, a preview and two prices; its record and file.
fn published(artist: &Machine) -> Value {
    let song = repository("demo/music/01 Awakening.opus");
    let record = artist.json([
        "publish",
        song.to_str().unwrap(),
        "--seal",
        "--out",
        "night.smsg",
        "--title",
        "Night",
        "--preview",
        "0:00-0:10",
        "--cut",
        "drop=0:20-0:40",
        "--price",
        "5.00",
        "--price",
        "drop=2",
        "--currency",
        "EUR",
        "--offer-url",
        SHOP,
        "--prefix",
        "MGH",
    ]);
    record.into_iter().next().unwrap()
}

fn sealed_path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn hash(path: &Path) -> Vec<u8> {
    Sha256::digest(std::fs::read(path).unwrap()).to_vec()
}

/// What `osp unseal` makes of a file and a key: the names of what came out.
fn unsealed(machine: &Machine, arguments: &[&str]) -> Result<Vec<String>, i32> {
    let out = tempfile::tempdir().unwrap();
    let folder = ["--out", out.path().to_str().unwrap()];
    let ran = machine.run([&["--json", "unseal"], arguments, &folder].concat());
    match ran.code {
        Some(0) => {
            let names = std::fs::read_dir(out.path()).unwrap();
            Ok(names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect())
        }
        code => Err(code.unwrap_or(-1)),
    }
}

#[test]
fn a_record_says_what_is_inside_and_what_it_costs() {
    let artist = Machine::of_artist();
    let record = published(&artist);
    valid("track-record", &record);
    assert_eq!(text(&record, "format"), "application/vnd.smsg");
    assert_eq!(text(&record, "title"), "Night");
    let seconds = record["duration"].as_f64().unwrap();
    let sealed = &record["sealed"];
    assert_eq!((&sealed["version"], &sealed["parts"][0]["format"]), (&"3.0".into(), &"audio/ogg".into()));
    assert!(seconds > 40.0 && sealed["parts"][0]["duration"].as_f64() == Some(seconds));
    assert_eq!(sealed["cuts"][0], serde_json::json!({"name": "drop", "duration": 20}));
    assert_eq!(sealed["previews"][0]["duration"], 10);
    let offers = record["offers"].as_array().unwrap();
    assert_eq!(
        offers[1],
        serde_json::json!({"type": "Offer", "price": "2", "priceCurrency": "EUR", "url": SHOP, "licence": "perpetual", "cut": "drop"})
    );
    assert_eq!((offers.len(), &offers[0]["price"]), (2, &"5.00".into()));
    // All of it is signed: the record verifies, and a cheaper one does not.
    let file = artist.file("record.json", record.to_string());
    assert_eq!(artist.run(["verify".as_ref(), file.as_os_str()]).code, Some(0));
    let file = artist.file("cheaper.json", record.to_string().replace("5.00", "0.00"));
    assert_eq!(artist.run(["verify".as_ref(), file.as_os_str()]).code, Some(3));
    // The stored content is the sealed file that --out wrote.
    let sealed = artist.path("night.smsg");
    let cid = artist.json(["cid".as_ref(), sealed.as_os_str()]);
    assert_eq!(text(&cid[0], "cid"), text(&record, "cid"));
}

#[test]
fn keys_are_sold_and_the_file_stays() {
    let artist = Machine::of_artist();
    published(&artist);
    let file = artist.path("night.smsg");
    let before = hash(&file);
    // Without a key: what is open to all, and no more.
    assert_eq!(unsealed(&artist, &["night.smsg"]).map(|names| names.len()), Ok(1));
    let sold = artist.json([
        "license",
        "issue",
        "night.smsg",
        "--cut",
        "drop",
        "--buyer",
        "order-7",
        "--price",
        "2",
        "--currency",
        "EUR",
        "--out",
        "licences",
        "--link",
        SHOP,
    ]);
    valid("license-issue", &sold[0]);
    let (key, path) = (text(&sold[0], "key"), text(&sold[0], "path"));
    assert!(key.starts_with("MGH-") && text(&sold[0], "link").starts_with(&format!("{SHOP}#k={key}&l=")));
    let of = ["night.smsg", "--key", key];
    assert_eq!(unsealed(&artist, &of), Err(3), "the key alone opens nothing");
    let with = [&of[..], &["--license-file", path]].concat();
    assert_eq!(unsealed(&artist, &with).map(|names| names.len()), Ok(1));
    // Beside the file it is found.
    std::fs::copy(artist.path(path), artist.path(text(&sold[0], "name"))).unwrap();
    assert!(unsealed(&artist, &of).unwrap()[0].contains("(cut)"));

    let many = ["license", "issue", "night.smsg", "--type", "rental:7", "--count", "3", "--out", "licences"];
    let many = artist.json(many);
    assert_eq!(many.iter().map(|line| line["serial"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(hash(&file), before);

    // The books: a leaked key, a licence file, a number.
    let ids = [key, path, "1"].map(|by| {
        let found = artist.json(["license", "show", by]);
        valid("license-show", &found[0]);
        assert_eq!(found[0]["terms"]["buyer"], "order-7");
        text(&found[0], "id").to_owned()
    });
    assert!(ids.iter().all(|id| *id == text(&sold[0], "id")));
    let shown = artist.run(["license", "show", key]).stdout;
    assert!(shown.contains("enforced") && !shown.contains(key), "{shown}");
    let list = artist.json(["license", "list"]);
    valid("license-list", &list[0]);
    assert_eq!(list[0]["licences"], serde_json::json!({"perpetual": 1, "rental": 3}));
    assert_eq!(list[0]["paid"], serde_json::json!({"EUR": "2"}));
    let note = artist.json(["license", "revoke-note", "2", "--reason", "charged back"]);
    valid("license-note", &note[0]);
    assert_eq!(note[0]["noted"], true);
    let csv = artist.run(["license", "export", "--csv"]).stdout;
    assert_eq!(csv.matches("\r\n").count(), 1 + 4, "{csv}");
    assert!(csv.contains(",order-7,1,2,EUR,") && csv.contains(",charged back\r\n"), "{csv}");
    assert!(!csv.contains(key));
    // No key is in the home's ledger.
    let id = text(&list[0], "release");
    let ledger = artist.home().join("releases").join(id).join("ledger.jsonl");
    let ledger = std::fs::read_to_string(ledger).unwrap();
    // Four sales in two orders, each begun and handed out; a note.
    assert!(ledger.lines().count() == 9 && !ledger.contains(key), "{ledger}");
}

#[test]
fn new_keys_for_a_file_that_is_out() {
    let artist = Machine::of_artist();
    published(&artist);
    let file = artist.path("night.smsg");
    let before = hash(&file);
    let done = artist.json(["rekey", "night.smsg", "--mint", "2", "--mint", "drop=1"]).remove(0);
    valid("rekey-result", &done);
    assert_eq!((&done["seq"], &done["cidStays"], hash(&file)), (&1.into(), &true.into(), before));
    assert!(artist.path("night.smsgk").exists());
    let keys: Vec<_> = done["keys"].as_array().unwrap().iter().map(|key| text(key, "key")).collect();
    assert_eq!(unsealed(&artist, &["night.smsg", "--key", keys[0]]).map(|names| names.len()), Ok(1));
    assert!(unsealed(&artist, &["night.smsg", "--key", keys[2]]).unwrap()[0].contains("(cut)"));
    // A leaked key leads to its number; with a note it is left out of the next table.
    assert_eq!(artist.json(["license", "show", keys[0]])[0]["minted"], true);
    artist.json(["license", "revoke-note", keys[0]]);
    artist.file("keep.txt", format!("{}\n{}\n", keys[0], keys[1]));
    let arguments = ["rekey", "night.smsg", "--keep", "keep.txt", "--rewrite", "--out", "copy.smsg"];
    let copy = artist.json(arguments).remove(0);
    valid("rekey-result", &copy);
    assert_eq!((&copy["kept"], &copy["leftOut"], &copy["cidStays"]), (&1.into(), &1.into(), &false.into()));
    assert!(unsealed(&artist, &["copy.smsg", "--key", keys[1]]).is_ok());
    assert_eq!(unsealed(&artist, &["copy.smsg", "--key", keys[0]]), Err(3));
    // A backup has what keys are made of: whoever restores it can go on selling.
    artist.json(["backup", "backup"]);
    artist.json(["--home", "restored", "restore", "backup"]);
    let sold = artist.json(["--home", "restored", "license", "issue", sealed_path(&file), "--out", "more"]);
    assert_eq!(sold[0]["serial"], 4);
    // An older table in place of one that was used is refused, and tells the reason.
    let older = std::fs::read(artist.path("night.smsgk")).unwrap();
    let newer = artist.json(["rekey", "night.smsg", "--mint", "1"]).remove(0);
    let key = text(&newer["keys"][0], "key");
    assert_eq!(unsealed(&artist, &["night.smsg", "--key", key]).map(|names| names.len()), Ok(1));
    artist.file("night.smsgk", older);
    artist.run(["--json", "unseal", "night.smsg", "--key", keys[0]]).failed_json(3, "table_rollback");
    // Somebody else has no keys to sell.
    let other = Machine::of_artist();
    assert_eq!(other.run(["license", "issue", sealed_path(&file)]).code, Some(4));
}

#[test]
fn what_is_refused_before_anything_is_sealed() {
    let artist = Machine::of_artist();
    let song = fixture("tagged.opus");
    let song = song.to_str().unwrap();
    for (arguments, code) in [
        (&["--price", "5", "--currency", "EUR", "--offer-url", SHOP][..], 2),
        (&["--seal", "--price", "5", "--offer-url", SHOP], 2),
        (&["--seal", "--price", "five", "--currency", "EUR", "--offer-url", SHOP], 2),
        (&["--seal", "--price", "5", "--currency", "euro", "--offer-url", SHOP], 2),
        (&["--seal", "--price", "5", "--currency", "EUR", "--offer-url", "javascript:alert(1)"], 2),
        (&["--seal", "--price", "drop=5", "--currency", "EUR", "--offer-url", SHOP], 2),
        (&["--seal", "--dry-run"], 2),
    ] {
        assert_eq!(artist.run([&["publish", song], arguments].concat()).code, Some(code), "{arguments:?}");
    }
    assert!(!artist.home().join("releases").exists());
    assert!(artist.json(["search"]).is_empty());
}

/// `osp publish --seal --mint`: the keys open what is in the catalogue, and the ledger knows them.
#[test]
fn keys_are_made_with_the_record() {
    let artist = Machine::of_artist();
    let song = repository("demo/music/01 Awakening.opus");
    let sealed =
        ["publish", song.to_str().unwrap(), "--seal", "--out", "night.smsg", "--cut", "drop=0:20-0:40"];
    let mint = ["--mint", "2", "--mint", "drop=1", "--keys", "keys.csv", "--prefix", "MGH"];
    artist.json([&sealed[..], &mint].concat());
    let keys = std::fs::read_to_string(artist.path("keys.csv")).unwrap();
    let rows: Vec<Vec<&str>> = keys.lines().skip(1).map(|row| row.split(',').collect()).collect();
    assert_eq!(
        rows.iter().map(|row| (row[0], row[2])).collect::<Vec<_>>(),
        [("1", "all"), ("2", "all"), ("3", "drop")]
    );
    assert_eq!(unsealed(&artist, &["night.smsg", "--key", rows[1][1]]), Ok(vec!["01 Awakening.opus".into()]));
    assert_eq!(
        unsealed(&artist, &["night.smsg", "--key", rows[2][1]]),
        Ok(vec!["01 Awakening (cut).opus".into()])
    );
    assert_eq!(artist.json(["license", "list"])[0]["minted"], 3);
    assert_eq!(artist.json(["license", "show", rows[2][1]])[0]["serial"], 3);
    // A list that is there already is not lost, and nothing is published for it.
    let again = artist.run([&sealed[..4], &["again.smsg"], &mint].concat());
    again.failed(1, "keys.csv");
    assert_eq!(std::fs::read_to_string(artist.path("keys.csv")).unwrap(), keys);
    assert!(!artist.path("again.smsg").exists());
    artist.run([&sealed[..], &["--force", "--mint", "1"]].concat()).failed(2, "--keys");
}

/// A licence to twenty seconds is a file of twenty seconds: it is played to its end.
#[test]
fn a_cut_plays_to_its_end() {
    let artist = Machine::of_artist();
    published(&artist);
    let sold = artist.json(["license", "issue", "night.smsg", "--cut", "drop", "--out", "."]).remove(0);
    artist.ok(["unseal", "night.smsg", "--key", text(&sold, "key"), "--out", "bought"]);
    // The player says what was bought.
    let said = artist.run(["play", "night.smsg", "--null", "--key", text(&sold, "key")]).stderr;
    assert!(said.contains("licence of") && said.contains("the cut drop"), "{said}");
    let played = artist.json(["play", "bought/01 Awakening (cut).opus", "--null"]).remove(0);
    let seconds = played["played_seconds"].as_f64().unwrap();
    // It begins with the second that 0:20 is in.
    assert!((20.0..21.5).contains(&seconds), "{played}");
    // It can be published like any file: nothing of it is missing.
    artist.json(["publish", "bought/01 Awakening (cut).opus", "--dry-run"]);
}

const DOCUMENT: &str = "/.well-known/did.json";

/// An artist who is known by a domain sells under it. The key in the file tells who signed when the domain does not answer, and the
/// domain tells whose key it is when it does.
#[test]
fn a_domain_sells() {
    let host = Files::new(BTreeMap::new(), true);
    let did = format!("did:web:127.0.0.1%3A{}", host.url.rsplit(':').next().unwrap());
    let artist = Machine::of_artist();
    let run = |arguments: &[&str]| artist.run([&["--json", "--allow-private"], arguments].concat());
    let asked = |arguments: &[&str]| {
        let done = run(arguments);
        assert_eq!(done.code, Some(0), "{done:?}");
        done.lines().remove(0)
    };
    // Nothing is signed as a domain that does not name the key.
    run(&["id", "sign-as", &did]).failed_json(4, "unreachable");
    let stranger = Machine::new();
    stranger.ok(["id", "new", "--name", "Eve", "--no-passphrase"]);
    let foreign = stranger.ok(["id", "did-web", &did]);
    host.put(DOCUMENT, Some(&foreign));
    run(&["id", "sign-as", &did]).failed_json(3, "bad_signature");
    let own = artist.ok(["id", "did-web", &did]);
    host.put(DOCUMENT, Some(&own));
    let identity = asked(&["id", "sign-as", &did]);
    valid("id-show", &identity);
    assert_eq!((text(&identity, "did"), text(&identity, "signsAs")), (TEST_DID, did.as_str()));

    // Record, file, licence, table: all of them are the domain's.
    let record = published(&artist);
    assert_eq!(text(&record, "artist"), did);
    assert!(text(&record["proof"], "verificationMethod").starts_with(&format!("{did}#")));
    artist.file("record.json", record.to_string());
    asked(&["verify", "record.json"]);
    let sold = artist.json(["license", "issue", "night.smsg", "--out", "."]).remove(0);
    let minted = artist.json(["rekey", "night.smsg", "--mint", "1"]).remove(0);
    let (bought, minted) = (text(&sold, "key"), text(&minted["keys"][0], "key"));
    let told = asked(&["inspect", "night.smsg", "--key", bought]);
    valid("inspect-release", &told);
    assert_eq!((text(&told, "artist"), text(&told, "key")), (did.as_str(), TEST_DID));
    assert_eq!(
        (&told["artistChecked"], &told["licence"]["terms"]["everything"]),
        (&true.into(), &true.into())
    );
    let play = |key| run(&["play", "night.smsg", "--null", "--key", key]);
    assert_eq!((play(bought).code, play(minted).stderr.contains("artist_not_checked")), (Some(0), false));

    // The domain is silent: the music is the listener's all the same, and who made it is said to be unchecked.
    host.put(DOCUMENT, None);
    let told = asked(&["inspect", "night.smsg"]);
    valid("inspect-release", &told);
    assert_eq!((&told["artistChecked"], text(&told, "key")), (&false.into(), TEST_DID));
    assert_eq!(told["warnings"][0]["class"], "artist_not_checked");
    let played = play(minted);
    assert!(played.code == Some(0) && played.stderr.contains("artist_not_checked"), "{played:?}");
    let unsealed = run(&["unseal", "night.smsg", "--key", bought, "--out", "bought"]);
    assert!(unsealed.code == Some(0) && unsealed.stderr.contains("artist_not_checked"), "{unsealed:?}");
    assert_eq!(unsealed.lines()[0]["release"]["artistChecked"], false);
    valid("unseal-result", &unsealed.lines()[0]);

    // The domain names somebody else's key: whoever sealed this is not who it says.
    host.put(DOCUMENT, Some(&foreign));
    for command in ["inspect", "unseal", "play"] {
        run(&[command, "night.smsg", "--key", bought]).failed_json(3, "bad_signature");
    }

    // As the key again: what was sealed as the domain is the domain's, and is sold by who signs as it.
    artist.ok(["id", "sign-as", TEST_DID]);
    assert_eq!(artist.run(["license", "issue", "night.smsg", "--out", "more"]).code, Some(4));
    artist.run(["--json", "retract", text(&record, "id")]).failed_json(4, "not-found");
    host.put(DOCUMENT, Some(&own));
    asked(&["id", "sign-as", &did]);
    assert_eq!(text(&asked(&["retract", text(&record, "id")]), "artist"), did);
}

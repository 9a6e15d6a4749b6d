//! Selling keys to a release that is out: with real files, sealed as `osp seal` does.
#![allow(clippy::unwrap_used)]

use super::{
    Custody, CustodyError, Deposit, Kept, Shelf,
    issue::{self, IssueError, Issued, Order},
    ledger::Event,
    opens::{Opens, OpensError},
    price::Price,
    rekey::{Rekey, RekeyError, Rekeyed, table_path},
    report::{self, By, Totals},
};
use crate::identity::Signatory;
use crate::sealed::{
    release::{
        Keyring, ReleaseRequest, about, draft::ReleaseFile, mint, open, ranges::Stretches, seal_release,
    },
    signing::Artist,
};
use osp_core::{content::sha256, key::ArtistKey};
use smsg::{
    keys::Password,
    v3::{grant::Granted, key_text::LicenceKey, open::Expected},
};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

const AT: &str = "2026-01-31T12:00:00Z";

/// Ten seconds of PCM: 27 chunks and a little.
fn wav(path: &Path) {
    const RATE: u32 = 44_100;
    let data: Vec<u8> = (0..RATE * 4 * 10).map(|n| (n % 251) as u8).collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 4).to_le_bytes());
    bytes.extend(b"\x04\0\x10\0data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    std::fs::write(path, bytes).unwrap();
}

/// A home, a sealed file of two tiers with a cut and three keys, kept.
struct Shop {
    folder: tempfile::TempDir,
    artist: Signatory,
    file: PathBuf,
    keys: Vec<LicenceKey>,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let artist = Signatory::from(ArtistKey::from_seed(&[1; 32]));
        let path = |name| folder.path().join(name);
        wav(&path("a.wav"));
        std::fs::write(path("stems.zip"), vec![7; 150_000]).unwrap();
        let keys = mint::mint(3, 1, &mint::Opens::All, "MGH").unwrap();
        let of = |name, tier: &str| ReleaseFile { path: path(name), tier: Some(tier.into()) };
        let request = ReleaseRequest {
            files: vec![of("a.wav", "standard"), of("stems.zip", "premium")],
            about: about::About { title: "Night".into(), ..about::About::default() },
            cuts: vec![("drop".into(), "0:02-0:05".parse().unwrap())],
            preview: Some("0:00-0:01".parse().unwrap()),
            keys: keys.clone(),
            prefix: Some("MGH".into()),
            created: 1,
            ..ReleaseRequest::default()
        };
        let (file, signer) = (path("night.smsg"), Artist::new(&artist));
        let home = folder.path().join("home");
        let mut keep = |sealed: &crate::sealed::release::SealedRelease| {
            let minted: Vec<_> = keys
                .iter()
                .map(|minted| super::Minted {
                    serial: minted.serial,
                    key: *minted.key.secret(sealed.header.id()).id(),
                    terms: Granted::all(sealed.keys.clone()).terms,
                })
                .collect();
            let deposit = Deposit {
                header: &sealed.header,
                keys: &sealed.keys,
                path: Some(&file),
                minted: &minted,
                at: AT,
            };
            Custody::open(&home).keep(&deposit, &artist).unwrap();
            Ok(())
        };
        seal_release(&request, &signer, &file, false, &(), &mut keep).unwrap();
        let keys = keys.into_iter().map(|minted| minted.key).collect();
        Self { folder, artist, file, keys }
    }

    fn custody(&self) -> Custody {
        Custody::open(&self.folder.path().join("home"))
    }

    fn kept(&self) -> Kept {
        self.custody().named(self.file.to_str().unwrap()).unwrap()
    }

    fn issue(&self, order: &Order, shelf: &Shelf) -> Result<Vec<Issued>, IssueError> {
        issue::issue(&self.kept(), &self.artist, order, AT, shelf.folder(), &mut |issued| shelf.put(issued))
    }

    fn rekey(&self, wish: &Rekey) -> Result<Rekeyed, RekeyError> {
        super::rekey::rekey(&self.kept(), &self.artist, &self.file, wish, AT, &mut |_| Ok(()))
    }

    fn totals(&self) -> Totals {
        Totals::of(&self.kept().ledger().read().unwrap())
    }

    /// What a key opens of a file, with what lies beside it.
    fn opens(
        &self,
        file: &Path,
        key: &LicenceKey,
        licence: Option<Vec<u8>>,
    ) -> Result<Granted, &'static str> {
        let mut reader = File::open(file).unwrap();
        let length = reader.metadata().unwrap().len();
        let opened = open::front(&mut reader, length, Expected::default()).and_then(|(front, begun)| {
            let key = Some(Password::new(key.shown().as_str()));
            let ring = Keyring { key, licence, beside: Some(file.to_owned()), home: None };
            open::open(&mut reader, front, &begun, &ring)
        });
        opened.map(|opened| opened.granted).map_err(|e| e.class())
    }

    fn hash(&self) -> [u8; 32] {
        sha256(&std::fs::read(&self.file).unwrap())
    }
}

fn order(opens: Opens) -> Order {
    Order { opens, count: 1, ..Order::default() }
}

fn drop() -> Opens {
    Opens { cut: Some("drop".into()), ..Opens::default() }
}

#[test]
fn a_licence_is_sold_and_the_file_stays() {
    let shop = Shop::new();
    let before = shop.hash();
    let shelf = Shelf::Folder(shop.folder.path().to_owned());
    let paid = Price::parse("4.50", "EUR").unwrap();
    let order = Order { buyer: Some("b-1".into()), paid: Some(paid), ..order(drop()) };
    let issued = shop.issue(&order, &shelf).unwrap().remove(0);
    // The three minted keys have the numbers before.
    assert_eq!((issued.sale.serial, issued.sale.sale.as_deref()), (4, Some("4")));
    assert!(issued.key.shown().as_str().starts_with("MGH-"));
    // Found beside the file under the name that key and file give it.
    let granted = shop.opens(&shop.file, &issued.key, None).unwrap();
    let cut = shop.kept().header.cuts[0].ranges.clone();
    assert_eq!((granted.terms.cut.as_deref(), &granted.terms.ranges), (Some("drop"), &cut));
    assert_eq!(granted.terms.buyer.as_deref(), Some("b-1"));
    assert!(granted.keys.opens(cut.as_slice()[0].start) && !granted.keys.opens(0));
    assert_eq!(shop.hash(), before);
    // A leaked key leads to its sale; so does its number; a key of somebody else does not.
    for by in [By::Key(issued.key.clone()), By::Serial(4), By::Id(issued.sale.key)] {
        let found = report::find(shop.custody().list().unwrap(), &by).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].sale.buyer.as_deref(), Some("b-1"));
    }
    let minted = report::find(shop.custody().list().unwrap(), &By::Key(shop.keys[1].clone())).unwrap();
    assert!(minted[0].minted && minted[0].sale.serial == 2);
    let foreign = mint::mint(1, 1, &mint::Opens::All, "MGH").unwrap().remove(0).key;
    assert!(report::find(shop.custody().list().unwrap(), &By::Key(foreign)).unwrap().is_empty());
}

/// What is sold is exactly these chunks.
#[test]
fn cuts_tiers_and_stretches() {
    let shop = Shop::new();
    let header = shop.kept().header;
    let all = header.geometry().chunks();
    let ranges = |opens: &Opens| opens.ranges(&header);
    assert_eq!(ranges(&Opens::default()).unwrap().count(), all);
    let tier = |name: &str| Opens { tier: Some(name.into()), ..Opens::default() };
    let (standard, premium) = (ranges(&tier("standard")).unwrap(), ranges(&tier("premium")).unwrap());
    assert_eq!((standard.count() + premium.count(), premium.count()), (all, 3));
    assert_eq!(ranges(&drop()).unwrap(), header.cuts[0].ranges);
    let time = |range: &str| Opens { range: Some(range.parse::<Stretches>().unwrap()), ..Opens::default() };
    // 176,400 bytes a second; a later cut is rounded outwards, so each chunk of it is there.
    let taken = ranges(&time("0:03-0:04")).unwrap();
    let (part, geometry) = (0, header.geometry());
    let exact = geometry.chunks_of(part, 44 + 3 * 176_400..44 + 4 * 176_400).unwrap();
    assert!(taken.as_slice().len() == 1 && taken.contains(exact.start) && taken.contains(exact.end - 1));
    assert!(taken.count() <= exact.len() as u32 + 2, "{taken:?} {exact:?}");
    assert_eq!(ranges(&time("1")).unwrap(), standard);
    // In common: the cut, and what is only in its second half.
    let half = ranges(&Opens { cut: Some("drop".into()), ..time("0:04-0:10") }).unwrap();
    assert!(half.count() < header.cuts[0].ranges.count());
    assert!(half.as_slice().iter().all(|range| header.cuts[0].ranges.contains(range.start)));
    assert!(matches!(
        ranges(&Opens { cut: Some("x".into()), ..Opens::default() }),
        Err(OpensError::NoSuchCut { .. })
    ));
    assert!(matches!(ranges(&tier("x")), Err(OpensError::NoSuchTier { .. })));
    assert_eq!(ranges(&time("0:11-0:12")), Err(OpensError::Nothing));
    assert_eq!(ranges(&time("9")), Err(OpensError::NoSuchTrack(9, 1)));
    assert_eq!(ranges(&Opens { tier: Some("premium".into()), ..drop() }), Err(OpensError::Nothing));
}

#[test]
fn what_cannot_be_handed_out_is_noted() {
    let shop = Shop::new();
    let taken = shop.folder.path().join("one.smsgl");
    std::fs::write(&taken, b"here before").unwrap();
    let failed = shop.issue(&order(Opens::default()), &Shelf::File(taken.clone()));
    assert!(matches!(failed, Err(IssueError::Deliver { .. })));
    assert_eq!(std::fs::read(&taken).unwrap(), b"here before");
    let lines = shop.kept().ledger().read().unwrap();
    assert_eq!(Totals::of(&lines).revoked, 1);
    // Its number is not used again.
    let shelf = Shelf::Folder(shop.folder.path().join("licences"));
    assert_eq!(shop.issue(&order(Opens::default()), &shelf).unwrap()[0].sale.serial, 5);
    let backwards = Order {
        not_before: Some(10),
        sale: about::Sale { not_after: Some(9), ..about::Sale::default() },
        ..order(Opens::default())
    };
    assert!(matches!(shop.issue(&backwards, &shelf), Err(IssueError::Backwards)));
}

#[test]
fn sums_and_books() {
    let shop = Shop::new();
    let shelf = Shelf::Folder(shop.folder.path().join("licences"));
    let paid = |amount: &str| Some(Price::parse(amount, "EUR").unwrap());
    let many =
        Order { count: 3, paid: paid("0.10"), buyer: Some("=cmd|' /C calc'!A0".into()), ..order(drop()) };
    shop.issue(&many, &shelf).unwrap();
    let sale = about::Sale::parse("rental:7", Some(1), None).unwrap();
    shop.issue(&Order { sale, paid: paid("2"), ..order(Opens::default()) }, &shelf).unwrap();
    let found = report::find(vec![shop.kept()], &By::Serial(5)).unwrap().remove(0);
    assert!(report::revoke_note(&found, Some("leaked, \"again\"".into()), AT).unwrap());
    assert!(!report::revoke_note(&found, None, AT).unwrap());
    let totals = Totals::of(&shop.kept().ledger().read().unwrap());
    assert_eq!((totals.minted, totals.revoked), (3, 1));
    assert_eq!(totals.licences, [("perpetual".into(), 3), ("rental".into(), 1)].into());
    assert_eq!(totals.paid.0["EUR"].to_string(), "2.30");
    let mut csv = Vec::new();
    report::write_csv(&[shop.kept()], &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<_> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 3 + 4);
    assert!(lines[5].contains(",5,licence,") && lines[5].contains(",'=cmd|' /C calc'!A0,"), "{}", lines[5]);
    assert!(lines[5].ends_with(",\"leaked, \"\"again\"\"\""), "{}", lines[5]);
    assert!(lines[7].contains(",rental,") && lines[7].contains(",604800,") && lines[7].contains(",2,EUR,"));
    // Nobody who reads the books can open anything.
    assert!(shop.keys.iter().all(|key| !csv.contains(key.shown().as_str())));
}

#[test]
fn new_keys_beside_the_file() {
    let shop = Shop::new();
    let before = shop.hash();
    let noted = report::find(vec![shop.kept()], &By::Serial(2)).unwrap().remove(0);
    report::revoke_note(&noted, None, AT).unwrap();
    let wish = Rekey {
        keep: shop.keys[..2].to_vec(),
        mint: vec![(mint::Opens::Named("drop".into()), 2)],
        ..Rekey::default()
    };
    let done = shop.rekey(&wish).unwrap();
    assert_eq!((done.seq, done.kept, done.left_out, done.cid), (1, 1, 1, None));
    assert_eq!(done.minted.iter().map(|minted| minted.serial).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(shop.hash(), before);
    let everything = shop.kept().header.geometry().chunks();
    let opens = |key| shop.opens(&shop.file, key, None).map(|granted| granted.terms.ranges.count());
    assert_eq!(opens(&shop.keys[0]), Ok(everything));
    // Left out by its note, and not named.
    assert_eq!(opens(&shop.keys[1]), Err("no_valid_key"));
    assert_eq!(opens(&shop.keys[2]), Err("no_valid_key"));
    assert_eq!(opens(&done.minted[0].key), Ok(shop.kept().header.cuts[0].ranges.count()));
    // The next one is the next number, and takes keys of the table before.
    let next = Rekey { keep: vec![done.minted[0].key.clone()], ..Rekey::default() };
    assert_eq!(shop.rekey(&next).unwrap().seq, 2);
    // Away from the table, the file is what it was.
    let alone = shop.folder.path().join("elsewhere.smsg");
    std::fs::copy(&shop.file, &alone).unwrap();
    assert!(shop.opens(&alone, &shop.keys[1], None).is_ok());
}

#[test]
fn new_keys_in_a_copy() {
    let shop = Shop::new();
    let copy = shop.folder.path().join("copy.smsg");
    let wish = Rekey {
        keep: vec![shop.keys[0].clone()],
        mint: vec![(mint::Opens::All, 1)],
        rewrite: Some(copy.clone()),
        ..Rekey::default()
    };
    let done = shop.rekey(&wish).unwrap();
    assert!(done.cid.is_some() && done.path == copy);
    assert!(matches!(shop.rekey(&wish), Err(RekeyError::Exists(_))));
    // The same file to whoever sells: licences issued for it open the copy too.
    assert_eq!(shop.custody().named(copy.to_str().unwrap()).unwrap().header, shop.kept().header);
    let ends = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        let stored = shop.kept().header.geometry().stored() as usize;
        sha256(&bytes[bytes.len() - stored..])
    };
    assert_eq!(ends(&copy), ends(&shop.file));
    for key in [&shop.keys[0], &done.minted[0].key] {
        assert!(shop.opens(&copy, key, None).is_ok());
    }
    assert_eq!(shop.opens(&copy, &shop.keys[1], None).err(), Some("no_valid_key"));
    let shelf = Shelf::Folder(shop.folder.path().join("licences"));
    let issued = shop.issue(&order(Opens::default()), &shelf).unwrap().remove(0);
    assert!(shop.opens(&copy, &issued.key, Some(issued.licence)).is_ok());
}

#[test]
fn what_rekeying_refuses() {
    let shop = Shop::new();
    let refused = |wish: &Rekey| shop.rekey(wish).unwrap_err();
    assert!(matches!(refused(&Rekey::default()), RekeyError::NoKeys));
    let foreign = mint::mint(1, 1, &mint::Opens::All, "MGH").unwrap().remove(0).key;
    let wish = Rekey { keep: vec![shop.keys[0].clone(), foreign], ..Rekey::default() };
    assert!(matches!(refused(&wish), RekeyError::UnknownKey(2)));
    let other = Signatory::from(ArtistKey::from_seed(&[2; 32]));
    let refused =
        super::rekey::rekey(&shop.kept(), &other, &shop.file, &wish, AT, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(refused, RekeyError::Custody(CustodyError::WrongIdentity { .. })));
    assert!(!table_path(&shop.file).exists());
}

/// `--count 1000`: every licence is there and right, and the file was not touched.
#[test]
fn a_thousand_licences() {
    let shop = Shop::new();
    let before = shop.hash();
    let folder = shop.folder.path().join("licences");
    let thousand = Order { count: 1000, ..order(drop()) };
    let issued = shop.issue(&thousand, &Shelf::Folder(folder.clone())).unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1000);
    // Three keys of the file; begun, a thousand, handed out.
    assert_eq!(shop.kept().ledger().read().unwrap().len(), 3 + 1002);
    let last = issued.last().unwrap();
    let licence = std::fs::read(folder.join(&last.name)).unwrap();
    assert!(shop.opens(&shop.file, &last.key, Some(licence)).is_ok());
    assert_eq!(shop.hash(), before);
}

/// Runs what never comes back, as a killed program does not.
fn killed(work: impl FnOnce()) {
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    assert!(ended.unwrap_err().downcast_ref::<&str>().is_some_and(|why| *why == "killed"));
}

/// Killed in the middle of 1,000: the next one notes all of them and removes their files, and nothing else.
#[test]
fn a_kill_in_the_middle_of_a_thousand_licences() {
    let shop = Shop::new();
    let folder = shop.folder.path().join("licences");
    let shelf = Shelf::Folder(folder.clone());
    let paid = Price::parse("1", "EUR").unwrap();
    let before = shop.issue(&Order { paid: Some(paid.clone()), ..order(drop()) }, &shelf).unwrap().remove(0);
    let thousand = Order { count: 1000, paid: Some(paid), ..order(drop()) };
    let mut lost = None;
    killed(|| {
        let deliver = &mut |issued: &[Issued]| {
            shelf.put(&issued[..400]).unwrap();
            // Half of a file.
            std::fs::write(folder.join(&issued[400].name), &issued[400].licence[..9]).unwrap();
            lost = Some(issued[0].clone());
            panic!("killed")
        };
        let _ = issue::issue(&shop.kept(), &shop.artist, &thousand, AT, Some(&folder), deliver);
    });
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 402);
    // A torn line at the end, too.
    let path = shop.kept().ledger().path().to_owned();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [whole.as_slice(), b"{\"at\":\"2026"].concat()).unwrap();

    assert_eq!(shop.kept().settle(AT).unwrap(), 1000);
    assert_eq!(shop.kept().settle(AT).unwrap(), 0);
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [before.name.as_str()]);
    let totals = shop.totals();
    assert_eq!((totals.licences["perpetual"], totals.revoked), (1, 1000));
    assert_eq!(totals.paid.0["EUR"].to_string(), "1");
    let lost = lost.unwrap();
    assert_eq!(shop.opens(&shop.file, &lost.key, None).err(), Some("no_valid_key"));
    let found = report::find(vec![shop.kept()], &By::Id(lost.sale.key)).unwrap().remove(0);
    assert!(found.note.unwrap().1.unwrap().starts_with("not handed out"));
    // Its numbers are not used again, and selling goes on.
    assert_eq!(shop.issue(&order(drop()), &shelf).unwrap()[0].sale.serial, 1005);
    assert_eq!(shop.totals().licences["perpetual"], 2);
}

/// Killed before the ledger was whole, nobody sold anything; who issues next need not be told.
#[test]
fn a_kill_while_the_ledger_is_written() {
    let shop = Shop::new();
    let shelf = Shelf::Folder(shop.folder.path().join("licences"));
    let issued = shop.issue(&Order { count: 3, ..order(drop()) }, &shelf).unwrap();
    let path = shop.kept().ledger().path().to_owned();
    let lines = std::fs::read(&path).unwrap();
    // All lengths that a crash can leave of what this one appended.
    let begun = lines.windows(7).position(|at| at == b"\"begun\"").unwrap();
    let begun = lines[..begun].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in begun..lines.len() {
        std::fs::write(&path, &lines[..cut]).unwrap();
        let sales = lines[begun..cut].iter().filter(|byte| **byte == b'\n').count().saturating_sub(1);
        let settled = shop.kept().settle(AT).unwrap();
        assert_eq!(settled as usize, sales, "at {cut}");
        assert!(!shop.totals().licences.contains_key("perpetual"), "at {cut}");
    }
    assert!(issued.iter().all(|issued| !shelf.path(issued).exists()));
}

/// Killed before its table has a name, a new key is noted; killed after, it is out.
#[test]
fn a_kill_while_new_keys_are_made() {
    let shop = Shop::new();
    let wish = |copy: Option<PathBuf>| Rekey {
        keep: vec![shop.keys[0].clone()],
        mint: vec![(mint::Opens::All, 2)],
        rewrite: copy,
        ..Rekey::default()
    };
    for copy in [None, Some(shop.folder.path().join("copy.smsg"))] {
        let target = copy.clone().unwrap_or_else(|| table_path(&shop.file));
        let was = std::fs::read(&target).ok();
        let minted = shop.totals().minted;
        let mut lost = Vec::new();
        killed(|| {
            let keep = &mut |keys: &[mint::Minted]| {
                lost = keys.to_vec();
                panic!("killed")
            };
            let _ =
                super::rekey::rekey(&shop.kept(), &shop.artist, &shop.file, &wish(copy.clone()), AT, keep);
        });
        assert_eq!(lost.len(), 2);
        assert_eq!(std::fs::read(&target).ok(), was);
        assert_eq!(shop.kept().settle(AT).unwrap(), 2);
        assert_eq!(shop.totals().minted, minted);
        assert_eq!(shop.opens(&shop.file, &lost[0].key, None).err(), Some("no_valid_key"));

        let done = shop.rekey(&wish(copy)).unwrap();
        let path = shop.kept().ledger().path().to_owned();
        let lines = std::fs::read_to_string(&path).unwrap();
        let table = lines.match_indices('\n').rev().nth(2).unwrap().0 + 1;
        std::fs::write(&path, &lines[..table]).unwrap();
        assert_eq!(shop.kept().settle(AT).unwrap(), 0);
        let events: Vec<_> =
            shop.kept().ledger().read().unwrap().into_iter().map(|line| line.event).collect();
        let [.., table, Event::HandedOut { first, last }] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(*table, Event::Table { seq: done.seq, keys: 3 });
        assert_eq!((*first, *last), (done.minted[0].serial, done.minted[1].serial));
        assert!(shop.opens(&done.path, &done.minted[0].key, None).is_ok() || done.cid.is_none());
        assert_eq!(shop.totals().minted, minted + 2);
    }
    // What cannot be written down, is not put into a table.
    let full = &mut |_: &[mint::Minted]| Err(std::io::ErrorKind::StorageFull.into());
    let failed = super::rekey::rekey(&shop.kept(), &shop.artist, &shop.file, &wish(None), AT, full);
    assert!(matches!(failed, Err(RekeyError::Keep(_))));
    assert_eq!(shop.kept().settle(AT).unwrap(), 0);
}

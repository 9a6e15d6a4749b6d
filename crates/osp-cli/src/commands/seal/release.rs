//! The format release (SMSG 3.0): signed by an identity of this home, opened by any number of keys.

use super::manifest;
use crate::{
    args::{Global, sealed::Seal},
    commands::signer,
    error::{CliError, Exit},
    licence, output,
    waiting::Waiting,
};
use indicatif::{DecimalBytes, HumanCount};
use osp_node::{
    sales::{Custody, Deposit},
    sealed::{
        SealFileError,
        release::{
            ReleaseRequest, SealedRelease,
            about::{About, Sale},
            draft::ReleaseFile,
            id_text,
            mint::{Minted, Opens, mint, write_csv, write_list},
            seal_release, seal_release_to,
        },
        signing::Artist,
    },
    staged,
};
use smsg::{
    UnixTime,
    keys::{Password, licence_key},
    v3::{
        key_text::{KeyTextError, LicenceKey},
        passphrase::Stretch,
    },
};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// A passphrase that is estimated weaker, in bits, is found by programs that try, however slow each try is made. The pattern of
/// RFC-001, as in MGH-2024-XKCD-7829, has 32.
const LEAST_BITS: u32 = 40;

/// The flag of releases that was given, if any was.
pub(super) fn flag(args: &Seal) -> Option<&'static str> {
    let given = [
        ("--cut", !args.cut.is_empty()),
        ("--tier", !args.tier.is_empty()),
        ("--preview", args.preview.is_some()),
        ("--mint", !args.mint.is_empty()),
        ("--prefix", args.prefix.is_some()),
        ("--artist-id", args.artist_id.is_some()),
    ];
    given.iter().find(|(_, given)| *given).map(|(flag, _)| *flag)
}

pub(super) async fn run(
    global: &Global,
    args: &Seal,
    now: UnixTime,
    manifest: manifest::Read,
) -> Result<(), CliError> {
    let node = crate::commands::open(global)?;
    let identity = signer::identity(&node, args.artist_id.as_deref())?;
    let to_stdout = args.out.as_os_str() == "-";
    let (request, made) = request(args, now, &manifest, to_stdout)?;
    if let Some(path) = args.keys.as_deref().filter(|path| staged::taken(path, args.force)) {
        return Err(SealFileError::Exists(path.to_owned()).into());
    }
    let key = signer::unlock(global, &node, &identity)?;
    let artist = Artist::new(&key);
    let waiting = Waiting::new("sealing", global.quiet || global.json);
    let custody = Custody::open(&crate::commands::home(global)?);
    // The secret first: a list of keys can be made again with it.
    let mut keep = |sealed: &SealedRelease| {
        let path = std::path::absolute(&args.out).ok().filter(|_| !to_stdout);
        let deposit = Deposit {
            header: &sealed.header,
            keys: &sealed.keys,
            path: path.as_deref(),
            minted: &sealed.minted,
            at: &signer::now(),
        };
        custody.keep(&deposit, &key).map_err(|e| SealFileError::Custody(e.to_string()))?;
        write_keys(args, &request.keys)
    };
    let done = tokio::task::block_in_place(|| {
        if to_stdout {
            let mut out = std::io::stdout().lock();
            let done = seal_release_to(&request, &artist, &mut out, &waiting, &mut keep)?;
            out.flush().map_err(|source| SealFileError::Output { path: "-".into(), source })?;
            Ok(done)
        } else {
            seal_release(&request, &artist, &args.out, args.force, &waiting, &mut keep)
        }
    });
    waiting.clear();
    let done = done?;
    if !to_stdout {
        let printed = print(global, args, &request, &done, made.as_ref());
        if printed.is_err() && (made.is_some() || args.keys.is_none() && !args.mint.is_empty()) {
            // Nobody saw the keys.
            let _ = std::fs::remove_file(&args.out);
        }
        printed?;
    }
    if let Some(unknown) = manifest.unknown {
        output::warn(global, "unknown_member", &args.out.to_string_lossy(), &unknown);
    }
    Ok(())
}

/// What to seal, and the key that was made if one was.
fn request(
    args: &Seal,
    now: UnixTime,
    manifest: &manifest::Read,
    to_stdout: bool,
) -> Result<(ReleaseRequest, Option<LicenceKey>), CliError> {
    let usage = |e: String| CliError::advised(Exit::Usage, "usage", &e);
    let said = manifest.manifest.clone().unwrap_or_default();
    let seconds = |moment: i64| u64::try_from(moment).ok().filter(|seconds| *seconds > 0);
    let sale = Sale::parse(&said.license_type, seconds(said.issued_at), seconds(said.expires_at));
    let files = files(args);
    let mut about = About::of(&said);
    for (track, more) in about.tracks.iter_mut().zip(&manifest.tracks) {
        track.artist.clone_from(&more.artist);
        track.repeat = more.millis();
    }
    if about.title.is_empty() {
        let first = files.first().and_then(|file| file.path.file_stem());
        about.title =
            first.map(|name| name.to_string_lossy().into_owned()).filter(|t| t != "-").unwrap_or_default();
    }
    let prefix = args.prefix.as_ref().map(|prefix| prefix.to_ascii_uppercase());
    let of_keys = prefix.as_deref().unwrap_or(licence_key::DEFAULT_PREFIX);
    let mut request = ReleaseRequest {
        message: super::message(args, now),
        files,
        about,
        cuts: args.cut.clone(),
        preview: args.preview.clone(),
        sale: sale.map_err(|e| usage(e.to_string()))?,
        created: u64::try_from(now.0).unwrap_or(0),
        prefix: prefix.clone(),
        ..ReleaseRequest::default()
    };
    if request.files.is_empty() && request.message.body.is_empty() && request.message.subject.is_empty() {
        return Err(CliError::usage("there is nothing to seal").hint("give a file or a text"));
    }
    let made = owner(args, &mut request, of_keys, to_stdout)?;
    let mut serial = 1u32;
    for (opens, count) in &args.mint {
        let minted = mint(*count, serial, opens, of_keys).map_err(|e| usage(e.to_string()))?;
        serial = serial.saturating_add(*count);
        request.keys.extend(minted);
    }
    Ok((request, made))
}

/// Files, each once; a tier may name more of them.
fn files(args: &Seal) -> Vec<ReleaseFile> {
    let mut files: Vec<_> =
        args.files.iter().map(|path| ReleaseFile { path: path.clone(), tier: None }).collect();
    for (tier, list) in &args.tier {
        for path in list.split(',').map(str::trim).filter(|path| !path.is_empty()).map(PathBuf::from) {
            match files.iter_mut().find(|file| file.path == path && file.tier.is_none()) {
                Some(file) => file.tier = Some(tier.clone()),
                None => files.push(ReleaseFile { path, tier: Some(tier.clone()) }),
            }
        }
    }
    files
}

/// The key that opens everything: the one that was given, or a new one unless keys are minted.
fn owner(
    args: &Seal,
    request: &mut ReleaseRequest,
    prefix: &str,
    to_stdout: bool,
) -> Result<Option<LicenceKey>, CliError> {
    let given = licence::given(&args.key)?;
    let typed = match given {
        Some(key) => Some(key),
        None if args.mint.is_empty() => super::typed_key()?,
        None => None,
    };
    let mut put = |key: LicenceKey| request.keys.push(Minted { key, serial: 0, opens: Opens::All });
    let Some(typed) = typed else {
        if !args.mint.is_empty() {
            if to_stdout && args.keys.is_none() {
                return Err(CliError::usage("the sealed file is on stdout, where the keys would be")
                    .hint("name a file for them with --keys"));
            }
            return Ok(None);
        }
        if to_stdout {
            return Err(super::key_for_stdout());
        }
        let made = LicenceKey::generate(licence_key::Style::Code, prefix, &mut osp_node::sealed::rng());
        let made = made.map_err(|e| CliError::advised(Exit::Usage, "usage", &e.to_string()))?;
        put(made.clone());
        return Ok(Some(made));
    };
    match LicenceKey::parse(typed.as_str()) {
        Ok(key) => put(key),
        Err(KeyTextError::Typo(typo)) => {
            return Err(CliError::advised(Exit::Bad, "typo", &format!("the key is mistyped: {typo}")));
        }
        Err(KeyTextError::NotAKey) => request.passphrase = Some((passphrase(typed)?, Stretch::default())),
    }
    Ok(None)
}

fn passphrase(typed: Password) -> Result<Password, CliError> {
    let bits = licence::bits(typed.as_str());
    if bits < LEAST_BITS {
        let text = format!(
            "this passphrase has about {bits} bits, and programs find what has fewer than {LEAST_BITS}"
        );
        return Err(CliError::new(Exit::Usage, "weak_key", text)
            .hint("take five words or more that belong to no saying, or a key of «osp key new»"));
    }
    Ok(typed)
}

/// The list of minted keys, before the file they open has a name.
fn write_keys(args: &Seal, keys: &[Minted]) -> Result<(), SealFileError> {
    args.keys.as_ref().map_or(Ok(()), |path| write_list(&minted(keys), path, args.force))
}

/// Without the key to everything, which is shown by itself.
fn minted(keys: &[Minted]) -> Vec<Minted> {
    keys.iter().filter(|key| key.serial > 0).cloned().collect()
}

fn print(
    global: &Global,
    args: &Seal,
    request: &ReleaseRequest,
    done: &SealedRelease,
    made: Option<&LicenceKey>,
) -> Result<(), CliError> {
    let keys = minted(&request.keys);
    if global.json {
        return output::json(&json(args, request, done, made, &keys));
    }
    let sealed = format!(
        "sealed {} (release, {}, {} attached)",
        output::path(&args.out),
        DecimalBytes(done.size),
        done.parts.len(),
    );
    let to_stdout = !keys.is_empty() && args.keys.is_none();
    if to_stdout {
        output::note(global.quiet, sealed);
        let mut csv = Vec::new();
        write_csv(&keys, &mut csv).map_err(|e| CliError::unwritten(Path::new("-"), &e))?;
        output::bytes(&csv)?;
    } else {
        output::line(sealed)?;
    }
    if let Some(path) = &args.keys {
        output::line(format_args!("{} keys in {}", HumanCount(keys.len() as u64), output::path(path)))?;
    }
    if let Some(key) = made {
        output::line(format_args!("licence key: \x1b[1m{}\x1b[0m", key.shown().as_str()))?;
        output::note(
            global.quiet,
            "Write this key down: it is not shown again. Whoever has it can open the file.",
        );
    }
    Ok(())
}

fn json(
    args: &Seal,
    request: &ReleaseRequest,
    done: &SealedRelease,
    made: Option<&LicenceKey>,
    keys: &[Minted],
) -> serde_json::Value {
    let mut value = serde_json::json!({
        "path": args.out.to_string_lossy(),
        "size": done.size,
        "cid": done.cid.to_string(),
        "format": "release",
        "compression": "none",
        "encoding": "binary",
        "attachments": done.parts.iter().map(|part| {
            serde_json::json!({"name": part.name, "mime": part.mime, "size": part.size})
        }).collect::<Vec<_>>(),
        "file": id_text(done.header.id()),
        "artist": done.header.artist(),
        "title": done.header.title,
        "cuts": request.cuts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        "preview": request.preview.is_some(),
        "minted": keys.len(),
    });
    let Some(object) = value.as_object_mut() else { return value };
    if let Some(key) = made {
        object.insert("key".to_owned(), key.shown().as_str().into());
    }
    if args.keys.is_none() && !keys.is_empty() {
        let opens = |opens: &Opens| match opens {
            Opens::All => serde_json::Value::Null,
            Opens::Named(name) => name.clone().into(),
        };
        let list = keys.iter().map(|minted| {
            serde_json::json!({
                "serial": minted.serial, "key": minted.key.shown().as_str(), "opens": opens(&minted.opens),
            })
        });
        object.insert("keys".to_owned(), list.collect());
    }
    value
}

//! `osp seal`: files become one sealed file.

mod manifest;
mod release;

use crate::{
    args::{
        Global,
        sealed::{Seal, SealCompression, SealFormat},
    },
    error::{CliError, Exit},
    licence, output, units,
    waiting::Waiting,
};
use indicatif::{DecimalBytes, HumanCount};
use osp_node::sealed::{self, SealRequest, Sealed};
use smsg::{
    Message, UnixTime,
    header::Compression,
    keys::{Cadence, Password, licence_key},
    limits,
    seal::Target,
};
use std::io::{IsTerminal as _, Write as _};

/// Weaker keys, in bits, are guessed by who tries: v1 and v2 hash a key once.
const WEAK_BITS: u32 = 64;

/// v1 is one JSON text, base64 inside; from here on that hurts.
const LARGE_FOR_V1: u64 = 32 << 20;

/// A key, and whether it was made here.
struct Chosen {
    key: Password,
    made: bool,
}

pub(super) async fn run(global: &Global, args: Seal) -> Result<(), CliError> {
    let now = args.at.unwrap_or_else(units::now);
    check(&args)?;
    let to_stdout = args.out.as_os_str() == "-";
    if to_stdout {
        check_stdout(global, &args)?;
    } else if !args.force && args.out.symlink_metadata().is_ok() {
        // Before anybody is asked for a key.
        return Err(sealed::SealFileError::Exists(args.out).into());
    } else if let Ok(out) = args.out.canonicalize()
        && args.files.iter().any(|file| file.canonicalize().is_ok_and(|file| file == out))
    {
        let text = format!("{} is one of the files to seal", args.out.display());
        return Err(CliError::usage(text).hint("give --out another name; the original would be gone"));
    }
    let manifest = manifest::of(&args, now)?;
    if args.format == SealFormat::Release {
        return release::run(global, &args, now, manifest).await;
    }
    let (target, chosen) = target(&args, now, to_stdout)?;
    let mut warnings = Vec::new();
    if let Some(unknown) = manifest.unknown {
        warnings.push(("unknown_member", unknown));
    }
    if let Some(Chosen { key, made: false }) = &chosen
        && licence::bits(key.as_str()) < WEAK_BITS
    {
        let text = "this key is easily guessed by programs; «osp key new» makes one that is not";
        warnings.push(("weak_key", text.to_owned()));
    }
    let request = SealRequest {
        message: message(&args, now),
        files: args.files.clone(),
        manifest: manifest.manifest,
        hint: args.hint.clone(),
        target,
        base64: args.base64,
    };
    let waiting = Waiting::new("sealing", global.quiet || global.json);
    let done = tokio::task::block_in_place(|| {
        if to_stdout {
            let mut out = std::io::stdout().lock();
            let done = sealed::seal_to(&request, &mut out, &waiting)?;
            out.flush().map_err(|source| sealed::SealFileError::Output { path: "-".into(), source })?;
            Ok(done)
        } else {
            sealed::seal_file(&request, &args.out, args.force, &waiting)
        }
    });
    waiting.clear();
    let done = done?;
    let contents = done.message.attachments.iter().map(|a| a.size).sum::<u64>();
    if args.format == SealFormat::V1 && contents > LARGE_FOR_V1 {
        let text = "v1 grows by a third and readers hold all of it in memory; v2 does neither";
        warnings.push(("large_v1", text.to_owned()));
    }
    if matches!(request.target, Target::V2 { compression, .. } if compression != Compression::None)
        && contents > limits::DEFAULT_MAX_DECOMPRESSED
    {
        let text = "readers open compressed content beyond 1 GiB only when told to («osp unseal --max-size»); \
                    --compression none or --format v3 --chunk-size has no such limit";
        warnings.push(("over_default_limit", text.to_owned()));
    }
    if !to_stdout {
        let printed = print(global, &args, &request.target, &done, chosen.as_ref());
        if printed.is_err() && chosen.is_some_and(|chosen| chosen.made) {
            // Nobody saw the key, so nobody could ever open it.
            let _ = std::fs::remove_file(&args.out);
        }
        printed?;
    }
    for (class, text) in warnings {
        output::warn(global, class, &args.out.to_string_lossy(), &text);
    }
    Ok(())
}

/// What formats cannot do, said before anything is done.
/// What is said to whoever opens it.
fn message(args: &Seal, now: UnixTime) -> Message {
    Message {
        subject: args.subject.clone().unwrap_or_default(),
        body: args.body.clone().unwrap_or_default(),
        from: args.from.clone().unwrap_or_default(),
        timestamp: now.0,
        ..Message::default()
    }
}

fn check(args: &Seal) -> Result<(), CliError> {
    if args.format == SealFormat::Release {
        let older = [("--compression", args.compression.is_some(), "v2"), ("--base64", args.base64, "v2")];
        if let Some((flag, _, format)) = older.iter().find(|(_, given, _)| *given) {
            return Err(CliError::usage(format!("{flag} is for the older formats"))
                .hint(format!("add --format {format}, or leave it away")));
        }
    } else if let Some(flag) = release::flag(args) {
        return Err(CliError::usage(format!("{flag} is for the format release"))
            .hint("leave --format away: release is what is written then"));
    }
    let v3 = args.format == SealFormat::V3;
    let only_v3 = [
        ("--license-id", args.licence.license_id.is_some()),
        ("--fingerprint", args.licence.fingerprint.is_some()),
        ("--cadence", args.cadence.is_some()),
        ("--chunk-size", args.chunk_size.is_some()),
    ];
    if let Some((flag, _)) = only_v3.iter().find(|(_, given)| *given && !v3) {
        return Err(CliError::usage(format!("{flag} is for v3")).hint("add --format v3, or leave it away"));
    }
    if v3 && (args.key.key.is_some() || args.key.key_file.is_some()) {
        return Err(CliError::usage("v3 is opened by a licence id, not by a key")
            .hint("give --license-id, or leave --format v3 away"));
    }
    if v3 && args.licence.license_id.is_none() {
        return Err(CliError::new(Exit::Usage, "license_required", "v3 needs a licence id")
            .hint("give one with --license-id, and who or what it is bound to with --fingerprint"));
    }
    if args.hint.is_some() && args.format != SealFormat::V1 {
        return Err(CliError::usage("--hint is for v1").hint("add --format v1, or leave it away"));
    }
    let written = match (args.format, args.chunk_size) {
        (SealFormat::V1, _) | (SealFormat::V3, Some(_)) => SealCompression::None,
        (SealFormat::V3, None) => SealCompression::Zstd,
        _ => return Ok(()),
    };
    match args.compression {
        Some(wish) if wish != written => {
            Err(CliError::usage("--compression can be chosen for v2 only").hint("leave it away"))
        }
        _ => Ok(()),
    }
}

fn check_stdout(global: &Global, args: &Seal) -> Result<(), CliError> {
    if global.json {
        return Err(CliError::usage("with --out - the sealed file is on stdout, where --json would be")
            .hint("name a file with --out, or leave --json away"));
    }
    if std::io::stdout().is_terminal() && !args.base64 {
        return Err(CliError::usage("a sealed file is no text for a terminal")
            .hint("name a file with --out, or say --base64"));
    }
    Ok(())
}

fn target(args: &Seal, now: UnixTime, to_stdout: bool) -> Result<(Target, Option<Chosen>), CliError> {
    if args.format == SealFormat::V3 {
        let missing = || CliError::new(Exit::Usage, "license_required", "v3 needs a licence id");
        let chunk = args.chunk_size.map(|size| {
            u32::try_from(size)
                .ok()
                .filter(|s| *s >= limits::MIN_CHUNK_WRITTEN && u64::from(*s) <= limits::MAX_CHUNK)
        });
        if chunk == Some(None) {
            let range = format!("{} to {} bytes", limits::MIN_CHUNK_WRITTEN, HumanCount(limits::MAX_CHUNK));
            return Err(
                CliError::usage(format!("--chunk-size can be {range}")).hint("1MiB suits most players")
            );
        }
        let licence = licence::licence(&args.licence)?.ok_or_else(missing)?;
        let cadence = args.cadence.clone().unwrap_or(Cadence::Daily);
        return Ok((Target::V3 { licence, cadence, now, chunk: chunk.flatten() }, None));
    }
    let chosen = key(args, to_stdout)?;
    let password = chosen.key.clone();
    let target = match args.format {
        SealFormat::V1 => Target::V1 { password },
        _ => Target::V2 {
            password,
            compression: match args.compression {
                None | Some(SealCompression::Zstd) => Compression::Zstd,
                Some(SealCompression::Gzip) => Compression::Gzip,
                Some(SealCompression::None) => Compression::None,
            },
        },
    };
    Ok((target, Some(chosen)))
}

fn key(args: &Seal, to_stdout: bool) -> Result<Chosen, CliError> {
    if let Some(key) = licence::given(&args.key)? {
        return Ok(Chosen { key, made: false });
    }
    if let Some(key) = typed_key()? {
        return Ok(Chosen { key, made: false });
    }
    if to_stdout {
        return Err(key_for_stdout());
    }
    let made = licence_key::generate(
        licence_key::Style::Code,
        licence_key::DEFAULT_PREFIX,
        &mut osp_node::sealed::rng(),
    );
    let made = made.map_err(|e| CliError::local("local", e.to_string()))?;
    Ok(Chosen { key: Password::new(made), made: true })
}

/// A key that somebody types, twice; `None` for the wish that one is made, and where nobody can be asked.
fn typed_key() -> Result<Option<Password>, CliError> {
    if !licence::can_ask() {
        return Ok(None);
    }
    let first = licence::ask("Licence key (empty: one is made): ")?;
    if first.is_empty() {
        return Ok(None);
    }
    if *first != *licence::ask("The same again: ")? {
        return Err(CliError::usage("the two keys differ").hint("run the command again"));
    }
    licence::password(first).map(Some)
}

fn key_for_stdout() -> CliError {
    CliError::new(Exit::Usage, "password_required", "a licence key is needed with --out -")
        .hint("make one with «osp key new», and name a --key-file or set OSP_KEY")
}

/// Format and compression, as people and headers write them.
fn names(target: &Target) -> (&'static str, &'static str) {
    match target {
        Target::V1 { .. } => ("v1", "none"),
        Target::V2 { compression: Compression::None, .. } => ("v2", "none"),
        Target::V2 { compression: Compression::Gzip, .. } => ("v2", "gzip"),
        Target::V2 { compression: Compression::Zstd, .. } => ("v2", "zstd"),
        Target::V3 { chunk: Some(_), .. } => ("v3", "none"),
        Target::V3 { chunk: None, .. } => ("v3", "zstd"),
    }
}

fn print(
    global: &Global,
    args: &Seal,
    target: &Target,
    done: &Sealed,
    chosen: Option<&Chosen>,
) -> Result<(), CliError> {
    let (format, compression) = names(target);
    let made = chosen.filter(|c| c.made).map(|c| &c.key);
    let cid = done.cid.map(|cid| cid.to_string());
    if global.json {
        let mut value = serde_json::json!({
            "path": args.out.to_string_lossy(),
            "size": done.size,
            "cid": cid,
            "format": format,
            "compression": compression,
            "encoding": if args.base64 { "base64" } else { "binary" },
            "attachments": done.message.attachments.iter().map(|a| {
                serde_json::json!({"name": a.name, "mime": a.mime, "size": a.size})
            }).collect::<Vec<_>>(),
        });
        if let (Some(object), Some(key)) = (value.as_object_mut(), made) {
            object.insert("key".to_owned(), key.as_str().into());
        }
        return output::json(&value);
    }
    output::line(format_args!(
        "sealed {} ({format}, {}, {} attached)",
        output::path(&args.out),
        DecimalBytes(done.size),
        done.message.attachments.len(),
    ))?;
    if let Some(key) = made {
        output::line(format_args!("licence key: \x1b[1m{}\x1b[0m", key.as_str()))?;
        output::note(
            global.quiet,
            "Write this key down: it is not kept anywhere and cannot be recovered. Whoever has it can open the file.",
        );
    }
    Ok(())
}

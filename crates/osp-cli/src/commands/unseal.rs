//! `osp unseal`: a sealed file becomes a text and files.

mod release;

use crate::{
    args::{Global, sealed::Unseal},
    error::{CliError, Exit},
    licence, output, units,
    waiting::Waiting,
};
use indicatif::DecimalBytes;
use osp_node::sealed::{AnyFile, SealedFile, UnsealError, UnsealOptions, Unsealed};
use smsg::{
    Limits, OpenError, UnixTime,
    header::Format,
    keys::{Credential, Password},
};
use std::io::IsTerminal as _;

pub(super) async fn run(global: &Global, args: Unseal) -> Result<(), CliError> {
    let (file, link) = super::look_up::open(global, &args.file)?;
    match file {
        AnyFile::Older(file) => older(global, &args, *file),
        AnyFile::Release(file) => release::run(global, &args, *file, link).await,
    }
}

fn older(global: &Global, args: &Unseal, mut file: SealedFile) -> Result<(), CliError> {
    if args.license_file.is_some() {
        return Err(CliError::usage("this file has another format, which knows no licence files")
            .hint("leave --license-file away; v3 files take --license-id and --fingerprint"));
    }
    let key = licence::given(&args.key)?;
    let licence = licence::licence(&args.licence)?;
    let now = args.at.unwrap_or_else(units::now);
    let typed;
    let (credentials, key) = match (file.header().format, licence, key) {
        (Format::V3, Some(licence), _) => {
            (vec![Credential::Licence { licence, at: now, cadence: args.cadence.clone() }], None)
        }
        // A key in the environment is for other files.
        (Format::V3, None, Some(_)) if args.key.key.is_some() || args.key.key_file.is_some() => {
            return Err(UnsealError::from(OpenError::LicenceRequired).into());
        }
        (Format::V3, None, _) => {
            return Err(CliError::new(
                Exit::Usage,
                "license_required",
                "this file is opened by a licence id",
            )
            .hint("give --license-id, and --fingerprint if you were given one"));
        }
        (_, Some(_), _) => return Err(UnsealError::from(OpenError::NotV3).into()),
        (_, None, Some(key)) => {
            typed = key;
            (credentials(&typed), Some(&typed))
        }
        (_, None, None) => {
            typed = ask(&file)?;
            (credentials(&typed), Some(&typed))
        }
    };
    let options = UnsealOptions {
        out: &args.out,
        force: args.force,
        limits: args.max_size.map_or_else(Limits::default, |decompressed| Limits { decompressed }),
        now,
        ignore_expiry: args.ignore_expiry,
        home: None,
    };
    let waiting = Waiting::new("opening", global.quiet || global.json);
    let opened = tokio::task::block_in_place(|| file.unseal(&credentials, &options, &waiting));
    waiting.clear();
    let opened = opened.map_err(|e| explain(e, key, args))?;
    print(global, &opened, None)?;
    if opened.expired {
        let end = file.header().manifest.as_ref().and_then(smsg::Manifest::expires_at);
        let end = end.map_or_else(String::new, |end: UnixTime| format!(" at {end}"));
        let text = format!(
            "the licence of this file ended{end}; it was opened all the same, since that date is the artist's \
             request, not a lock"
        );
        output::warn(global, "expired", &args.file.to_string_lossy(), &text);
    }
    Ok(())
}

/// The key as it was typed, then as it should be written.
fn credentials(key: &Password) -> Vec<Credential> {
    smsg::keys::licence_key::candidates(key.as_str()).into_iter().map(Credential::Password).collect()
}

fn ask(file: &SealedFile) -> Result<Password, CliError> {
    if !licence::can_ask() {
        return Err(
            CliError::new(Exit::Usage, "password_required", "a licence key is needed").hint(licence::WAYS)
        );
    }
    if let Some(hint) = &file.header().hint {
        output::note(false, format_args!("Hint: {}", output::plain(hint)));
    }
    let title = file.header().manifest.as_ref().map(|m| output::plain(&m.title)).filter(|t| !t.is_empty());
    let prompt = title.map_or("Licence key: ".to_owned(), |title| format!("Licence key of {title}: "));
    licence::password(licence::ask(&prompt)?)
}

/// Adds what only this command knows: how the key was typed, and which flags help.
fn explain(error: UnsealError, key: Option<&Password>, args: &Unseal) -> CliError {
    let suspicion = match &error {
        UnsealError::Open(OpenError::DecryptionFailed { .. }) => key.and_then(licence::suspicion),
        _ => None,
    };
    let period =
        matches!(error, UnsealError::Open(OpenError::PeriodOver { .. } | OpenError::PeriodNotBegun { .. }));
    let expired = matches!(error, UnsealError::Open(OpenError::Expired(_)));
    let over = matches!(error, UnsealError::Open(OpenError::DecompressionLimit(_)));
    let shown = CliError::from(error);
    if let Some(typo) = suspicion {
        let text = format!("the key does not open the file, and it looks mistyped: {typo}");
        return CliError::advised(shown.exit, shown.class, &text);
    }
    match (&shown.hint, over) {
        _ if expired => shown.hint(
            "ask the artist for a new one, or open it all the same with --ignore-expiry: the date is the artist's \
             request, written in the file, not a lock",
        ),
        (Some(hint), _) if period && args.ignore_expiry => {
            let hint =
                format!("{hint}. --ignore-expiry cannot help: each key is made for a period, which --at chooses");
            shown.hint(hint)
        }
        (_, true) => shown.hint("if you trust the file, raise the limit with --max-size"),
        _ => shown,
    }
}

/// Prints the message and where its attachments are. `more` goes into the JSON.
fn print(global: &Global, opened: &Unsealed, more: Option<serde_json::Value>) -> Result<(), CliError> {
    let message = &opened.message;
    let pairs = || message.attachments.iter().zip(&opened.attachments);
    if global.json {
        let mut value = serde_json::to_value(message).map_err(|e| CliError::local("local", e.to_string()))?;
        let attachments: Vec<_> = pairs()
            .map(|(attachment, placed)| {
                serde_json::json!({
                    "name": attachment.name,
                    "mime": attachment.mime,
                    "size": attachment.size,
                    "sha256": hex(&placed.sha256),
                    "path": placed.path.to_string_lossy(),
                })
            })
            .collect();
        if let Some(object) = value.as_object_mut() {
            object.insert("attachments".to_owned(), attachments.into());
            object.extend(more.map(|more| ("release".to_owned(), more)));
        }
        return output::json(&value);
    }
    for (label, text) in [("subject", &message.subject), ("from", &message.from)] {
        if !text.is_empty() {
            output::line(format_args!("{label}: {}", output::plain(text)))?;
        }
    }
    if !message.body.is_empty() {
        if std::io::stdout().is_terminal() {
            output::line(output::plain_lines(&message.body))?;
        } else {
            output::bytes(format!("{}\n", message.body).as_bytes())?;
        }
    }
    for (attachment, placed) in pairs() {
        output::line(format_args!(
            "written to {} ({})",
            output::path(&placed.path),
            DecimalBytes(attachment.size)
        ))?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

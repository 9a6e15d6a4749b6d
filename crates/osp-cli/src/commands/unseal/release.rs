//! Opening a release (SMSG 3.0): a key or passphrase, a licence for it, or what is open to all.

use crate::{
    args::{Global, sealed::Unseal},
    error::CliError,
    licence, output, units,
    waiting::Waiting,
};
use osp_node::sealed::{
    UnsealOptions,
    release::{
        Keyring, ReleaseError, ReleaseFile, id_text,
        inspect::TermsReport,
        open::How,
        unseal::{Licensed, moment},
    },
    signing,
    web::licence_beside,
};
use smsg::{
    Limits,
    v3::{Refused, key_text::LicenceKey, licence::file_name, signing::Standing},
};

pub(super) async fn run(
    global: &Global,
    args: &Unseal,
    mut file: ReleaseFile,
    link: Option<licence::Link>,
) -> Result<(), CliError> {
    let now = args.at.unwrap_or_else(units::now);
    if licence::licence(&args.licence)?.is_some() {
        return Err(CliError::usage("this file is opened by a licence key, not by a licence id")
            .hint("leave --license-id away, and give the key you were given"));
    }
    let bought = match &args.license_file {
        Some(place) => Some(licence::fetch(global, place).await?),
        None => None,
    };
    let (of_link, sold) = link.map_or((None, None), |link| (Some(link.key), link.licence));
    let mut ring = Keyring {
        key: licence::given(&args.key)?.or(of_link),
        licence: bought.or(sold),
        beside: file.place().map(std::path::Path::to_owned),
        home: crate::commands::home(global).ok(),
    };
    if ring.key.is_none() {
        ring = asked(&file, ring)?;
    }
    if ring.licence.is_none()
        && let Some(address) = args.file.to_str().filter(|text| text.starts_with("http"))
        && let Some(key) = ring.key.as_ref().and_then(|key| LicenceKey::parse(key.as_str()).ok())
        && let Err(ReleaseError::Refused(Refused::NoValidKey)) =
            tokio::task::block_in_place(|| file.open(&ring))
    {
        // A key that was sold later: its licence lies beside the file.
        let name = file_name(&key.secret(file.front().header.id()));
        ring.licence = licence_beside(&licence::fetcher(global)?, address, &name).await?;
    }
    let home = crate::commands::home(global).ok();
    let options = UnsealOptions {
        out: &args.out,
        force: args.force,
        limits: Limits::default(),
        now,
        ignore_expiry: args.ignore_expiry,
        home: home.as_deref(),
    };
    let waiting = Waiting::new("opening", global.quiet || global.json);
    let opened = tokio::task::block_in_place(|| {
        let opened = file.open(&ring)?;
        file.unseal(opened, &options, &waiting)
    });
    waiting.clear();
    let opened = opened?;
    let licensed = opened.licensed.as_deref();
    super::print(global, &opened, licensed.map(json))?;
    if let Some(licensed) = licensed {
        remarks(global, args, &file, &ring, licensed, opened.expired);
    }
    Ok(())
}

/// Asks for a key where somebody can be asked; nothing typed is a wish for the preview.
fn asked(file: &ReleaseFile, ring: Keyring) -> Result<Keyring, CliError> {
    if !licence::can_ask() {
        return Ok(ring);
    }
    let front = file.front();
    let open = front.table.iter().flat_map(|table| &table.grants).any(smsg::v3::grant::Grant::is_open);
    let title = output::plain(&front.header.title);
    let of = if title.is_empty() { String::new() } else { format!(" of {title}") };
    let without = if open { " (empty: the preview)" } else { "" };
    let typed = licence::ask(&format!("Licence key{of}{without}: "))?;
    if typed.is_empty() && open {
        return Ok(ring);
    }
    Ok(Keyring { key: Some(licence::password(typed)?), ..ring })
}

/// What a program wants to know of how it was opened.
fn json(licensed: &Licensed) -> serde_json::Value {
    let header = &licensed.opened.front.header;
    serde_json::json!({
        "file": id_text(header.id()),
        "artist": header.artist(),
        "artistChecked": header.standing() == Standing::Proven,
        "title": header.title,
        "cuts": licensed.cuts,
        "serial": licensed.opened.granted.serial,
        "terms": TermsReport::of(&licensed.opened.granted.terms, header.geometry().chunks()),
    })
}

fn remarks(
    global: &Global,
    args: &Unseal,
    file: &ReleaseFile,
    ring: &Keyring,
    licensed: &Licensed,
    expired: bool,
) {
    let terms = &licensed.opened.granted.terms;
    let source = args.file.to_string_lossy();
    if let Some(doubt) = signing::doubt(&licensed.opened.front.header) {
        output::warn(global, "artist_not_checked", &source, &doubt);
    }
    if licensed.opened.how == How::Open {
        let text = "no key was given: this is what the artist lets everybody hear";
        output::note(global.quiet || global.json, format_args!("note: {text}"));
    }
    if expired {
        let end = terms.not_after.map_or_else(String::new, |end| format!(" at {}", moment(end)));
        let text = format!(
            "the licence ended{end}; it was opened all the same, since that date is the artist's request, not a lock"
        );
        output::warn(global, "expired", &source, &text);
    }
    if let (How::Licence(name), Some(bytes)) = (&licensed.opened.how, &ring.licence) {
        match file.keep_licence(name, bytes) {
            Ok(Some(path)) => output::note(
                global.quiet || global.json,
                format_args!("the licence is kept in {}: the key alone opens nothing", output::path(&path)),
            ),
            Ok(None) => {}
            Err(e) => {
                output::warn(global, "licence_not_kept", &source, &format!("the licence was not kept: {e}"))
            }
        }
    }
    if let Err(ReleaseError::NotYet(begin)) = licensed.opened.admit(units::now(), None) {
        output::warn(global, "not_yet_valid", &source, &format!("the licence begins at {begin}"));
    }
}

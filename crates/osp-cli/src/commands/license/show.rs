//! `osp license show`, `revoke-note`: one sale, found by what there is of it.

use crate::{
    args::{Global, sales::SaleArgs},
    commands::signer,
    error::{CliError, Exit},
    output,
};
use osp_node::{
    sales::{
        Custody, id_in_base32,
        ledger::{KeyId, Sale},
        report::{self, By, Found},
    },
    sealed::signing::NOTARY,
};
use serde_json::Value;
use smsg::{
    UnixTime,
    v3::{
        Header,
        key_text::{KeyTextError, LicenceKey},
        licence::Licence,
        limits::MAX_LICENCE,
    },
};
use std::{io::Read as _, path::Path};

pub(super) fn run(global: &Global, args: &SaleArgs) -> Result<(), CliError> {
    let found = find(global, args)?;
    for sale in &found {
        if global.json { json(sale) } else { human(sale) }?;
    }
    Ok(())
}

pub(super) fn revoke(global: &Global, args: &SaleArgs, reason: Option<String>) -> Result<(), CliError> {
    let found = find(global, args)?;
    let [sale] = found.as_slice() else {
        return Err(CliError::usage(format!("number {} is in {} releases", args.sale, found.len()))
            .hint("say which one with --release"));
    };
    let new = report::revoke_note(sale, reason, &signer::now())?;
    if global.json {
        output::json(&serde_json::json!({
            "release": id_in_base32(sale.release.header.id()),
            "serial": sale.sale.serial,
            "noted": new,
        }))?;
    } else {
        let mark = if new { "noted" } else { "noted already" };
        output::line(format_args!("{mark}: sale {} is to be left out", sale.sale.serial))?;
    }
    output::note(
        global.quiet || global.json,
        "This takes nothing back: whoever has the key and its licence can go on listening. «osp rekey» leaves the key out of \
         tables to come.",
    );
    Ok(())
}

fn find(global: &Global, args: &SaleArgs) -> Result<Vec<Found>, CliError> {
    let custody = super::custody(global)?;
    let by = by(&custody, &args.sale)?;
    let releases = match &args.release {
        Some(name) => vec![custody.named(name)?],
        None => custody.list()?,
    };
    let found = report::find(releases, &by)?;
    if found.is_empty() {
        return Err(CliError::new(Exit::NotFound, "not-found", "this home sold no such licence")
            .hint("check the key, or name another home with --home"));
    }
    Ok(found)
}

fn by(custody: &Custody, text: &str) -> Result<By, CliError> {
    if text.ends_with(".smsgl") || (text != "-" && Path::new(text).is_file()) {
        return licence(custody, Path::new(text)).map(By::Id);
    }
    if let Ok(serial) = text.parse() {
        return Ok(By::Serial(serial));
    }
    let typed = if text == "-" {
        let mut line = zeroize::Zeroizing::new(String::new());
        let mut input = std::io::BufReader::new(std::io::stdin()).take(1024);
        std::io::BufRead::read_line(&mut input, &mut line)
            .map_err(|e| CliError::local("io", e.to_string()))?;
        line
    } else {
        zeroize::Zeroizing::new(text.to_owned())
    };
    match LicenceKey::parse(typed.trim()) {
        Ok(key) => Ok(By::Key(key)),
        Err(KeyTextError::NotAKey) => {
            Err(CliError::usage("this is neither a licence key, nor a number, nor a licence file")
                .hint("«osp license list» shows what was sold"))
        }
        Err(e @ KeyTextError::Typo(_)) => Err(CliError::advised(Exit::Bad, e.class(), &e.to_string())),
    }
}

/// The key's id of a licence that one of our releases really has.
fn licence(custody: &Custody, path: &Path) -> Result<KeyId, CliError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_LICENCE as u64 + 1).read_to_end(&mut bytes))
        .map_err(|e| CliError::file(path, &e))?;
    let bad = || CliError::new(Exit::Bad, "malformed", format!("{} is no licence", output::path(path)));
    let json: Value = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    let id = |member: &str| KeyId::try_from(json.get(member)?.as_str()?.to_owned()).ok();
    let file = id("file").ok_or_else(bad)?;
    let Some(kept) = custody.find(smsg::v3::FileId(file.0))? else {
        return Err(CliError::new(
            Exit::NotFound,
            "not-found",
            "this licence is for a release that is not in this home",
        )
        .hint("«osp inspect X.smsg --license-file» shows it together with its file"));
    };
    Licence::parse(&bytes, &kept.header, &NOTARY)
        .map_err(|e| CliError::advised(Exit::Bad, e.class(), &e.to_string()))?;
    id("id").ok_or_else(bad)
}

fn json(found: &Found) -> Result<(), CliError> {
    output::json(&serde_json::json!({
        "release": id_in_base32(found.release.header.id()),
        "title": found.release.header.title,
        "serial": found.sale.serial,
        "id": found.sale.key,
        "at": found.at,
        "minted": found.minted,
        "terms": terms(&found.sale),
        "leftOut": found.note.as_ref().map(|(at, reason)| serde_json::json!({"at": at, "reason": reason})),
    }))
}

/// What was sold, as the licence says it, and what was paid.
pub(super) fn terms(sale: &Sale) -> Value {
    let mut terms = serde_json::to_value(sale).unwrap_or_default();
    if let Some(object) = terms.as_object_mut() {
        object.remove("serial");
        object.remove("key");
    }
    terms
}

fn human(found: &Found) -> Result<(), CliError> {
    let (header, sale) = (&found.release.header, &found.sale);
    let what = if found.minted { "key made in advance" } else { "licence" };
    output::line(format_args!("{what} {} of «{}», {}", sale.serial, output::plain(&header.title), found.at))?;
    output::line(format_args!("  sold as    {}", words(header, sale)))?;
    let texts = [("  buyer      ", &sale.buyer), ("  sale       ", &sale.sale)];
    for (label, text) in texts {
        if let Some(text) = text {
            output::line(format_args!("{label}{}", output::plain(text)))?;
        }
    }
    output::line(format_args!("  enforced   its keys open {}", enforced(header, sale)))?;
    let asked = asked(sale);
    if !asked.is_empty() {
        output::line(format_args!("  asked      {}; programs can ignore that", asked.join(", ")))?;
    }
    if let Some((at, reason)) = &found.note {
        let reason = reason.as_ref().map(|reason| format!(": {}", output::plain(reason))).unwrap_or_default();
        output::line(format_args!(
            "  left out   from new tables, noted {at}{reason}; whoever has it can go on using it"
        ))?;
    }
    Ok(())
}

/// `perpetual, cut drop, 5 EUR`
pub(super) fn words(header: &Header, sale: &Sale) -> String {
    let mut said = vec![output::plain(&sale.licence)];
    said.extend(sale.cut.as_ref().map(|cut| format!("cut {}", output::plain(cut))));
    said.extend(sale.tier.as_ref().map(|tier| format!("tier {}", output::plain(tier))));
    if sale.cut.is_none() && sale.tier.is_none() {
        said.push(enforced(header, sale));
    }
    said.extend(sale.paid.as_ref().map(ToString::to_string));
    said.join(", ")
}

fn enforced(header: &Header, sale: &Sale) -> String {
    let all = header.geometry().chunks();
    let some: u32 = sale.ranges.iter().map(|[from, to]| to.saturating_sub(*from)).sum();
    if some == all { "everything".to_owned() } else { format!("{some} of {all} chunks") }
}

fn asked(sale: &Sale) -> Vec<String> {
    let moment = |at: u64| UnixTime(i64::try_from(at).unwrap_or(i64::MAX));
    let mut asked = Vec::new();
    asked.extend(sale.not_before.map(|at| format!("not before {}", moment(at))));
    asked.extend(sale.not_after.map(|at| format!("not after {}", moment(at))));
    asked.extend(sale.period.map(|seconds| match seconds {
        86_400 => "24 hours from first use".to_owned(),
        days if days % 86_400 == 0 => format!("{} days from first use", days / 86_400),
        other => format!("{other} seconds from first use"),
    }));
    asked
}

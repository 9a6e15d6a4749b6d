//! `osp license list`

use crate::{args::Global, error::CliError, output};
use osp_node::sales::{Kept, id_in_base32, report::Totals};

pub(super) fn run(global: &Global) -> Result<(), CliError> {
    let releases = super::custody(global)?.list()?;
    for release in &releases {
        let totals = Totals::of(&release.ledger().read()?);
        if global.json { json(release, &totals) } else { human(release, &totals) }?;
    }
    output::note(
        global.quiet || global.json || !releases.is_empty(),
        "No release was sealed in this home yet; «osp seal FILE... --out X.smsg» makes one.",
    );
    Ok(())
}

fn json(release: &Kept, totals: &Totals) -> Result<(), CliError> {
    let paid: serde_json::Map<_, _> =
        totals.paid.0.iter().map(|(currency, sum)| (currency.clone(), sum.to_string().into())).collect();
    output::json(&serde_json::json!({
        "release": id_in_base32(release.header.id()),
        "title": release.header.title,
        "artist": release.header.artist(),
        "path": release.path,
        "sealed": release.kept,
        "minted": totals.minted,
        "licences": totals.licences,
        "paid": paid,
        "leftOut": totals.revoked,
    }))
}

fn human(release: &Kept, totals: &Totals) -> Result<(), CliError> {
    let id = id_in_base32(release.header.id());
    output::line(format_args!("{}  \x1b[1m{}\x1b[0m", &id[..12], output::plain(&release.header.title)))?;
    let mut said: Vec<String> =
        totals.licences.iter().map(|(kind, count)| format!("{count} {}", output::plain(kind))).collect();
    if totals.minted > 0 {
        said.push(format!("{} keys made in advance", totals.minted));
    }
    if totals.revoked > 0 {
        said.push(format!("{} to be left out", totals.revoked));
    }
    let said = if said.is_empty() { "nothing sold yet".to_owned() } else { said.join(", ") };
    let paid: Vec<String> = totals.paid.0.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect();
    let paid = if paid.is_empty() { String::new() } else { format!("; {}", paid.join(", ")) };
    output::line(format_args!("              {said}{paid}"))
}

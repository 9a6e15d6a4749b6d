//! `osp license issue`

use crate::{
    args::{Global, sales::Issue},
    commands::signer,
    error::CliError,
    output, units,
};
use osp_node::{
    sales::{
        Kept, Shelf, id_in_base32,
        issue::{self, Issued, Order},
        opens::Opens,
        price::Price,
    },
    sealed::release::about,
};

pub(super) fn run(global: &Global, args: &Issue) -> Result<(), CliError> {
    let shelf = shelf(args)?;
    let order = order(args)?;
    let kept = super::custody(global)?.named(&args.release)?;
    let key = super::unlock(global, &kept, args.artist_id.as_deref())?;
    let put = |issued: &[Issued]| shelf.as_ref().map_or(Ok(()), |shelf| shelf.put(issued));
    let folder = shelf.as_ref().and_then(Shelf::folder);
    let issued = issue::issue(&kept, &key, &order, &signer::now(), folder, &mut { put })?;
    for one in &issued {
        print(global, &kept, one, shelf.as_ref(), args.link.as_deref())?;
    }
    output::note(
        global.quiet || global.json,
        match shelf {
            Some(_) => {
                "Give the buyer the key, and put the licence file beside the sealed file under the name it has. The key is not kept."
            }
            None => "Give the buyer the link: it is the licence and the key. Neither is kept.",
        },
    );
    Ok(())
}

/// Where licence files go; `None`: nowhere, they are in links.
fn shelf(args: &Issue) -> Result<Option<Shelf>, CliError> {
    Ok(match &args.out {
        None if args.link.is_some() => None,
        None => Some(Shelf::Folder(".".into())),
        Some(path) if path.extension().is_some_and(|e| e == "smsgl") && !path.is_dir() => {
            if args.count > 1 {
                return Err(CliError::usage("several licences do not fit into one file")
                    .hint("name a folder with --out"));
            }
            Some(Shelf::File(path.clone()))
        }
        Some(path) => Some(Shelf::Folder(path.clone())),
    })
}

fn order(args: &Issue) -> Result<Order, CliError> {
    let now = units::now();
    let seconds = |at: smsg::UnixTime| u64::try_from(at.0).unwrap_or(0);
    let until = args.until.map(|until| seconds(until.from(now)));
    let paid = match (&args.price, &args.currency) {
        (Some(price), Some(currency)) => Some(Price::parse(price, currency)?),
        _ => None,
    };
    Ok(Order {
        sale: about::Sale::parse(&args.kind, Some(seconds(now)), until)?,
        opens: Opens { cut: args.cut.clone(), tier: args.tier.clone(), range: args.range.clone() },
        not_before: args.from.map(seconds),
        buyer: args.buyer.clone(),
        number: args.sale.clone(),
        paid,
        count: args.count,
    })
}

fn print(
    global: &Global,
    kept: &Kept,
    issued: &Issued,
    shelf: Option<&Shelf>,
    base: Option<&str>,
) -> Result<(), CliError> {
    let path = shelf.map(|shelf| shelf.path(issued));
    let link = base.map(|base| issue::link(base, issued));
    if global.json {
        return output::json(&serde_json::json!({
            "release": id_in_base32(kept.header.id()),
            "serial": issued.sale.serial,
            "key": issued.key.shown().as_str(),
            "id": issued.sale.key,
            "name": issued.name,
            "path": path.as_ref().map(|path| path.to_string_lossy()),
            "link": link,
            "terms": super::show::terms(&issued.sale),
        }));
    }
    output::line(format_args!(
        "licence {} of «{}»: {}",
        issued.sale.serial,
        output::plain(&kept.header.title),
        super::show::words(&kept.header, &issued.sale),
    ))?;
    output::line(format_args!("  key   \x1b[1m{}\x1b[0m", issued.key.shown().as_str()))?;
    if let Some(path) = &path {
        output::line(format_args!("  file  {}", output::path(path)))?;
    }
    if let Some(link) = &link {
        output::line(format_args!("  link  {}", output::plain(link)))?;
    }
    Ok(())
}

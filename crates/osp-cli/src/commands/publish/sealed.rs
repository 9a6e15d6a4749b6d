//! `osp publish --seal`: sealed, signed with its offers, and in the catalogue in one step.

use super::{print, request, send, target};
use crate::{
    args::{Global, Publish, sales::PublishSealed},
    commands::{open, signer},
    error::{CliError, Exit},
    output, units,
    waiting::Waiting,
};
use osp_node::{
    publish::sealed::{Offering, SealedRequest, publish_sealed},
    sales::price::Price,
    sealed::{
        SealFileError,
        release::{
            ReleaseRequest,
            about::Sale,
            mint::{Minted, mint},
        },
    },
    staged,
};
use smsg::keys::licence_key::DEFAULT_PREFIX;
use std::path::PathBuf;

pub(super) async fn run(global: &Global, args: &Publish) -> Result<(), CliError> {
    let asked = sealed_request(args)?;
    let remotes = args.to.iter().map(|url| target(url)).collect::<Result<Vec<_>, _>>()?;
    let node = open(global)?;
    let identity = signer::identity(&node, args.artist_id.as_deref())?;
    let key = signer::unlock(global, &node, &identity)?;
    let waiting = Waiting::new("sealing", global.quiet || global.json);
    let done = publish_sealed(&node, &identity, &key, &asked, &signer::now(), &waiting, &|_| ()).await;
    waiting.clear();
    let done = done?;
    for remote in &remotes {
        send(global, &node, remote, &done.published).await?;
    }
    print(global, &done.published, false)?;
    output::note(
        global.quiet || global.json,
        format_args!(
            "Sell a key with «osp license issue {}». Its secret is kept in this home: back up identities and releases.",
            &done.release[..12]
        ),
    );
    Ok(())
}

fn sealed_request(args: &Publish) -> Result<SealedRequest, CliError> {
    let plain = request(args)?;
    let selling = &args.selling;
    if let Some(path) = selling.keys.as_deref().filter(|path| staged::taken(path, selling.force)) {
        return Err(SealFileError::Exists(path.to_owned()).into());
    }
    let files = |list: &str| {
        list.split(',').map(str::trim).filter(|file| !file.is_empty()).map(PathBuf::from).collect::<Vec<_>>()
    };
    let tiers =
        selling.tier.iter().flat_map(|(tier, list)| files(list).into_iter().map(|file| (tier.clone(), file)));
    Ok(SealedRequest {
        inputs: plain.inputs,
        tiers: tiers.collect(),
        overrides: plain.overrides,
        profile: plain.profile,
        release: ReleaseRequest {
            cuts: selling.cut.clone(),
            preview: selling.preview.clone(),
            prefix: selling.prefix.as_ref().map(|prefix| prefix.to_ascii_uppercase()),
            sale: sale(selling)?,
            keys: keys(selling)?,
            created: u64::try_from(units::now().0).unwrap_or(0),
            ..ReleaseRequest::default()
        },
        offers: offers(selling)?,
        keys: selling.keys.clone(),
        out: selling.out.clone(),
        force: selling.force,
    })
}

/// What keys are sold as.
fn sale(selling: &PublishSealed) -> Result<Sale, CliError> {
    Ok(Sale::parse(selling.license_type.as_deref().unwrap_or_default(), None, None)?)
}

/// Keys made in advance.
fn keys(selling: &PublishSealed) -> Result<Vec<Minted>, CliError> {
    let prefix = selling.prefix.as_ref().map(|prefix| prefix.to_ascii_uppercase());
    let prefix = prefix.as_deref().unwrap_or(DEFAULT_PREFIX);
    let mut keys: Vec<Minted> = Vec::new();
    for (opens, count) in &selling.mint {
        // From 1, each once.
        let first = u32::try_from(keys.len() + 1).unwrap_or(u32::MAX);
        let made = mint(*count, first, opens, prefix);
        keys.extend(made.map_err(|e| CliError::advised(Exit::Usage, "usage", &e.to_string()))?);
    }
    Ok(keys)
}

fn offers(selling: &PublishSealed) -> Result<Vec<Offering>, CliError> {
    let currency = selling.currency.as_deref().unwrap_or_default();
    let sale = sale(selling)?;
    let of = |text: &String| {
        let (name, amount) = match text.rsplit_once('=') {
            Some((name, amount)) => (Some(name.trim().to_owned()), amount.trim()),
            None => (None, text.as_str()),
        };
        let price = Price::parse(amount, currency)?;
        let url = selling.offer_url.clone().unwrap_or_default();
        Ok(Offering { name, price, url, sale: sale.clone() })
    };
    selling.price.iter().map(of).collect()
}

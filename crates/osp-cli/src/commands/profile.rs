//! `osp profile`: what an artist says about themselves.

use super::{publish, signer};
use crate::{
    args::{
        Global,
        social::{Field, Profile as Args, ProfileEdit as Edit},
    },
    error::{CliError, Exit},
    output,
};
use osp_core::{
    did::Did,
    record::{Link, Profile, Record},
};
use osp_node::{
    publish::remote,
    social::profile::{Clear, ProfileEdit, edit},
};
use osp_store::Social as _;

pub(super) async fn run(global: &Global, args: Args) -> Result<(), CliError> {
    match args {
        Args::Edit(args) => change(global, *args).await,
        Args::Show { did } => show(global, did.as_deref()).await,
    }
}

async fn change(global: &Global, args: Edit) -> Result<(), CliError> {
    let remotes = args.to.iter().map(|url| publish::target(url)).collect::<Result<Vec<_>, _>>()?;
    let link = |(name, url): (String, String)| Link { name, url };
    let changes = ProfileEdit {
        name: args.name,
        bio: args.bio,
        avatar: args.avatar,
        banner: args.banner,
        links: args.link.into_iter().map(link).collect(),
        donations: args.donate.into_iter().map(link).collect(),
        clear: args.clear.into_iter().map(clear).collect(),
    };
    if changes == ProfileEdit::default() {
        return Err(CliError::usage("there is nothing to change")
            .hint("name what to change, as in --bio TEXT; «osp profile edit --help» lists it"));
    }
    let node = super::open(global)?;
    let identity = signer::identity(&node, args.artist_id.as_deref())?;
    let key = signer::unlock(global, &node, &identity)?;
    let record = edit(&node, &key, &identity.name, changes, &signer::now()).await?;
    for target in &remotes {
        remote::send(&node, target, &record).await?;
    }
    if global.json {
        output::json_line(&record.to_bytes())
    } else {
        output::line(format_args!("signed  {}", record.id().as_str()))
    }
}

fn clear(field: Field) -> Clear {
    match field {
        Field::Bio => Clear::Bio,
        Field::Avatar => Clear::Avatar,
        Field::Banner => Clear::Banner,
        Field::Links => Clear::Links,
        Field::Donations => Clear::Donations,
    }
}

async fn show(global: &Global, did: Option<&str>) -> Result<(), CliError> {
    let node = super::open(global)?;
    let did = match did {
        Some(did) => super::did(did)?,
        None => node.identities().default()?.artist().clone(),
    };
    let stored = node.store().profile(&did).await?.ok_or_else(|| unknown(&did))?;
    if global.json {
        return output::json_line(&stored.json);
    }
    let record = Record::parse(&stored.json).map_err(|e| CliError::local("store", e.to_string()))?;
    match record.as_profile() {
        Some(profile) => output::line(describe(profile)),
        None => Err(unknown(&did)),
    }
}

fn unknown(did: &Did) -> CliError {
    CliError::new(Exit::NotFound, "not-found", format!("no profile of {did} is here"))
        .hint("«osp profile edit» makes your own")
}

/// A profile in lines.
fn describe(profile: &Profile) -> String {
    let mut lines = vec![
        format!("\x1b[1m{}\x1b[0m", output::plain(profile.name())),
        profile.artist().to_string(),
        format!("updated {}", profile.updated()),
    ];
    for (label, cid) in [("avatar", profile.avatar()), ("banner", profile.banner())] {
        lines.extend(cid.map(|cid| format!("{label}  {cid}")));
    }
    if let Some(bio) = profile.bio().filter(|bio| !bio.is_empty()) {
        lines.push(String::new());
        lines.push(output::plain_lines(bio));
    }
    for (label, links) in [("links", profile.links()), ("donations", profile.donations())] {
        if !links.is_empty() {
            lines.push(String::new());
            lines.push(label.to_owned());
            lines.extend(links.iter().map(|l| format!("  {}  {}", output::plain(&l.name), l.url)));
        }
    }
    lines.join("\n")
}

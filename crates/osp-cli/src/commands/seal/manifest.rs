//! What a release says in the clear: a JSON file, and flags that go before it.

use crate::{
    args::sealed::Seal,
    error::{CliError, Exit},
};
use smsg::{Manifest, UnixTime};
use std::io::Read as _;

/// Longest manifest file, bytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// The manifest, if there is anything to say.
pub(super) struct Read {
    pub(super) manifest: Option<Manifest>,
    /// Of each track, what only releases say.
    pub(super) tracks: Vec<TrackMore>,
    /// A warning: members of the file that no reader knows.
    pub(super) unknown: Option<String>,
}

/// What the older formats have no word for.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(super) struct TrackMore {
    /// Whose it is, in a mix.
    pub(super) artist: Option<String>,
    /// Where a loop begins and ends, seconds.
    #[serde(rename = "loop")]
    pub(super) repeat: Option<(f64, f64)>,
}

impl TrackMore {
    /// In milliseconds.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "looked at when they were read"
    )]
    pub(super) fn millis(&self) -> Option<(u64, u64)> {
        let millis = |seconds: f64| (seconds * 1000.0).round() as u64;
        self.repeat.map(|(from, to)| (millis(from), millis(to)))
    }

    /// Times that a player can go to.
    fn is_sound(&self) -> bool {
        self.repeat.is_none_or(|(from, to)| from >= 0.0 && to > from && to < 1e9)
    }
}

pub(super) fn of(args: &Seal, now: UnixTime) -> Result<Read, CliError> {
    let (mut manifest, tracks, unknown) = match &args.manifest {
        Some(path) => from_file(path)?,
        None => (Manifest::default(), Vec::new(), None),
    };
    let texts = [
        (&mut manifest.title, &args.title),
        (&mut manifest.artist, &args.artist),
        (&mut manifest.album, &args.album),
        (&mut manifest.license_type, &args.license_type),
    ];
    for (member, text) in texts {
        if let Some(text) = text {
            member.clone_from(text);
        }
    }
    manifest.links.extend(args.link.iter().cloned());
    if let Some(end) = args.expires {
        manifest.expires_at = end.from(now).0;
    }
    if manifest == Manifest::default() && args.manifest.is_none() {
        return Ok(Read { manifest: None, tracks, unknown });
    }
    if manifest.issued_at == 0 {
        manifest.issued_at = now.0;
    }
    Ok(Read { manifest: Some(manifest), tracks, unknown })
}

type FromFile = (Manifest, Vec<TrackMore>, Option<String>);

fn from_file(path: &std::path::Path) -> Result<FromFile, CliError> {
    let mut json = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(MAX_MANIFEST + 1).read_to_end(&mut json));
    read.map_err(|e| CliError::file(path, &e))?;
    let bad = |what: String| {
        CliError::new(Exit::Bad, "malformed", format!("{} is no manifest: {what}", path.display())).hint(
            "write a JSON object with title, artist, album, genre, year, tracks, links, tags, license_type and the like",
        )
    };
    if json.len() as u64 > MAX_MANIFEST {
        return Err(bad("it is larger than 1 MiB".to_owned()));
    }
    let raw: serde_json::Map<_, _> = serde_json::from_slice(&json).map_err(|e| bad(e.to_string()))?;
    let manifest: Manifest = serde_json::from_slice(&json).map_err(|e| bad(e.to_string()))?;
    let tracks = raw.get("tracks").cloned().map(serde_json::from_value::<Vec<TrackMore>>).transpose();
    let tracks = tracks.map_err(|e| bad(format!("its tracks: {e}")))?.unwrap_or_default();
    if let Some(at) = tracks.iter().position(|track| !track.is_sound()) {
        return Err(bad(format!("the loop of track {} does not begin before it ends", at + 1)));
    }
    let known = |member: &String| KNOWN.contains(&member.as_str());
    let unknown: Vec<_> = raw.keys().filter(|m| !known(m)).map(String::as_str).collect();
    let warning = (!unknown.is_empty()).then(|| {
        format!("{} has members that no reader knows, left out: {}", path.display(), unknown.join(", "))
    });
    Ok((manifest, tracks, warning))
}

/// The members of a manifest.
const KNOWN: [&str; 15] = [
    "title",
    "artist",
    "album",
    "genre",
    "year",
    "release_type",
    "duration",
    "format",
    "expires_at",
    "issued_at",
    "license_type",
    "tracks",
    "links",
    "tags",
    "extra",
];

//! From bytes to a verified header.

use super::{
    Header, PREFIX,
    geometry::Geometry,
    part::{Cut, Part, Track, segments},
};
use crate::v3::{
    FileId,
    error::{Refused, shortened},
    json::{self, Members, Signed},
    limits::{MAX_CUTS, MAX_LINKS, MAX_PARTS, MAX_TRACKS},
    signing::Verifier,
};
use sha2::{Digest as _, Sha256};

const HEADER: &str = "the header";

/// Members that this text defines.
pub(super) const KNOWN: [&str; 15] = [
    "artist",
    "created",
    "crit",
    "cuts",
    "digest",
    "key",
    "keyPrefix",
    "links",
    "parts",
    "salt",
    "signature",
    "title",
    "tracks",
    "type",
    "version",
];

pub(super) fn parse(bytes: &[u8], verifier: &dyn Verifier) -> Result<Header, Refused> {
    let length = Header::length(bytes)?;
    match bytes.len() {
        len if len < length => return Err(Refused::Truncated("its header")),
        len if len > length => return Err(Refused::TrailingBytes(HEADER)),
        _ => {}
    }
    let object = json::parse(&bytes[PREFIX..], HEADER)?;
    let members = Members::of(&object, HEADER);
    let version = members.text("version")?;
    if version != "3.0" {
        return Err(Refused::UnsupportedVersion(shortened(version)));
    }
    members.critical(&KNOWN)?;
    let Signed { artist, key, standing } = json::verify(&object, "smsg:Header", HEADER, None, verifier)?;
    let (artist, key) = (artist.to_owned(), key.map(str::to_owned));
    members.exactly::<32>("salt")?;

    let parts: Vec<Members<'_>> = members
        .array("parts", 1, MAX_PARTS)?
        .iter()
        .map(|part| Members::inside(part, "part", "parts"))
        .collect::<Result<_, _>>()?;
    let lengths: Vec<Vec<u64>> = parts.iter().map(segments).collect::<Result<_, _>>()?;
    let geometry = Geometry::new(lengths.iter().map(Vec::as_slice))?;
    let chunks = geometry.chunks();
    let parts: Vec<Part> = parts
        .iter()
        .enumerate()
        .map(|(number, part)| Part::parse(part, &geometry, number))
        .collect::<Result<_, _>>()?;
    unique(parts.iter().map(|part| &part.name), "parts")?;
    let cuts: Vec<Cut> = members
        .list("cuts", 0, MAX_CUTS)?
        .iter()
        .map(|cut| Cut::parse(&Members::inside(cut, "cut", "cuts")?, chunks))
        .collect::<Result<_, _>>()?;
    unique(cuts.iter().map(|cut| &cut.name), "cuts")?;
    let tracks = members
        .list("tracks", 0, MAX_TRACKS)?
        .iter()
        .map(|track| Track::parse(&Members::inside(track, "track", "tracks")?, chunks))
        .collect::<Result<_, _>>()?;

    let digests = match members.maybe("digest", Members::text)? {
        Some("blake3") => true,
        Some(_) => return Err(members.bad("digest")),
        None => false,
    };
    let key_prefix = members.maybe("keyPrefix", Members::owned)?;
    if key_prefix.as_deref().is_some_and(|prefix| !is_prefix(prefix)) {
        return Err(members.bad("keyPrefix"));
    }
    Ok(Header {
        id: FileId(Sha256::digest(bytes).into()),
        bytes: bytes.to_vec(),
        artist,
        key,
        standing,
        title: members.owned("title")?,
        created: members.integer("created")?,
        key_prefix,
        digests,
        parts,
        tracks,
        cuts,
        links: members.map("links", MAX_LINKS)?,
        geometry,
        object,
    })
}

fn is_prefix(text: &str) -> bool {
    (2..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Every name once.
fn unique<'a>(names: impl Iterator<Item = &'a String>, member: &'static str) -> Result<(), Refused> {
    let mut names: Vec<&String> = names.collect();
    names.sort_unstable();
    match names.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(Refused::BadMember { of: HEADER, member }),
        false => Ok(()),
    }
}

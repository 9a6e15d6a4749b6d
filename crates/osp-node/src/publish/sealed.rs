//! `osp publish --seal`: music becomes one sealed release, and the release one signed Track Record that says what is inside and where
//! keys to it are sold.
//!
//! ```text
//! files ── seal ── root kept with the identity ── sealed file ── CID, pieces, stored ──┐
//!                                                        └─ header: sealed, duration ─┴─ record with offers ── signed
//! ```
//!
//! Sealing draws new secrets each time: publishing the same files again makes another release. To sell more keys to one that is out,
//! issue licences (`crate::sales`).

use super::{
    Covers, Overrides, PublishError, PublishEvent, Published, discover, ingest, keep, make_own, metadata,
};
use crate::{
    Node,
    identity::{Identity, Signatory},
    sales::{Custody, CustodyError, Deposit, id_in_base32, price::Price},
    sealed::{
        SealFileError, Watch,
        release::{
            ReleaseRequest, SealedRelease,
            about::Sale,
            draft::ReleaseFile,
            id_text, mint, open,
            ranges::{Stretch, Stretches},
            seal_release,
        },
        signing::Artist,
    },
};
use osp_core::{
    json::Json,
    record::{Offer, Preview, Sealed, SealedPart},
    unixfs::Profile,
};
use osp_media::AudioFormat;
use smsg::v3::{Header, open::Expected};
use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

/// What to seal and publish.
#[derive(Clone, Debug)]
pub struct SealedRequest {
    /// Music, in this order: files and folders.
    pub inputs: Vec<PathBuf>,
    /// Files of tiers, music or not; one that is among the inputs gets its tier by this.
    pub tiers: Vec<(String, PathBuf)>,
    /// What flags say of the record.
    pub overrides: Overrides,
    /// The profile of the CID in the record.
    pub profile: Profile,
    /// Cuts, preview, prefix, time; its files and title are found here.
    pub release: ReleaseRequest,
    /// Where keys are sold.
    pub offers: Vec<Offering>,
    /// Where the keys of `release` are written, before the file they open is anywhere.
    pub keys: Option<PathBuf>,
    /// Where the sealed file goes besides the store.
    pub out: Option<PathBuf>,
    /// Replace it there.
    pub force: bool,
}

/// A price for everything, or for a cut or tier.
#[derive(Clone, Debug)]
pub struct Offering {
    /// Cut or tier.
    pub name: Option<String>,
    /// How much.
    pub price: Price,
    /// Where.
    pub url: String,
    /// What kind of licence.
    pub sale: Sale,
}

/// What came of it.
#[derive(Debug)]
pub struct SealedPublished {
    /// The track.
    pub published: Published,
    /// The release's id, by which licences are issued.
    pub release: String,
}

/// Seals, keeps the keys, stores, signs. `created` is now (RFC 3339, UTC). Must run on a multi-thread runtime.
///
/// # Errors
/// [`PublishError`]; what was sealed then is not published, and its keys are kept for nothing.
pub async fn publish_sealed(
    node: &Node,
    identity: &Identity,
    signer: &Signatory,
    request: &SealedRequest,
    created: &str,
    watch: &dyn Watch,
    progress: &(dyn Fn(PublishEvent<'_>) + Send + Sync),
) -> Result<SealedPublished, PublishError> {
    super::check_urls(&request.overrides)?;
    let mut tracks = tokio::task::block_in_place(|| discover::discover(&request.inputs))?;
    let Some(first) = tracks.first().cloned() else {
        return Err(PublishError::NothingPlayable(request.inputs.first().cloned().unwrap_or_default()));
    };
    if let Some(sealed) = tracks.iter().find(|track| track.info.format == AudioFormat::Sealed) {
        return Err(PublishError::SealedAlready(sealed.path.clone()));
    }
    let release = release(request, &tracks);
    // One record for all: what is the first track's alone does not stand for the release.
    let mut about = first.clone();
    about.info.title = Some(release.about.title.clone());
    about.info.format = AudioFormat::Sealed;
    if tracks.len() > 1 {
        (about.info.track_number, about.info.disc_number) = (None, None);
    }
    let offers = offers(request)?;
    let cover = tracks.iter_mut().find(|track| track.has_cover).map_or(first, |track| track.clone());
    let artwork = match Covers::new(&request.overrides)?.of(&cover)? {
        Some(bytes) => Some(super::keep_picture(node, bytes).await?),
        None => None,
    };

    let folder = tempfile::tempdir_in(node.home().root())
        .map_err(|source| PublishError::Unreadable { path: node.home().root().to_owned(), source })?;
    let path = request.out.clone().unwrap_or_else(|| folder.path().join("release.smsg"));
    let sealed =
        tokio::task::block_in_place(|| seal(node, signer, &release, &path, request, created, watch))?;
    let mut profiles = vec![Profile::V1_2025];
    profiles.extend((request.profile != Profile::V1_2025).then_some(request.profile));
    let hashed = ingest::ingest_file(node.blobs(), &path, &profiles, false, progress).await?;
    let root = hashed.layouts[profiles.len() - 1].root;
    make_own(node, &root, false).await?;
    let torrent = hashed.torrent.as_ref().expect("ingest always hashes pieces");
    let inside = describe(&sealed.header, &path, &release)?;
    about.info.duration_seconds = duration(&inside);
    let content = metadata::Content { cid: root, torrent, artwork, waveform: None, lyrics: None };
    let mut draft = metadata::draft(&about, &request.overrides, &identity.name, &content)?;
    draft.set("sealed", inside.to_json());
    if !offers.is_empty() {
        draft.set("offers", Json::Array(offers.iter().map(Offer::to_json).collect()));
    }
    let (record, put) =
        keep(node, signer, draft.sign_as(signer.artist(), signer.key(), Some(created))?, false).await?;
    let published = Published { path, record, put, same_audio_as: None, artwork };
    progress(PublishEvent::Done(&published));
    Ok(SealedPublished { published, release: id_in_base32(sealed.header.id()) })
}

/// The release with its files and title.
fn release(request: &SealedRequest, tracks: &[discover::Found]) -> ReleaseRequest {
    let mut release = request.release.clone();
    let tier_of =
        |path: &Path| request.tiers.iter().find(|(_, file)| file == path).map(|(tier, _)| tier.clone());
    release.files = tracks
        .iter()
        .map(|track| ReleaseFile { tier: tier_of(&track.path), path: track.path.clone() })
        .collect();
    for (tier, path) in &request.tiers {
        if !release.files.iter().any(|file| file.path == *path) {
            release.files.push(ReleaseFile { path: path.clone(), tier: Some(tier.clone()) });
        }
    }
    let first = &tracks[0];
    let album = || request.overrides.album.clone().or_else(|| first.info.album.clone());
    let of_tracks = if tracks.len() > 1 { album() } else { None };
    let title = request.overrides.title.clone().or(of_tracks).or_else(|| first.info.title.clone());
    release.about.title = title.unwrap_or_else(|| "Untitled".to_owned());
    release
}

fn seal(
    node: &Node,
    signer: &Signatory,
    release: &ReleaseRequest,
    path: &Path,
    request: &SealedRequest,
    created: &str,
    watch: &dyn Watch,
) -> Result<SealedRelease, PublishError> {
    let custody = Custody::open(node.home().root());
    let mut failed: Option<CustodyError> = None;
    let mut keep = |sealed: &SealedRelease| {
        let place = request.out.as_deref().and_then(|out| std::path::absolute(out).ok());
        let deposit = Deposit {
            header: &sealed.header,
            keys: &sealed.keys,
            path: place.as_deref(),
            minted: &sealed.minted,
            at: created,
        };
        custody.keep(&deposit, signer).map_err(|error| {
            failed = Some(error);
            SealFileError::Stopped
        })?;
        match &request.keys {
            Some(path) => mint::write_list(&release.keys, path, request.force),
            None => Ok(()),
        }
    };
    let sealed = seal_release(release, &Artist::new(signer), path, request.force, watch, &mut keep);
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(sealed?),
    }
}

/// What the record says of the file: from its own header and table.
fn describe(header: &Header, path: &Path, release: &ReleaseRequest) -> Result<Sealed, PublishError> {
    let unreadable = |source| PublishError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    let (front, _) = open::front(&mut file, length, Expected::default())?;
    let open = front.table.as_ref().map(|head| head.open_grants(header)).transpose();
    let open = open.map_err(crate::sealed::release::ReleaseError::from)?.unwrap_or_default();
    let music = |part: &&smsg::v3::header::Part| part.mime != "application/json";
    // Ticks in a double: exact for any length of music.
    #[allow(clippy::cast_precision_loss)]
    let seconds = |part: &smsg::v3::header::Part| Some(part.duration? as f64 / part.scale? as f64);
    let stretches: BTreeMap<&str, &Stretches> =
        release.cuts.iter().map(|(name, stretches)| (name.as_str(), stretches)).collect();
    Ok(Sealed {
        file: id_text(header.id()),
        version: "3.0".to_owned(),
        parts: header
            .parts()
            .iter()
            .filter(music)
            .map(|part| SealedPart {
                format: part.mime.clone(),
                tier: part.tier.clone(),
                duration: seconds(part).map(millis),
            })
            .collect(),
        cuts: header
            .cuts
            .iter()
            .map(|cut| (cut.name.clone(), stretches.get(cut.name.as_str()).and_then(|said| length_of(said))))
            .collect(),
        previews: open
            .iter()
            .map(|granted| Preview {
                ranges: granted
                    .terms
                    .ranges
                    .as_slice()
                    .iter()
                    .map(|range| (range.start, range.end))
                    .collect(),
                duration: release.preview.as_ref().and_then(length_of),
            })
            .collect(),
    })
}

/// Seconds of stretches of which all say when they end.
fn length_of(stretches: &Stretches) -> Option<f64> {
    let lengths: Option<Vec<u64>> = stretches
        .0
        .iter()
        .map(|stretch| match stretch {
            Stretch::Time { from, to } => Some((*to)? - from),
            Stretch::Tracks(_) => None,
        })
        .collect();
    #[allow(clippy::cast_precision_loss)]
    lengths.map(|lengths| lengths.iter().sum::<u64>() as f64 / 1000.0)
}

fn millis(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// How long the release plays: its longest tier, with what belongs to all.
fn duration(inside: &Sealed) -> Option<f64> {
    let of = |tier: Option<&str>| {
        let parts = inside.parts.iter().filter(|part| part.tier.is_none() || part.tier.as_deref() == tier);
        parts.filter_map(|part| part.duration).sum::<f64>()
    };
    let tiers = inside.parts.iter().map(|part| part.tier.as_deref());
    tiers.map(of).reduce(f64::max).filter(|seconds| *seconds > 0.0).map(millis)
}

/// Offers as the record has them; what no reader would take is refused here.
fn offers(request: &SealedRequest) -> Result<Vec<Offer>, PublishError> {
    let of = |offering: &Offering| {
        let named = |name: &String| {
            let cut = request.release.cuts.iter().any(|(cut, _)| cut == name);
            let tier = request.tiers.iter().any(|(tier, _)| tier == name);
            if cut || tier {
                Ok(cut)
            } else {
                Err(PublishError::Offer(format!("there is no cut and no tier {name:?}")))
            }
        };
        let is_cut = offering.name.as_ref().map(named).transpose()?;
        let name = |wanted: bool| offering.name.clone().filter(|_| is_cut == Some(wanted));
        let offer = Offer {
            price: offering.price.amount.to_string(),
            currency: offering.price.currency.clone(),
            url: offering.url.clone(),
            licence: Some(offering.sale.kind.as_str().to_owned()),
            period: offering.sale.period,
            cut: name(true),
            tier: name(false),
        };
        let taken = Offer::list(Some(&Json::Array(vec![offer.to_json()])));
        if taken.is_empty() {
            let reason = "its address is no web address, or a name in it is too long";
            return Err(PublishError::Offer(reason.to_owned()));
        }
        Ok(offer)
    };
    request.offers.iter().map(of).collect()
}

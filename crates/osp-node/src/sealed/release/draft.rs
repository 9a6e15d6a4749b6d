//! From files and stretches to a header: parts, segments that begin where cuts do, sets of chunks, time indexes.
//!
//! ```text
//! file      |----- frames ------------------------------------------|
//! stretch          0:30 ............ 1:08
//! cut at           last frame before     first frame at or behind        so a cut never lacks what it promises
//! segments  |------|---------------------|--------------------------|    each begins a new chunk
//! ```

use super::{
    DraftError,
    about::{About, PREVIEW_SECONDS},
    ranges::{Stretch, Stretches},
};
use crate::{
    filename::Distinct,
    sealed::{SealFileError, seal::Part},
};
use osp_media::Timeline;
use smsg::v3::{
    header::{Cut, Geometry, HeaderDraft, Mark, PartDraft, TimeIndex, Track},
    limits::{MAX_INIT, MAX_SEGMENTS},
    ranges::Ranges,
};
use std::{collections::BTreeSet, ops::Range, path::PathBuf};

/// Bytes of all time indexes together: the header has to hold them, in base64, with everything else.
const INDEXES: usize = 24 << 10;

/// Bytes of what decoders need first, of all parts together.
const INITS: usize = 12 << 10;

/// Bytes before the first frame (tags, pictures) that the beginning of a cut may have with it.
const PREAMBLE: u64 = 32 << 10;

/// The name of the part that holds the message.
pub const MESSAGE: &str = "message.json";

/// The header's member that names the part with the message.
pub const MESSAGE_MEMBER: &str = "message";

/// A file to seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseFile {
    /// Where; `-` is standard input.
    pub path: PathBuf,
    /// Which price buys it; without, all do.
    pub tier: Option<String>,
}

/// A part that was looked at.
#[derive(Debug)]
pub(super) struct Planned {
    name: String,
    mime: String,
    tier: Option<String>,
    size: u64,
    timeline: Option<Timeline>,
}

impl Planned {
    pub(super) fn of_file(
        part: &mut Part,
        tier: Option<String>,
        names: &mut Distinct,
    ) -> Result<Self, SealFileError> {
        let attachment = part.attachment.clone();
        if attachment.size == 0 {
            return Err(DraftError::Empty(attachment.name).into());
        }
        let read = |part: &mut Part| {
            let file = part.file()?;
            // Damaged music is sealed as it is: it has no time line then.
            let timeline = osp_media::timeline(&mut *file, &attachment.mime).ok().flatten();
            std::io::Seek::rewind(file)?;
            part.close();
            Ok(timeline)
        };
        let path = part.path.clone();
        let timeline = read(part).map_err(|source| SealFileError::Input { path, source })?;
        Ok(Self {
            name: names.take(attachment.name),
            mime: attachment.mime,
            tier,
            size: attachment.size,
            timeline,
        })
    }

    pub(super) fn message(size: u64, names: &mut Distinct) -> Self {
        let name = names.take(MESSAGE.to_owned());
        Self { name, mime: "application/json".into(), tier: None, size, timeline: None }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn is_music(&self) -> bool {
        self.timeline.is_some() || self.mime.starts_with("audio/") || self.mime.starts_with("video/")
    }

    /// A time line by which a player can begin in the middle.
    fn cuttable(&self) -> Option<&Timeline> {
        let needs_init = self.mime.ends_with("/mp4") || self.mime.ends_with("m4a");
        self.timeline.as_ref().filter(|line| line.init.is_some() || !needs_init)
    }

    /// The bytes of a stretch of time; `None` if it lies behind the end, or nothing is known of times.
    fn bytes(&self, from: u64, to: Option<u64>) -> Option<Range<u64>> {
        let line = self.cuttable()?;
        let ticks = |millis: u64| {
            let ticks = u128::from(millis) * u128::from(line.scale) / 1000;
            u64::try_from(ticks).unwrap_or(u64::MAX)
        };
        let from_ticks = ticks(from);
        if from_ticks >= line.duration {
            return None;
        }
        let first = line.frames.first()?;
        let start = if from_ticks <= first.ticks {
            // Pictures in front are not worth their bytes, where frames alone do.
            if first.byte > PREAMBLE { first.byte } else { 0 }
        } else {
            let after = line.frames.partition_point(|mark| mark.ticks <= from_ticks);
            line.frames[after.saturating_sub(1)].byte
        };
        let end = match to.map(ticks) {
            Some(to) if to < line.duration => {
                let at = line.frames.partition_point(|mark| mark.ticks < to);
                line.frames.get(at).map_or(self.size, |mark| mark.byte)
            }
            _ => self.size,
        };
        (start < end).then_some(start..end)
    }
}

/// What sets of chunks are asked for, and what they come to.
pub(super) struct Plan<'p> {
    parts: &'p [Planned],
    marks: Vec<Track>,
}

impl<'p> Plan<'p> {
    /// Marks of a single file are known by its time line; of several files, only when they play is known.
    pub(super) fn new(parts: &'p [Planned], about: &About) -> Self {
        let music: Vec<_> = parts.iter().filter(|part| part.is_music()).collect();
        let length = match music.as_slice() {
            [one] => one.timeline.as_ref().map(|line| line.duration.saturating_mul(1000) / line.scale.max(1)),
            _ => None,
        };
        let mut marks = about.tracks.clone();
        for mark in &mut marks {
            if mark.end <= mark.start {
                mark.end = length.unwrap_or(0);
            }
        }
        marks.retain(|mark| mark.end > mark.start);
        Self { parts, marks }
    }

    /// The bytes of a stretch, by part.
    fn places(&self, stretch: &Stretch) -> Result<Vec<(usize, Range<u64>)>, DraftError> {
        let all = || self.parts.iter().enumerate();
        let music: Vec<usize> = all().filter(|(_, part)| part.is_music()).map(|(at, _)| at).collect();
        match stretch {
            Stretch::Time { from, to } => {
                Ok(all().filter_map(|(at, part)| Some((at, part.bytes(*from, *to)?))).collect())
            }
            Stretch::Tracks(tracks) if music.len() == 1 && !self.marks.is_empty() => {
                let marks = self.marks.get(tracks.start() - 1..*tracks.end());
                let marks = marks.ok_or(DraftError::NoSuchTrack(*tracks.end(), self.marks.len()))?;
                let (from, to) = (marks.first().map_or(0, |m| m.start), marks.last().map_or(0, |m| m.end));
                Ok(self.parts[music[0]]
                    .bytes(from, Some(to))
                    .map(|bytes| (music[0], bytes))
                    .into_iter()
                    .collect())
            }
            Stretch::Tracks(tracks) => {
                let files = music.get(tracks.start() - 1..*tracks.end());
                let files = files.ok_or(DraftError::NoSuchTrack(*tracks.end(), music.len()))?;
                Ok(files.iter().map(|at| (*at, 0..self.parts[*at].size)).collect())
            }
        }
    }

    fn all_places(&self, name: &str, stretches: &Stretches) -> Result<Vec<(usize, Range<u64>)>, DraftError> {
        let mut places = Vec::new();
        for stretch in &stretches.0 {
            places.extend(self.places(stretch)?);
        }
        if places.is_empty() {
            return Err(DraftError::Nothing(name.to_owned()));
        }
        Ok(places)
    }

    /// With segments that begin and end where these stretches do.
    pub(super) fn lay_out<'s>(
        self,
        stretches: impl Iterator<Item = (&'s str, &'s Stretches)>,
    ) -> Result<Layout<'p>, DraftError> {
        let mut bounds: Vec<BTreeSet<u64>> = self.parts.iter().map(|part| [0, part.size].into()).collect();
        for (name, stretches) in stretches {
            for (part, bytes) in self.all_places(name, stretches)? {
                bounds[part].extend([bytes.start, bytes.end]);
            }
        }
        let music = self.parts.iter().position(Planned::is_music);
        for mark in &self.marks {
            if let Some((part, bytes)) = music.and_then(|at| Some((at, self.mark(at, mark)?))) {
                bounds[part].extend([bytes.start, bytes.end]);
            }
        }
        if bounds.iter().map(BTreeSet::len).sum::<usize>() <= MAX_SEGMENTS {
            for (part, bytes) in self.beginnings() {
                bounds[part].insert(bytes.end);
            }
        }
        let segments: Vec<Vec<u64>> = bounds
            .iter()
            .map(|bounds| bounds.iter().zip(bounds.iter().skip(1)).map(|(from, to)| to - from).collect())
            .collect();
        let geometry = Geometry::new(segments.iter().map(Vec::as_slice)).map_err(DraftError::Refused)?;
        Ok(Layout { plan: self, segments, geometry })
    }

    /// The first 30 seconds of each file of music. A chunk ends there, so that they are whole as soon as their own bytes are
    /// there, and a preview that is thought of later is exact.
    fn beginnings(&self) -> Vec<(usize, Range<u64>)> {
        let first = Stretches::first_seconds(PREVIEW_SECONDS);
        first.0.iter().filter_map(|stretch| self.places(stretch).ok()).flatten().collect()
    }

    /// Where a mark of a single file lies.
    fn mark(&self, part: usize, mark: &Track) -> Option<Range<u64>> {
        let alone = self.parts.iter().filter(|part| part.is_music()).count() == 1;
        alone.then(|| self.parts[part].bytes(mark.start, Some(mark.end))).flatten()
    }
}

/// Every byte has its chunk.
pub(super) struct Layout<'p> {
    plan: Plan<'p>,
    segments: Vec<Vec<u64>>,
    geometry: Geometry,
}

impl Layout<'_> {
    /// How many chunks there are.
    pub(super) fn chunks(&self) -> u32 {
        self.geometry.chunks()
    }

    /// The chunks of stretches.
    pub(super) fn ranges(&self, name: &str, stretches: &Stretches) -> Result<Ranges, DraftError> {
        let places = self.plan.all_places(name, stretches)?;
        let chunks = places.into_iter().filter_map(|(part, bytes)| self.geometry.chunks_of(part, bytes));
        Ranges::union(chunks).map_err(DraftError::Refused)
    }

    /// The chunks of a tier: its own parts, and those of none.
    pub(super) fn tier(&self, tier: &str) -> Result<Ranges, DraftError> {
        let of_tier = |part: &Planned| part.tier.as_deref().is_none_or(|of| of == tier);
        if !self.plan.parts.iter().any(|part| part.tier.as_deref() == Some(tier)) {
            return Err(DraftError::NoSuchName(tier.to_owned()));
        }
        let parts = self.plan.parts.iter().enumerate().filter(|(_, part)| of_tier(part));
        Ranges::union(parts.filter_map(|(at, _)| self.geometry.part(at))).map_err(DraftError::Refused)
    }

    /// The header.
    pub(super) fn header(
        &self,
        about: &About,
        cuts: &[(String, Stretches)],
        key_prefix: Option<String>,
        created: u64,
    ) -> Result<HeaderDraft, DraftError> {
        let mut tracks = self.plan.marks.clone();
        let music = self.plan.parts.iter().position(Planned::is_music);
        for track in &mut tracks {
            let place = music.and_then(|at| Some((at, self.plan.mark(at, track)?)));
            let chunks = place.and_then(|(at, bytes)| self.geometry.chunks_of(at, bytes));
            track.ranges = chunks.and_then(|chunks| Ranges::union([chunks]).ok());
        }
        let cuts = cuts
            .iter()
            .map(|(name, stretches)| {
                Ok(Cut { name: name.clone(), title: None, ranges: self.ranges(name, stretches)? })
            })
            .collect::<Result<_, DraftError>>()?;
        Ok(HeaderDraft {
            title: about.title.clone(),
            created,
            key_prefix,
            digests: true,
            parts: self.parts(),
            tracks,
            cuts,
            links: about.links.clone(),
            more: about.more.clone(),
        })
    }

    fn parts(&self) -> Vec<PartDraft> {
        let lines = self.plan.parts.iter().filter(|part| part.timeline.is_some()).count();
        let room = INDEXES / lines.max(1);
        let mut inits = INITS;
        let draft = |(at, part): (usize, &Planned)| {
            let line = part.timeline.as_ref();
            let frames: Vec<Mark> = line.map_or_else(Vec::new, |line| {
                line.frames.iter().map(|mark| Mark { ticks: mark.ticks, byte: mark.byte }).collect()
            });
            let index = TimeIndex::build_within(&self.geometry, at, &frames, room);
            let init = line.and_then(|line| line.init.clone());
            let init = init.filter(|init| !init.is_empty() && init.len() <= inits.min(MAX_INIT));
            inits -= init.as_ref().map_or(0, Vec::len);
            PartDraft {
                name: part.name.clone(),
                mime: part.mime.clone(),
                tier: part.tier.clone(),
                segments: self.segments[at].clone(),
                init,
                scale: line.map(|line| line.scale),
                duration: line.map(|line| line.duration),
                index: index.filter(|(bytes, _)| !bytes.is_empty()),
            }
        };
        self.plan.parts.iter().enumerate().map(draft).collect()
    }
}

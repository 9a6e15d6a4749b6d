//! Parts, tracks and cuts: what the header says of the media.

use super::{geometry::Geometry, index::TimeIndex};
use crate::v3::{
    error::Refused,
    json::{self, Members, Object},
    limits::{MAX_INDEX, MAX_INIT, MAX_SEGMENTS},
    ranges::Ranges,
};
use serde_json::Value;

/// One media file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// File name: a stranger's word, not a path.
    pub name: String,
    /// Media type: a stranger's word too.
    pub mime: String,
    /// Which price buys it.
    pub tier: Option<String>,
    /// What a decoder needs before any frame; in the clear.
    pub init: Option<Vec<u8>>,
    /// Ticks in a second.
    pub scale: Option<u64>,
    /// Length, ticks.
    pub duration: Option<u64>,
    /// From moments to bytes; empty if the header has none.
    pub index: TimeIndex,
}

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Title.
    pub title: String,
    /// Who plays it, if that is not the release's artist.
    pub artist: Option<String>,
    /// Kind of mix, in the DJ's words.
    pub mix: Option<String>,
    /// Begins, milliseconds.
    pub start: u64,
    /// Ends, milliseconds.
    pub end: u64,
    /// Loop points, milliseconds.
    pub repeat: Option<(u64, u64)>,
    /// Its chunks in all parts that have it.
    pub ranges: Option<Ranges>,
}

/// A declared cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What terms call it.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// Its chunks.
    pub ranges: Ranges,
}

/// A part as a writer brings it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartDraft {
    /// File name.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// Which price buys it.
    pub tier: Option<String>,
    /// Plaintext bytes of each segment: new ones begin at tracks and cuts, at frame boundaries.
    pub segments: Vec<u64>,
    /// What a decoder needs first, without pictures and without what tells of the content.
    pub init: Option<Vec<u8>>,
    /// Ticks in a second.
    pub scale: Option<u64>,
    /// Length, ticks.
    pub duration: Option<u64>,
    /// [`TimeIndex::build`].
    pub index: Option<(Vec<u8>, u64)>,
}

/// Bytes of each segment.
pub(super) fn segments(members: &Members<'_>) -> Result<Vec<u64>, Refused> {
    let bytes = |value: &Value| value.as_u64().ok_or_else(|| members.bad("segments"));
    members.array("segments", 1, MAX_SEGMENTS)?.iter().map(bytes).collect()
}

impl Part {
    pub(super) fn parse(members: &Members<'_>, geometry: &Geometry, part: usize) -> Result<Self, Refused> {
        let init = members.maybe("init", |m, name| m.bytes(name, MAX_INIT))?;
        if init.as_ref().is_some_and(Vec::is_empty) {
            return Err(members.bad("init"));
        }
        let scale = members.maybe("scale", Members::positive)?;
        let step = members.maybe("indexStep", Members::positive)?.unwrap_or(1);
        let index = match members.maybe("index", |m, name| m.bytes(name, MAX_INDEX))? {
            Some(_) if scale.is_none() => return Err(members.bad("scale")),
            Some(bytes) => TimeIndex::parse(&bytes, geometry, part, step)?,
            None => TimeIndex::default(),
        };
        Ok(Self {
            name: members.name("name")?,
            mime: members.owned("mime")?,
            tier: members.maybe("tier", Members::owned)?,
            init,
            scale,
            duration: members.maybe("duration", Members::integer)?,
            index,
        })
    }
}

impl Track {
    pub(super) fn parse(members: &Members<'_>, chunks: u32) -> Result<Self, Refused> {
        let (start, end) = (members.integer("start")?, members.integer("end")?);
        if start >= end {
            return Err(members.bad("end"));
        }
        let repeat = members.maybe("loop", |m, name| {
            let pair: Option<Vec<u64>> = m.array(name, 2, 2)?.iter().map(Value::as_u64).collect();
            match pair.as_deref() {
                Some(&[from, to]) if from < to => Ok((from, to)),
                _ => Err(m.bad(name)),
            }
        })?;
        Ok(Self {
            title: members.owned("title")?,
            artist: members.maybe("artist", Members::owned)?,
            mix: members.maybe("mix", Members::owned)?,
            start,
            end,
            repeat,
            ranges: members.maybe("ranges", |m, _| Ranges::parse(m, chunks))?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut object = Object::new();
        object.insert("title".into(), self.title.clone().into());
        object.insert("start".into(), self.start.into());
        object.insert("end".into(), self.end.into());
        insert(&mut object, "artist", self.artist.clone());
        insert(&mut object, "mix", self.mix.clone());
        insert(&mut object, "loop", self.repeat.map(|(from, to)| vec![from, to]));
        insert(&mut object, "ranges", self.ranges.as_ref().map(Ranges::to_json));
        object.into()
    }
}

impl Cut {
    pub(super) fn parse(members: &Members<'_>, chunks: u32) -> Result<Self, Refused> {
        Ok(Self {
            name: members.name("name")?,
            title: members.maybe("title", Members::owned)?,
            ranges: Ranges::parse(members, chunks)?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut object = Object::new();
        object.insert("name".into(), self.name.clone().into());
        object.insert("ranges".into(), self.ranges.to_json());
        insert(&mut object, "title", self.title.clone());
        object.into()
    }
}

impl PartDraft {
    pub(super) fn to_json(&self) -> Value {
        let mut object = Object::new();
        object.insert("name".into(), self.name.clone().into());
        object.insert("mime".into(), self.mime.clone().into());
        object.insert("segments".into(), self.segments.clone().into());
        insert(&mut object, "tier", self.tier.clone());
        insert(&mut object, "init", self.init.as_deref().map(json::bytes));
        insert(&mut object, "scale", self.scale);
        insert(&mut object, "duration", self.duration);
        if let Some((index, step)) = &self.index {
            object.insert("index".into(), json::bytes(index));
            insert(&mut object, "indexStep", Some(*step).filter(|step| *step > 1));
        }
        object.into()
    }
}

/// Adds a member if there is something to say.
pub(super) fn insert(object: &mut Object, member: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(member.into(), value.into());
    }
}

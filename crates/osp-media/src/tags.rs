//! From lofty's tags to [`AudioInfo`].

use lofty::file::{AudioFile, TaggedFile, TaggedFileExt};
use lofty::id3::v2::Id3v2Tag;
use lofty::picture::{Picture, PictureType};
use lofty::tag::{ItemKey, Tag, TagType};

use crate::image::Cover;
use crate::info::{AudioFormat, AudioInfo};
use crate::{date, genre, license};

/// Longest text taken from a tag, in characters. A record holds 64 KiB in all.
const MAX_TEXT_CHARS: usize = 1000;

/// Reads what a record needs out of `file`.
pub(crate) fn read(format: AudioFormat, mut file: TaggedFile) -> AudioInfo {
    let mut info = AudioInfo::bare(format);
    let seconds = file.properties().duration().as_millis() as f64 / 1000.0;
    info.duration_seconds = (seconds > 0.0).then_some(seconds);

    // The format's own kind of tag first: an ID3v1 tail or RIFF INFO list cuts texts short.
    let primary = file.primary_tag_type();
    let mut tags: Vec<Tag> = file.remove(primary).into_iter().collect();
    let mut others: Vec<TagType> = file.tags().iter().map(Tag::tag_type).collect();
    others.sort_by_key(|t| *t == TagType::Id3v1);
    tags.extend(others.into_iter().filter_map(|t| file.remove(t)));

    let first = |key| tags.iter().find_map(|t| t.get_strings(key).find_map(clean));
    info.title = first(ItemKey::TrackTitle);
    info.artist_name = joined(&tags, ItemKey::TrackArtist).or_else(|| joined(&tags, ItemKey::AlbumArtist));
    info.album = first(ItemKey::AlbumTitle);
    info.track_number = first(ItemKey::TrackNumber).and_then(|t| leading_number(&t));
    info.disc_number = first(ItemKey::DiscNumber).and_then(|t| leading_number(&t));
    // The day of release if a tag says so; else the date everyone fills in.
    let dates = [ItemKey::ReleaseDate, ItemKey::RecordingDate, ItemKey::Year, ItemKey::OriginalReleaseDate];
    info.released = dates.into_iter().find_map(|key| first(key).and_then(|t| date::normalise(&t)));

    for tag in &tags {
        tag.get_strings(ItemKey::Genre).for_each(|g| genre::add(&mut info.genres, g));
        if !info.genres.is_empty() {
            break;
        }
    }
    info.cover = cover(&tags);
    info.license = first(ItemKey::License)
        .and_then(|t| license::from_license_tag(&t))
        .or_else(|| copyright_url(&tags))
        .or_else(|| first(ItemKey::CopyrightMessage).and_then(|t| license::from_copyright_tag(&t)))
        .or_else(|| tags.into_iter().find_map(id3_user_license));
    info
}

/// Trims a text, turns control characters into spaces, cuts it at [`MAX_TEXT_CHARS`]; `None` if nothing is left.
pub(crate) fn clean(text: &str) -> Option<String> {
    let printable: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT_CHARS).collect();
    let trimmed = printable.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// All values of `key` in the first tag that has one, as one text.
fn joined(tags: &[Tag], key: ItemKey) -> Option<String> {
    tags.iter().find_map(|tag| {
        let mut names: Vec<String> = Vec::new();
        for name in tag.get_strings(key).flat_map(|s| s.split('\0')).filter_map(clean) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        clean(&names.join(", "))
    })
}

/// `3`, `03/12`: the number before anything else, if it counts from 1.
fn leading_number(text: &str) -> Option<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|n| *n > 0)
}

/// ID3's WCOP frame, a link and not a text.
fn copyright_url(tags: &[Tag]) -> Option<String> {
    let mut links = tags.iter().flat_map(|t| t.get_locators(ItemKey::CopyrightUrl));
    links.find_map(license::from_license_tag)
}

/// ID3 has no frame for licences; taggers write `TXXX:LICENSE`, which lofty keeps aside.
fn id3_user_license(tag: Tag) -> Option<String> {
    if tag.tag_type() != TagType::Id3v2 {
        return None;
    }
    let tag = Id3v2Tag::from(tag);
    ["LICENSE", "License", "license"]
        .into_iter()
        .find_map(|name| tag.get_user_text(name))
        .and_then(license::from_license_tag)
}

/// The front cover, else an unlabelled picture, else any that is not an icon.
fn cover(tags: &[Tag]) -> Option<Cover> {
    let rank = |kind: PictureType| match kind {
        PictureType::CoverFront => 0,
        PictureType::Other => 1,
        PictureType::Icon | PictureType::OtherIcon => 3,
        _ => 2,
    };
    let mut pictures: Vec<&Picture> = tags.iter().flat_map(|t| t.pictures()).collect();
    pictures.sort_by_key(|p| rank(p.pic_type()));
    pictures.into_iter().filter(|p| rank(p.pic_type()) < 3).find_map(|p| Cover::from_bytes(p.data().to_vec()))
}

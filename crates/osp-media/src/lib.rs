//! What publishing needs to know about an audio file: its media type, its tags, its length and its cover.
//!
//! The tags are read by [`lofty`]; this crate decides which of them become members of a Track Record and in
//! which form (dates, genres, licences), recognises formats by content, and refuses files that visibly lack
//! their end, because a record would make the damage permanent.
//!
//! | module | subject |
//! |---|---|
//! | [`probe`](mod@probe) | one file in, [`AudioInfo`] out |
//! | `detect` | the format, from the first bytes; [`recognise`] is its door |
//! | `complete` | whether the container's end is there |
//! | `tags` | from lofty's tags to [`AudioInfo`] |
//! | [`date`], [`genre`], [`license`] | normal forms of single members |
//! | [`image`] | covers: inside the file, in the folder, named by the user |
//! | [`timeline`](mod@timeline) | from moments to bytes: frames from which a decoder can begin |
//! | [`remux`](mod@remux) | the bytes again, so that browsers can join them without gaps |
//! | [`name`] | what a file's name says when the tags say nothing |

mod complete;
pub mod date;
mod detect;
mod error;
mod flac_frame;
pub mod genre;
pub mod image;
mod info;
pub mod license;
pub mod name;
pub mod probe;
pub mod remux;
mod tags;
pub mod timeline;

pub use error::MediaError;
pub use image::{Cover, CoverError, find_cover, read_cover};
pub use info::{AudioFormat, AudioInfo};
pub use name::{NameGuess, guess_from_name};
pub use probe::{probe, probe_reader};
pub use timeline::{Mark, Timeline, TimelineError, timeline};

/// The audio format of a file by its content alone; `reader` holds `size` bytes, and may stand anywhere afterwards. Says nothing
/// about whether the file is whole.
///
/// # Errors
/// The reader's.
pub fn recognise<R: std::io::Read + std::io::Seek>(
    reader: &mut R,
    size: u64,
) -> std::io::Result<Option<AudioFormat>> {
    Ok(match detect::detect(reader, size)? {
        detect::Detected::Audio(format, _) => Some(format),
        _ => None,
    })
}

//! Decoding and playing audio: from any seekable reader to PCM, to a sound device or a WAV file.
//!
//! No network and no store: bytes come in through a reader that may block ([`Media`]), sound goes out through a [`sink::Sink`].
//!
//! | module | subject |
//! |---|---|
//! | [`decode`] | containers and codecs to samples, exact to the sample; seeking |
//! | [`convert`] | another number of channels, another sample rate |
//! | [`sink`] | a WAV file, the sound device, nowhere |
//! | [`waveform`] | how loud a track is along its length |
//! | [`player`] | a list of tracks without a gap, pause, seek, volume; stalls counted |

pub mod convert;
pub mod decode;
mod media;
mod pcm;
pub mod player;
pub mod sink;
mod volume;
pub mod waveform;

pub use decode::{Decoder, TrackInfo};
pub use media::{Media, ReadSeek};
pub use pcm::Format;
pub use volume::Volume;
pub use waveform::Waveform;

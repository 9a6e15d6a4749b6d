//! Waveforms of all the files to publish, decoded side by side on all cores while they are hashed and stored one by one.

use super::discover::Found;
use bytes::Bytes;
use osp_media::AudioFormat;
use osp_player::{Media, Waveform};
use std::{collections::VecDeque, fs::File, path::PathBuf, sync::Arc};
use tokio::{sync::Semaphore, task::JoinHandle};

/// Those that are being made, in the order of the files.
pub(super) struct Waveforms {
    jobs: VecDeque<JoinHandle<Option<Bytes>>>,
}

impl Waveforms {
    /// Begins with as many as there are cores; the others follow.
    pub(super) fn begin(tracks: &[Found]) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let slots = Arc::new(Semaphore::new(cores));
        let begin = |track: &Found| {
            let sealed = track.info.format == AudioFormat::Sealed;
            tokio::spawn(made((!sealed).then(|| track.path.clone()), Arc::clone(&slots)))
        };
        Self { jobs: tracks.iter().map(begin).collect() }
    }

    /// The bytes of the next file's; `None` when it has none.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        // A decoder that panics has made no waveform; the track is published all the same.
        self.jobs.pop_front()?.await.unwrap_or_default()
    }
}

impl Drop for Waveforms {
    fn drop(&mut self) {
        for job in &self.jobs {
            job.abort();
        }
    }
}

async fn made(path: Option<PathBuf>, slots: Arc<Semaphore>) -> Option<Bytes> {
    let path = path?;
    let slot = slots.acquire_owned().await.ok()?;
    let work = move || {
        let _slot = slot;
        let media = File::open(&path).and_then(Media::file).ok()?;
        let waveform = Waveform::measure(media);
        if waveform.is_none() {
            tracing::info!(path = %path.display(), "no waveform: the file does not decode to its end");
        }
        Some(Bytes::from(waveform?.to_bytes()))
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}

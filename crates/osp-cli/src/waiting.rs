//! A long operation with a bar that Ctrl-C ends cleanly: what was half written is gone.

use crate::progress;
use osp_node::sealed::Watch;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Exit code of a program that the user interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// Shows progress; from its creation on, the first interrupt is told by [`Watch::stopped`] and the second one ends
/// the program.
pub(crate) struct Waiting {
    what: &'static str,
    bar: progress::Bytes,
    stopped: Arc<AtomicBool>,
}

impl Waiting {
    pub(crate) fn new(what: &'static str, hidden: bool) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stopped);
        tokio::spawn(async move {
            interrupt().await;
            flag.store(true, Ordering::Relaxed);
            interrupt().await;
            std::process::exit(INTERRUPTED);
        });
        Self { what, bar: progress::Bytes::new(hidden), stopped }
    }

    pub(crate) fn clear(&self) {
        self.bar.clear();
    }
}

impl Watch for Waiting {
    fn progress(&self, done: u64, total: u64) {
        self.bar.show(self.what, done, Some(total));
    }
    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Ctrl-C or what service managers send.
async fn interrupt() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminate.recv() => return,
            caught = tokio::signal::ctrl_c() => if caught.is_ok() { return },
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

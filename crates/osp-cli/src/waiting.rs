//! A long operation with a bar that Ctrl-C ends cleanly: what was half written is gone.

use crate::progress;
use osp_node::sealed::Watch;
use std::sync::{
    Arc, Once,
    atomic::{AtomicBool, Ordering},
};
use tokio::runtime::Handle;

/// Exit code of a program that the user interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// Shows progress. From the first time that somebody looks whether to stop, an interrupt only sets that flag, and a second one
/// ends the program; before (while stdin is read, say) it ends the program as always.
pub(crate) struct Waiting {
    what: &'static str,
    bar: progress::Bytes,
    stopped: Arc<AtomicBool>,
    armed: Once,
    runtime: Handle,
}

impl Waiting {
    pub(crate) fn new(what: &'static str, hidden: bool) -> Self {
        let bar = progress::Bytes::new(hidden);
        Self { what, bar, stopped: Arc::default(), armed: Once::new(), runtime: Handle::current() }
    }

    fn arm(&self) {
        let flag = Arc::clone(&self.stopped);
        self.runtime.spawn(async move {
            interrupt().await;
            flag.store(true, Ordering::Relaxed);
            interrupt().await;
            std::process::exit(INTERRUPTED);
        });
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
        self.armed.call_once(|| self.arm());
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

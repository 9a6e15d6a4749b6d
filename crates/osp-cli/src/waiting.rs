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

    /// The handlers are there when this returns, so that no interrupt comes before them and after the first half-written file.
    fn arm(&self) {
        let _inside = self.runtime.enter();
        let Ok(mut interrupts) = Interrupts::new() else { return };
        let flag = Arc::clone(&self.stopped);
        self.runtime.spawn(async move {
            interrupts.next().await;
            flag.store(true, Ordering::Relaxed);
            interrupts.next().await;
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

/// Ctrl-C, and what service managers send.
#[cfg(unix)]
pub(crate) struct Interrupts {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Interrupts {
    pub(crate) fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(windows)]
pub(crate) struct Interrupts(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Interrupts {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    pub(crate) async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}

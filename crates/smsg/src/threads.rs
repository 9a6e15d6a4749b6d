//! Threads that the system may refuse: a container's limit of processes is no reason to fail, only to be slower.

use std::{
    io,
    thread::{Builder, Scope},
};

/// What a thread does.
pub(crate) type Job<'scope> = Box<dyn FnOnce() + Send + 'scope>;

/// Starts a thread, or drops the job. A parameter where threads are started, so that tests can refuse them.
pub(crate) type Spawn = for<'scope, 'env> fn(&'scope Scope<'scope, 'env>, Job<'scope>) -> io::Result<()>;

/// As [`std::thread::Scope::spawn`], which panics where this is an error.
pub(crate) fn spawn<'scope>(scope: &'scope Scope<'scope, '_>, job: Job<'scope>) -> io::Result<()> {
    Builder::new().spawn_scoped(scope, job).map(drop)
}

#[cfg(test)]
pub(crate) mod refusing {
    use super::{Job, spawn};
    use std::{cell::Cell, io, thread::Scope};

    /// No thread at all.
    pub(crate) fn all<'scope>(_: &'scope Scope<'scope, '_>, _: Job<'scope>) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Every second thread that a test asks for.
    pub(crate) fn every_second<'scope>(scope: &'scope Scope<'scope, '_>, job: Job<'scope>) -> io::Result<()> {
        thread_local!(static ASKED: Cell<u32> = const { Cell::new(0) });
        ASKED.set(ASKED.get() + 1);
        if ASKED.get().is_multiple_of(2) { all(scope, job) } else { spawn(scope, job) }
    }
}

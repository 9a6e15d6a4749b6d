//! What the tests of the real program share: homes, runs, nodes that end with the test, HTTP by hand.

#![allow(dead_code, clippy::unwrap_used)] // each test binary uses its part

pub(crate) mod http;
pub(crate) mod node;
pub(crate) mod sealed;

use serde_json::Value;
use std::{
    ffi::OsStr,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// DID of `cmd/id.in/test.key`, the first test key of RFC 8032.
pub(crate) const TEST_DID: &str = "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw";

/// A folder of this repository, from its root.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path).canonicalize().unwrap()
}

/// Small audio files of every format.
pub(crate) fn fixture(name: &str) -> PathBuf {
    repository("crates/osp-media/tests/fixtures").join(name)
}

/// One machine: a home folder, and room for other files beside it.
pub(crate) struct Machine {
    folder: TempDir,
}

impl Machine {
    /// Without an identity.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// With the published test key as its identity, so that ids are the same in every run.
    pub(crate) fn of_artist() -> Self {
        let machine = Self::new();
        let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/id.in/test.key");
        machine.ok(["id".as_ref(), "import".as_ref(), key.as_os_str()]);
        machine
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A path beside the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the home.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program, with nothing of the surroundings.
    pub(crate) fn osp(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_osp"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("OSP_") || name == "RUST_LOG" {
                command.env_remove(name);
            }
        }
        command
            .env("OSP_HOME", self.home())
            .env("OSP_BITTORRENT", "127.0.0.1:0")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Done {
        Done::of(self.osp().args(args).output().unwrap())
    }

    /// Runs it with bytes on stdin.
    pub(crate) fn run_with_stdin<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        stdin: &[u8],
    ) -> Done {
        let mut command = self.osp();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The program may know enough before it has read all of it: a broken pipe here is fine.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        Done::of(child.wait_with_output().unwrap())
    }

    /// Runs it, expects success, gives stdout.
    pub(crate) fn ok<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        let done = self.run(args);
        assert_eq!(done.code, Some(0), "{done:?}");
        done.stdout
    }

    /// Runs it with `--json`, expects success, gives each line of stdout.
    pub(crate) fn json<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Vec<Value> {
        let done = Done::of(self.osp().arg("--json").args(args).output().unwrap());
        assert_eq!(done.code, Some(0), "{done:?}");
        done.lines()
    }

    /// Publishes files and gives the records.
    pub(crate) fn publish<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Vec<Value> {
        let args: Vec<_> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
        self.json([OsStr::new("publish")].into_iter().chain(args.iter().map(AsRef::as_ref)))
    }
}

/// A finished run.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Each line of stdout as JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Expects this exit code and an error object of this class on stderr.
    #[track_caller]
    pub(crate) fn failed_json(&self, code: i32, class: &str) {
        let error: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|e| panic!("{e}: {self:?}"));
        assert_eq!((self.code, &error["error"]["class"]), (Some(code), &class.into()), "{self:?}");
        assert_eq!(error["error"]["code"], code);
    }

    /// Expects this exit code and one error sentence on stderr that contains `words`.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        let errors = self.stderr.lines().filter(|l| l.starts_with("error: ")).count();
        assert!(errors == 1 && self.stderr.contains(words), "«{words}» expected: {self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }
}

/// A member of a JSON object that is text.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}

/// Waits for something that another process will bring about. The limit is for a test that fails, not a promise.
#[track_caller]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(120), "never came true: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Turns one bit of the stored copy of these bytes, wherever it is below `folder`.
pub(crate) fn damage(folder: &Path, bytes: &[u8]) {
    let mut folders = vec![folder.to_owned()];
    let mut damaged = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if std::fs::read(&entry).unwrap() == bytes {
                let mut other = bytes.to_vec();
                other[100] ^= 1;
                // A new file: the stored one may be read-only.
                std::fs::remove_file(&entry).unwrap();
                std::fs::write(&entry, other).unwrap();
                damaged += 1;
            }
        }
    }
    assert_eq!(damaged, 1, "files with these bytes");
}

//! Runs other programs, printing each command line first so that a person can repeat any step by hand.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::error::{Error, Result};

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    // Fixed when xtask was compiled, which cargo does again when the checkout moves.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The folder cargo builds into: `target`, unless the person chose another.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// One program to run, from the workspace's root unless [`Run::dir`] says otherwise.
#[must_use = "nothing runs before `go`, `output` or `spawn`"]
pub(crate) struct Run {
    command: Command,
    /// The program and its arguments, as a shell takes them.
    words: String,
    /// Variables in front of them.
    variables: String,
    /// The folder below the root, if not the root.
    below: Option<PathBuf>,
}

impl Run {
    /// Prepares `program`.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(root()).stdin(Stdio::null());
        Self { command, words: shell_word(program.as_ref()), variables: String::new(), below: None }
    }

    /// Prepares cargo, without the variables of the cargo that runs xtask itself.
    pub(crate) fn cargo() -> Self {
        let mut run = Self::new("cargo");
        for inherited in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"]
        {
            run.command.env_remove(inherited);
        }
        run
    }

    /// Prepares npm in `dir` below the root.
    pub(crate) fn npm(dir: &str) -> Self {
        Self::new("npm").dir(root().join(dir))
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        for arg in args {
            self.words.push(' ');
            self.words.push_str(&shell_word(arg.as_ref()));
            self.command.arg(arg);
        }
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push_str(&format!("{name}={} ", shell_word(value.as_ref())));
        self.command.env(name, value);
        self
    }

    /// Runs in another folder.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(&dir);
        self.below = dir.as_ref().strip_prefix(root()).ok().map(Path::to_path_buf);
        self
    }

    /// The command line as a person would type it at the root.
    fn shown(&self) -> String {
        let line = format!("{}{}", self.variables, self.words);
        match &self.below {
            Some(dir) => format!("(cd {} && {line})", shell_word(dir.as_os_str())),
            None => line,
        }
    }

    /// Runs to the end with the terminal's own output; a bad end is an error.
    pub(crate) fn go(self) -> Result {
        let command = self.shown();
        let status = self.status()?;
        if status.success() { Ok(()) } else { Err(Error::Failed { command, status }) }
    }

    /// Runs to the end; says only whether it ended well.
    pub(crate) fn succeeds(self) -> Result<bool> {
        Ok(self.status()?.success())
    }

    fn status(mut self) -> Result<ExitStatus> {
        self.announce();
        self.command.status().map_err(|source| self.not_started(source))
    }

    /// Runs to the end and returns what it printed on stdout; stderr goes to the terminal.
    pub(crate) fn output(self) -> Result<String> {
        self.announce();
        self.quiet_output()
    }

    /// Like [`Run::output`] for questions about the machine: not announced.
    pub(crate) fn ask(mut self) -> Result<String> {
        self.command.stderr(Stdio::null());
        self.quiet_output()
    }

    fn quiet_output(mut self) -> Result<String> {
        self.command.stdout(Stdio::piped());
        let child = self.command.spawn().and_then(Child::wait_with_output);
        let output = child.map_err(|source| self.not_started(source))?;
        if !output.status.success() {
            return Err(Error::Failed { command: self.shown(), status: output.status });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts it with its stdout as a pipe, in a process group of its own: Ctrl-C reaches only us, and we
    /// stop it in order.
    pub(crate) fn spawn(mut self) -> Result<Child> {
        use std::os::unix::process::CommandExt as _;
        self.announce();
        self.command.process_group(0).stdout(Stdio::piped());
        self.command.spawn().map_err(|source| self.not_started(source))
    }

    fn announce(&self) {
        eprintln!("$ {}", self.shown());
    }

    fn not_started(&self, source: std::io::Error) -> Error {
        Error::NotStarted { program: self.command.get_program().to_string_lossy().into_owned(), source }
    }
}

/// Quotes what a shell would take apart.
fn shell_word(arg: &OsStr) -> String {
    let text = arg.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+.,:/@%*[]".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Where `program` is in PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|dir| dir.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_shown_command_can_be_pasted_into_a_shell() {
        let script = r#"pwd; echo "$X"; printf '<%s>' "$@""#;
        let run = Run::new("sh")
            .args(["-c", script, "sh", "two words", "it's", ""])
            .env("X", "a b")
            .dir(root().join("xtask"));
        let shown = run.shown();
        let ours = run.ask().unwrap();
        assert!(ours.ends_with("/xtask\na b\n<two words><it's><>"), "{ours}");
        assert_eq!(ours, Run::new("sh").args(["-c", &shown]).ask().unwrap());
    }

    #[test]
    fn a_bad_end_names_the_command() {
        let error = Run::new("sh").args(["-c", "exit 3"]).go().unwrap_err();
        assert!(error.to_string().contains("sh -c 'exit 3'"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Run::new("no-such-program-osp").go().unwrap_err();
        assert!(error.to_string().starts_with("`no-such-program-osp` is not installed"), "{error}");
    }
}

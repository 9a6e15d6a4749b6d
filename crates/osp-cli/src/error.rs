//! Errors as the user meets them: what was wrong, what to do next, and an exit code for scripts.

use crate::output::plain;
use std::{io::Write as _, process::ExitCode};

/// Exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing failed: whoever read our output (`osp search | head -1`) has enough.
    ReaderGone = 0,
    /// I/O, port, existing file, home in use.
    Local = 1,
    /// Wrong arguments, an unparsable REF included.
    Usage = 2,
    /// The input was judged bad.
    Bad = 3,
    /// Not found or unreachable, a missing FILE included.
    NotFound = 4,
    /// A licence that has expired or is not yet valid.
    Expired = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error ready to be shown.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) exit: Exit,
    /// A short stable word (`spec/schemas/error.json`): `malformed`, `signature`, `not-found`, `home-in-use`…
    pub(crate) class: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// Already written (a judgement on stdout, clap's own text): only the exit code is left to do.
    pub(crate) silent: bool,
}

impl CliError {
    pub(crate) fn new(exit: Exit, class: &'static str, message: impl Into<String>) -> Self {
        Self { exit, class, message: message.into(), hint: None, silent: false }
    }
    /// From a library's message, which says what is wrong and, behind the last semicolon, what to do.
    pub(crate) fn advised(exit: Exit, class: &'static str, text: &str) -> Self {
        match text.rsplit_once("; ") {
            Some((message, hint)) => Self::new(exit, class, message).hint(hint),
            None => Self::new(exit, class, text),
        }
    }
    pub(crate) fn local(class: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::Local, class, message)
    }
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// The result on stdout says it all; only the exit code is missing.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self { silent: true, ..Self::new(exit, "", "") }
    }

    /// A file that was named on the command line and cannot be read.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            std::io::ErrorKind::IsADirectory => {
                Self::local("io", format!("{path} is a folder")).hint("name a file in it")
            }
            std::io::ErrorKind::NotFound => {
                Self::new(Exit::NotFound, "not-found", format!("{path} is not there"))
                    .hint("check the spelling of the path")
            }
            std::io::ErrorKind::PermissionDenied => Self::local("io", format!("{path} may not be read"))
                .hint("change its permissions, or run as its owner"),
            _ => Self::advised(Exit::Local, "io", &format!("cannot read {path}: {error}")),
        }
    }

    pub(crate) fn from_clap(error: &clap::Error, json: bool) -> Self {
        if json {
            // Clap writes a paragraph with the error, then usage and tips.
            let text = error.render().to_string();
            let paragraph = text.split("\n\n").next().unwrap_or_default();
            let message = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            Self::usage(message.strip_prefix("error: ").unwrap_or(&message))
                .hint("«osp --help» lists the commands, «osp COMMAND --help» what each one takes")
        } else {
            let _ = error.print();
            Self::silent(Exit::Usage)
        }
    }

    /// Writes it to stderr: one JSON object with `--json`, else a sentence and a hint.
    pub(crate) fn print(&self, json: bool) {
        if self.silent {
            return;
        }
        let mut err = anstream::stderr().lock();
        let _ = if json {
            let value = serde_json::json!({"error": {
                "code": self.exit as u8, "class": self.class, "message": self.message, "hint": self.hint,
            }});
            writeln!(err, "{value}")
        } else {
            // Paths and strangers' texts are in here: what they hold must not steer the terminal.
            let hint = self.hint.as_deref().map(|h| format!("\n\x1b[1mhint:\x1b[0m {}", plain(h)));
            writeln!(err, "\x1b[1;31merror:\x1b[0m {}{}", plain(&self.message), hint.unwrap_or_default())
        };
    }
}

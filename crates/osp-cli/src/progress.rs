//! Progress bars on stderr, on terminals only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

/// Files shorter than this are done before a bar could be read.
const WORTH_A_BAR: u64 = 32 * 1024 * 1024;

/// A bar for bytes that shows itself for long files only.
pub(crate) struct Bytes {
    bar: ProgressBar,
}

impl Bytes {
    /// A bar; hidden with `--quiet`, `--json` or where stderr is no terminal.
    pub(crate) fn new(hidden: bool) -> Self {
        let target = if hidden || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Shows that `done` of `total` bytes of `what` are through.
    pub(crate) fn show(&self, what: &str, done: u64, total: Option<u64>) {
        let total = total.unwrap_or(done);
        if total < WORTH_A_BAR {
            return;
        }
        if self.bar.is_finished() {
            self.bar.reset();
        }
        if self.bar.length() != Some(total) {
            self.bar.set_length(total);
        }
        if self.bar.message() != what {
            self.bar.set_message(what.to_owned());
        }
        self.bar.set_position(done);
    }

    /// Takes the bar off the screen, before a line is written there; the next [`show`](Self::show) brings it back.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

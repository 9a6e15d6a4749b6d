//! Results on stdout, everything else on stderr.

use crate::{
    args::Global,
    error::{CliError, Exit},
};
use osp_node::config::LogFormat;
use std::{borrow::Cow, io::Write as _};
use tracing_subscriber::EnvFilter;

/// One line of results. When the reader has gone (`osp … | head`), the error is a silent one of exit code 0.
pub(crate) fn line(text: impl std::fmt::Display) -> Result<(), CliError> {
    let mut out = anstream::stdout().lock();
    finish(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// Raw bytes of results.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    finish(out.write_all(bytes).and_then(|()| out.flush()))
}

/// A record as it is stored, on a line.
pub(crate) fn json_line(json: &[u8]) -> Result<(), CliError> {
    bytes(&[json, b"\n"].concat())
}

/// One JSON value on a line. Control characters that JSON need not escape are escaped, so that none reaches a terminal;
/// and it does not go through [`line()`], which takes them out.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string(value).map_err(|e| CliError::local("local", e.to_string()))?;
    json_line(escaped(&text).as_bytes())
}

/// JSON with DEL and the C1 controls as escapes; they stand in strings only.
fn escaped(json: &str) -> Cow<'_, str> {
    let steers = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    if !json.contains(steers) {
        return Cow::Borrowed(json);
    }
    json.chars().map(|c| if steers(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

/// A remark for the person, on stderr.
pub(crate) fn note(quiet: bool, text: impl std::fmt::Display) {
    if !quiet {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}

/// A warning of a command that succeeded, on stderr: a line, or with `--json` an object (`spec/schemas/warning.json`).
pub(crate) fn warn(global: &Global, class: &str, source: &str, message: &str) {
    if global.json {
        let value = serde_json::json!({"class": class, "source": source, "message": message});
        note(global.quiet, serde_json::json!({ "warning": value }));
    } else {
        note(global.quiet, format_args!("\x1b[33mwarning:\x1b[0m {}", plain(message)));
    }
}

/// Text of several lines, safe to print: [`plain`], but line ends and tabs stay.
pub(crate) fn plain_lines(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.split('\t').map(plain).collect::<Vec<_>>().join("\t"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Text from a record, safe to print: control and direction-override characters cannot reach the terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            let steers =
                matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c.is_control() || steers { '\u{fffd}' } else { c }
        })
        .collect()
}

/// A path, safe to print.
pub(crate) fn path(path: &std::path::Path) -> String {
    plain(&path.display().to_string())
}

fn finish(result: std::io::Result<()>) -> Result<(), CliError> {
    match result {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Err(CliError::silent(Exit::ReaderGone)),
        Err(e) => Err(CliError::local("local", format!("cannot write the result: {e}"))),
    }
}

/// What happens inside, with `-v`, on stderr. Without it only what a command says itself.
pub(crate) fn log_to_stderr(verbose: u8) -> Result<(), CliError> {
    let level = ["error", "info", "debug", "trace"].get(usize::from(verbose)).unwrap_or(&"trace");
    log(level, LogFormat::Text)
}

/// Starts logging; a second call changes nothing.
pub(crate) fn log(filter: &str, format: LogFormat) -> Result<(), CliError> {
    let builder = tracing_subscriber::fmt().with_env_filter(log_filter(filter)?).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
    };
    Ok(())
}

/// Libraries that write peers' addresses, or descriptions with addresses in them, into their logs. Such addresses
/// never reach a log of ours, whatever level is asked for.
const SILENT: [&str; 14] = [
    "librqbit_utp",
    "str0m",
    "sctp_proto",
    "dimpl",
    "mainline",
    "libp2p",
    "multistream_select",
    "yamux",
    "quinn",
    "netlink",
    "if_watch",
    "tungstenite",
    "tokio_tungstenite",
    "soketto",
];

/// A filter as settings have it (`info`, `osp_node=debug`).
pub(crate) fn log_filter(filter: &str) -> Result<EnvFilter, CliError> {
    let silenced = |filter| {
        let directives = SILENT.iter().filter_map(|library| format!("{library}=off").parse().ok());
        directives.fold(filter, EnvFilter::add_directive)
    };
    EnvFilter::try_new(filter).map(silenced).map_err(|e| {
        CliError::usage(format!("log cannot be «{}»: {e}", plain(filter)))
            .hint("write error, warn, info, debug or trace, or one of them for a part, as in osp_node=debug")
    })
}

#[cfg(test)]
mod tests {
    use super::{escaped, plain_lines};

    #[test]
    fn no_control_reaches_a_terminal() {
        let text = "a\u{7f}b\u{9b}31m\u{a0}\u{e9}";
        let json = serde_json::Value::from(text).to_string();
        let shown = escaped(&json);
        assert_eq!(shown, "\"a\\u007fb\\u009b31m\u{a0}\u{e9}\"");
        assert_eq!(serde_json::from_str::<String>(&shown).ok().as_deref(), Some(text));
        assert_eq!(plain_lines("a\tb\r\n\u{1b}[31mc"), "a\tb\u{fffd}\n\u{fffd}[31mc");
    }
}

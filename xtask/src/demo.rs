//! `cargo xtask demo`: from a fresh clone to music in a browser.
//!
//! Builds the program with its web client, publishes the album in demo/music as a new artist in a home of its
//! own (target/demo-home), starts a node and opens its page.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::run::{Run, target_dir, which};
use crate::web::web;

/// The port in the documentation.
const USUAL_PORT: u16 = 8787;

/// What the person asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// The port; without it [`USUAL_PORT`], or any free one when that is taken.
    pub(crate) port: Option<u16>,
    /// Leave the browser alone.
    pub(crate) no_open: bool,
    /// Stop as soon as the node answers: for tests of the demo itself.
    pub(crate) exit_after_ready: bool,
}

/// Runs the demo until Ctrl-C.
pub(crate) fn demo(options: &Options) -> Result {
    web()?;
    Run::cargo().args(["build", "--release", "--package", "osp-cli"]).go()?;
    identity()?;
    publish()?;

    let stop = stop_signal()?;
    let http = format!("127.0.0.1:{}", options.port.unwrap_or_else(usual_or_any_port));
    let mut node = osp().args(["node", "--http", &http]).spawn()?;
    let url = ready_url(&mut node).inspect_err(|_| {
        // What the node says of its end matters less than why it never got ready.
        end(&mut node).ok();
    })?;
    println!("\n  The demo is at {url}\n  Ctrl-C stops it.\n");
    if !options.no_open && !options.exit_after_ready {
        open(&url);
    }
    while !options.exit_after_ready && !stop.load(Ordering::Relaxed) {
        if let Some(status) = node.try_wait().map_err(|error| Error::Unexpected(error.to_string()))? {
            return Err(Error::Unexpected(format!(
                "the node stopped by itself ({status}); its log is above"
            )));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    end(&mut node)
}

/// The release program on the demo's home.
fn osp() -> Run {
    Run::new(target_dir().join("release/osp")).args(["--home"]).args([target_dir().join("demo-home")])
}

/// Makes the artist, once for each demo home.
fn identity() -> Result {
    let ids = osp().args(["--json", "id", "list"]).output()?;
    if ids.contains("did:key:") {
        return Ok(());
    }
    osp().args(["id", "new", "--name", "Demo", "--no-passphrase"]).go()
}

/// Publishes the album. Publishing is idempotent, so a second demo changes nothing.
fn publish() -> Result {
    let records = osp().args(["publish", "demo/music", "--json"]).output()?;
    for line in records.lines() {
        let record: Value = serde_json::from_str(line).map_err(|error| {
            Error::Unexpected(format!("`osp publish --json` printed no record: {error}: {line}"))
        })?;
        let text = |member: &str| record[member].as_str().unwrap_or("(none)").to_owned();
        println!("published \"{}\" by {}: {}", text("title"), text("artistName"), text("id"));
    }
    Ok(())
}

/// A flag that Ctrl-C and `kill` raise.
fn stop_signal() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|error| Error::Unexpected(format!("cannot listen for signal {signal}: {error}")))?;
    }
    Ok(stop)
}

fn usual_or_any_port() -> u16 {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL_PORT)) {
        Ok(_) => USUAL_PORT,
        Err(_) => {
            eprintln!("port {USUAL_PORT} is in use; the system chooses another");
            0
        }
    }
}

/// Waits for the line that the node prints once every listener answers.
fn ready_url(node: &mut Child) -> Result<String> {
    let stdout = node.stdout.take().ok_or_else(|| Error::Unexpected("the node has no stdout".into()))?;
    let mut reader = BufReader::new(stdout);
    let mut line = String::new();
    reader.read_line(&mut line).map_err(|error| Error::Unexpected(format!("the node's stdout: {error}")))?;
    drain(reader);
    url_of(&line).ok_or_else(|| {
        Error::Unexpected(match line.trim() {
            "" => "the node ended before it was ready; its message above says why".into(),
            other => format!("the node printed no ready line but {other:?}"),
        })
    })
}

/// The `http` member of the ready line.
fn url_of(line: &str) -> Option<String> {
    let ready: Value = serde_json::from_str(line).ok()?;
    if ready["ready"] != Value::Bool(true) {
        return None;
    }
    ready["http"].as_str().map(str::to_owned)
}

/// Keeps the pipe open and empty as long as the node lives, else its next line would end it.
fn drain(mut reader: BufReader<ChildStdout>) {
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
}

/// Opens the page where there is a desktop to open it on.
fn open(url: &str) {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if (desktop || cfg!(target_os = "macos"))
        && which(opener).is_some()
        && let Err(error) = Run::new(opener).args([url]).go()
    {
        eprintln!("{error}; open the address by hand");
    }
}

/// Asks the node to stop in order and waits for it.
fn end(node: &mut Child) -> Result {
    // The standard library only knows SIGKILL; the shell's built-in is everywhere.
    let asked = Run::new("sh").args(["-c", &format!("kill -TERM {}", node.id())]).ask();
    let status = node.wait().map_err(|error| Error::Unexpected(format!("waiting for the node: {error}")))?;
    match asked {
        Ok(_) if !status.success() => {
            Err(Error::Unexpected(format!("the node did not stop cleanly: {status}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_gives_the_address() {
        let line =
            r#"{"ready":true,"http":"http://127.0.0.1:8787","tracker":null,"bittorrent":null,"p2p":null}"#;
        assert_eq!(url_of(line).as_deref(), Some("http://127.0.0.1:8787"));
    }

    #[test]
    fn another_line_is_not_ready() {
        for line in ["", "listening", r#"{"ready":false,"http":"http://x"}"#, r#"{"ready":true,"http":null}"#]
        {
            assert_eq!(url_of(line), None, "{line}");
        }
    }
}

//! A running `osp node`.

use super::Machine;
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, ExitStatus, Stdio},
};

/// Ends with the value.
pub(crate) struct Node {
    child: Child,
    pub(crate) url: String,
    /// The ready line.
    pub(crate) ready: Value,
}

impl Node {
    /// Starts one on any port and waits until it is ready.
    pub(crate) fn start(machine: &Machine) -> Self {
        Self::start_with(machine, &[])
    }

    pub(crate) fn start_with(machine: &Machine, args: &[&str]) -> Self {
        let mut command = machine.osp();
        command.args(["node", "--http", "127.0.0.1:0", "--quiet"]).args(args);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("a ready line");
        let url = ready["http"].as_str().unwrap().to_owned();
        Self { child, url, ready }
    }

    /// GETs a path of it.
    pub(crate) fn get(&self, path: &str) -> super::http::Answer {
        super::http::get(&format!("{}{path}", self.url))
    }

    /// Titles of the tracks it lists.
    pub(crate) fn titles(&self) -> Vec<String> {
        let page = self.get("/api/v1/tracks?limit=100").json();
        let tracks = page["tracks"].as_array().unwrap();
        tracks.iter().map(|t| super::text(t, "title").to_owned()).collect()
    }

    /// Sends SIGTERM or another signal, as service managers do, and waits for the end.
    pub(crate) fn signal(mut self, signal: &str) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

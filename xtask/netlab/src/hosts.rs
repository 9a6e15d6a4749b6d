//! Hosts: a network namespace each, with one interface that leads to the switch.

use std::{
    net::Ipv4Addr,
    path::Path,
    process::{Command, Stdio},
};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

/// Addresses look public, so that programs which refuse private ones work unchanged; nothing leaves the namespaces.
const NETWORK: [u8; 3] = [45, 66, 77];
const PREFIX: &str = "osplab";

/// One host.
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) address: Ipv4Addr,
    /// The switch's end of the line.
    pub(crate) device: SyncDevice,
}

impl Host {
    /// Makes the `index`th host.
    pub(crate) fn make(name: &str, index: u8) -> Result<Self, String> {
        let id = std::process::id();
        let namespace = format!("{PREFIX}{id}-{name}");
        let interface = format!("ol{}-{index}", id % 100_000);
        let address = Ipv4Addr::new(NETWORK[0], NETWORK[1], NETWORK[2], index + 1);
        let device = DeviceBuilder::new()
            .name(&interface)
            .layer(Layer::L2)
            .build_sync()
            .map_err(|e| format!("cannot make a TAP device: {e}; netlab needs root and /dev/net/tun"))?;
        ip(&["netns", "add", &namespace])?;
        let host = Self { name: name.to_owned(), namespace, address, device };
        // The device stays ours, at its other end, when the interface moves into the namespace.
        ip(&["link", "set", &interface, "netns", &host.namespace])?;
        host.ip(&["link", "set", "lo", "up"])?;
        host.ip(&["link", "set", &interface, "name", "net0"])?;
        host.ip(&["address", "add", &format!("{address}/24"), "dev", "net0"])?;
        // Of the usual 500 frames, a sender's burst leaves nothing when the switch is not scheduled at once.
        host.ip(&["link", "set", "net0", "txqueuelen", "10000"])?;
        host.ip(&["link", "set", "net0", "up"])?;
        host.ip(&["route", "add", "default", "dev", "net0"])?;
        Ok(host)
    }

    /// Removes the namespace; programs in it are left alone.
    pub(crate) fn remove(&self) {
        let _ = ip(&["netns", "del", &self.namespace]);
    }

    fn ip(&self, words: &[&str]) -> Result<(), String> {
        ip(&[&["-n", &self.namespace], words].concat())
    }
}

/// Removes namespaces of runs that were killed.
pub(crate) fn clean() {
    let Ok(entries) = std::fs::read_dir("/run/netns") else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Some((pid, _)) = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')) else {
            continue;
        };
        if !Path::new("/proc").join(pid).exists() {
            let _ = ip(&["netns", "del", name]);
        }
    }
}

fn ip(words: &[&str]) -> Result<(), String> {
    let output = Command::new("ip")
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("cannot run ip (Debian package iproute2): {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("ip {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}

//! `<home>/network.json`: how the network stands for the running node, for `osp doctor`, which is another process.

use super::{Network, NetworkStatus};
use crate::Home;
use osp_p2p::Reachability;
use std::{io::Write as _, time::Duration};
use tokio::{task::spawn_blocking, time::sleep};

/// How often it is written while something changes, and how often in any case.
const LOOK: Duration = Duration::from_secs(2);
const AGAIN: u32 = 15;
/// One that is older is of a node that runs no more.
const STALE: Duration = Duration::from_secs(120);

/// What a running node says of its part in the network.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its peer id.
    pub peer: String,
    /// Where it tells others that it is reached.
    pub addresses: Vec<String>,
    /// Whether others reach it directly; `null` while nobody has tried.
    pub reached: Option<bool>,
    /// Addresses at which somebody tried in vain.
    pub failed: Vec<String>,
    /// Peers that relay for it.
    pub relays: usize,
    /// Peers of the local network it is connected to.
    pub local: usize,
    /// Whether it was told to meet members at private addresses only, and refuses private addresses.
    #[serde(default)]
    pub walled: bool,
    /// Members of the network that it knows.
    pub table: usize,
    /// Members it is connected to.
    pub connected: usize,
    /// Whether it answers others and keeps what they announce.
    pub server: bool,
    /// Members of the network, as estimated; `null` before that is known.
    pub members: Option<u64>,
    /// Keys under which its records are found.
    pub keys: usize,
    /// Of these: new, and not in the network yet.
    pub waiting: usize,
    /// Of these: told so long ago that the network may have forgotten them.
    pub late: usize,
}

impl Report {
    fn of(status: &NetworkStatus) -> Self {
        let texts = |list: &[osp_p2p::Multiaddr]| list.iter().map(ToString::to_string).collect();
        let own = status.announcements.unwrap_or_default();
        let Reachability { failed, relays, .. } = &status.reachability;
        Self {
            peer: status.peer.to_string(),
            addresses: texts(&status.addresses),
            reached: status.reachability.directly(),
            failed: texts(failed),
            relays: *relays,
            local: status.local,
            walled: status.walled,
            table: status.kad.peers,
            connected: status.kad.servers,
            server: status.kad.server,
            members: status.members.map(|members| members.round() as u64),
            keys: own.keys,
            waiting: own.waiting,
            late: own.late,
        }
    }

    /// What the node that runs on this home says. `None` when none runs, or it takes no part.
    #[must_use]
    pub fn read(home: &Home) -> Option<Self> {
        // A node that is killed leaves the file behind.
        let written = std::fs::metadata(home.network_file()).ok()?.modified().ok()?;
        if written.elapsed().is_ok_and(|age| age > STALE) {
            return None;
        }
        serde_json::from_slice(&std::fs::read(home.network_file()).ok()?).ok()
    }

    fn write(&self, home: &Home) -> std::io::Result<()> {
        let mut temp = tempfile::NamedTempFile::new_in(home.root())?;
        temp.write_all(&serde_json::to_vec(self)?)?;
        temp.persist(home.network_file())?;
        Ok(())
    }
}

/// Keeps the file up for as long as it is polled.
pub(crate) async fn keep(network: Network, home: Home) {
    let (mut last, mut rounds) = (None, 0);
    loop {
        let report = Report::of(&network.status().await);
        rounds += 1;
        if last.as_ref() != Some(&report) || rounds >= AGAIN {
            let (writing, home) = (report.clone(), home.clone());
            if let Ok(Err(error)) = spawn_blocking(move || writing.write(&home)).await {
                tracing::warn!(%error, "cannot write network.json");
            }
            (last, rounds) = (Some(report), 0);
        }
        sleep(LOOK).await;
    }
}

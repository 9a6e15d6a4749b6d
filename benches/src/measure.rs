//! Running a program and measuring it.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// What a run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// Time of all its threads on processors, user and system; what is left to compare when others use the machine.
    pub(crate) cpu: Duration,
    /// Highest resident memory seen, in bytes; sampled, so a peak shorter than 5 ms can be missed.
    pub(crate) peak: u64,
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<Cost, String> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("{}: {e}", command.get_program().to_string_lossy()))?;
    let mut peak = 0;
    let mut cpu = Duration::ZERO;
    loop {
        peak = peak.max(resident_peak(&child));
        cpu = cpu.max(processor_time(&child));
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) if status.success() => return Ok(Cost { wall: start.elapsed(), cpu, peak }),
            Some(status) => {
                return Err(format!("{} ended with {status}", command.get_program().to_string_lossy()));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// The fastest of `rounds` runs (the least disturbed one), with the highest memory of all.
pub(crate) fn best(rounds: usize, mut once: impl FnMut() -> Result<Cost, String>) -> Result<Cost, String> {
    let mut best = once()?;
    for _ in 1..rounds {
        let cost = once()?;
        best = Cost {
            wall: best.wall.min(cost.wall),
            cpu: best.cpu.min(cost.cpu),
            peak: best.peak.max(cost.peak),
        };
    }
    Ok(best)
}

/// `VmHWM` of a running process, in bytes; 0 where the system does not tell.
pub(crate) fn resident_peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// `utime` and `stime` of a running process (proc(5), in hundredths of a second); 0 where the system does not tell.
fn processor_time(child: &Child) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    // Fields count from the name, which may hold anything, in brackets.
    let ticks: u64 = stat
        .rsplit(") ")
        .next()
        .map_or(0, |fields| fields.split(' ').skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum());
    Duration::from_millis(ticks * 10)
}

/// What the calling thread had of a processor so far, to a few milliseconds; `None` where the system does not tell.
pub(crate) fn thread_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Megabytes (10^6) a second.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn rate(bytes: u64, wall: Duration) -> f64 {
    bytes as f64 / 1e6 / wall.as_secs_f64()
}

/// What the folder's medium takes: a copy of `file` by `dd`, made durable, in MB/s. The best of three, because a
/// virtual disk is slow where it has not been written before.
pub(crate) fn disk(folder: &Path, file: &Path, bytes: u64) -> Result<f64, String> {
    let copy = folder.join("dd.tmp");
    let cost = best(3, || {
        let mut dd = Command::new("dd");
        let cost = run(dd
            .args(["bs=1M", "conv=fsync"])
            .arg(format!("if={}", file.display()))
            .arg(format!("of={}", copy.display())));
        let _ = std::fs::remove_file(&copy);
        cost
    })?;
    Ok(rate(bytes, cost.wall))
}

/// A program that is given one core (by util-linux's `taskset`).
pub(crate) fn on_one_core(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "0"]).arg(program);
    command
}

/// Whether a program can be started.
pub(crate) fn there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// `openssl speed sha256` at 16 KiB on one core, in MB/s: the yardstick for hashing.
pub(crate) fn openssl_sha256() -> Result<f64, String> {
    openssl_speed(&["sha256"])
}

/// `openssl speed -evp chacha20-poly1305` at 16 KiB on one core, in MB/s: the yardstick for encrypting.
pub(crate) fn openssl_chacha20_poly1305() -> Result<f64, String> {
    openssl_speed(&["-evp", "chacha20-poly1305"])
}

fn openssl_speed(algorithm: &[&str]) -> Result<f64, String> {
    let out = Command::new("openssl")
        .args(["speed", "-mr", "-seconds", "3", "-bytes", "16384"])
        .args(algorithm)
        .output()
        .map_err(|e| format!("openssl: {e}"))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.lines()
        .find_map(|l| l.strip_prefix("+F:")?.rsplit(':').next()?.trim().parse::<f64>().ok())
        .map(|bytes| bytes / 1e6)
        .ok_or_else(|| format!("openssl speed answered «{}»", text.trim()))
}

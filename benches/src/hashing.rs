//! `osp cid` and `osp publish` on a 1 GiB file; without the waveform, whose cost is of minutes of music and not of bytes.

use crate::{Bench, measure};
use std::{fs::File, io::Write as _, path::Path, process::Command};

const GIB: u64 = 1 << 30;

pub(crate) fn run(bench: &Bench) -> Result<(), String> {
    let file = bench.folder.join("one-gib.wav");
    make_wav(&file)?;
    let yardstick = measure::openssl_sha256()?;
    println!("`openssl speed sha256` (one core, 16 KiB): {yardstick:.0} MB/s");
    let disk = measure::disk(&bench.folder, &file, GIB)?;
    println!("a copy by `dd bs=1M conv=fsync` in the same folder: {disk:.0} MB/s\n");
    println!("| what | MB/s | of openssl | processor seconds | peak memory |\n|---|---|---|---|---|");
    let row = |name: &str, cost: measure::Cost| {
        let rate = measure::rate(GIB, cost.wall);
        let (cpu, peak) = (cost.cpu.as_secs_f64(), cost.peak as f64 / 1_048_576.0);
        println!("| {name} | {rate:.0} | {:.2} | {cpu:.2} | {peak:.0} MiB |", rate / yardstick);
    };
    row("`osp cid`", measure::best(3, || measure::run(Command::new(&bench.osp).arg("cid").arg(&file)))?);
    row(
        "`osp cid --profile unixfs-v0-2015`",
        measure::best(3, || {
            let mut command = Command::new(&bench.osp);
            measure::run(command.arg("cid").arg(&file).args(["--profile", "unixfs-v0-2015"]))
        })?,
    );
    row("`osp publish` (hash, pieces, store, fsync)", measure::best(3, || publish(bench, &file, false))?);
    row("`osp publish --dry-run` (no store)", measure::best(3, || publish(bench, &file, true))?);
    peers(bench, &file, &row)
}

fn publish(bench: &Bench, file: &Path, dry: bool) -> Result<measure::Cost, String> {
    let home = bench.folder.join("publish-home");
    let _ = std::fs::remove_dir_all(&home);
    let mut id = Command::new(&bench.osp);
    measure::run(id.arg("--home").arg(&home).args(["id", "new", "--name", "Bench", "--no-passphrase"]))?;
    let mut command = Command::new(&bench.osp);
    command.arg("--home").arg(&home).arg("publish").arg("--no-waveform").arg(file);
    if dry {
        command.arg("--dry-run");
    }
    let cost = measure::run(&mut command);
    let _ = std::fs::remove_dir_all(&home);
    cost
}

/// What a user would run instead.
fn peers(bench: &Bench, file: &Path, row: &dyn Fn(&str, measure::Cost)) -> Result<(), String> {
    let torrent = bench.folder.join("peer.torrent");
    if measure::there("mktorrent") {
        row(
            "`sha256sum`, then `mktorrent -l 22`",
            measure::best(2, || {
                let _ = std::fs::remove_file(&torrent);
                let sum = measure::run(Command::new("sha256sum").arg(file))?;
                let mut make = Command::new("mktorrent");
                let torrent = measure::run(make.args(["-l", "22", "-o"]).arg(&torrent).arg(file))?;
                Ok(measure::Cost {
                    wall: sum.wall + torrent.wall,
                    cpu: sum.cpu + torrent.cpu,
                    peak: sum.peak.max(torrent.peak),
                })
            })?,
        );
    } else {
        println!("\n(mktorrent is not installed: apt-get install mktorrent)");
    }
    if let Some(ipfs) = &bench.kubo {
        row("Kubo's import (`ipfs add`, flatfs)", measure::best(2, || kubo(bench, ipfs, file))?);
    } else {
        println!("\n(Kubo is not installed: cargo xtask interop builds it where Go is)");
    }
    let script = bench.interop.join("bench/import.mjs");
    if script.is_file() && bench.interop.join("bench/node_modules").is_dir() {
        row(
            "Helia's importer (`ipfs-unixfs-importer`, file blockstore)",
            measure::best(2, || {
                let store = bench.folder.join("helia-blocks");
                let _ = std::fs::remove_dir_all(&store);
                let cost = measure::run(Command::new("node").arg(&script).arg(file).arg(&store));
                let _ = std::fs::remove_dir_all(&store);
                cost
            })?,
        );
    } else {
        println!("\n(Helia's importer is not installed: npm ci --prefix interop/bench)");
    }
    Ok(())
}

fn kubo(bench: &Bench, ipfs: &Path, file: &Path) -> Result<measure::Cost, String> {
    let repository = bench.folder.join("kubo-repository");
    let _ = std::fs::remove_dir_all(&repository);
    let ipfs = |args: &[&str]| {
        let mut command = Command::new(ipfs);
        measure::run(command.env("IPFS_PATH", &repository).env("IPFS_TELEMETRY", "off").args(args))
    };
    ipfs(&["init", "--empty-repo"])?;
    let options = ["--cid-version=1", "--chunker=size-1048576", "--raw-leaves", "--max-file-links=1024"];
    let file = file.to_string_lossy();
    let cost = ipfs(&[&["add", "-Q", &*file][..], &options].concat());
    let _ = std::fs::remove_dir_all(&repository);
    cost
}

/// A WAV of noise: publish must take it, and nothing in it can be skipped or compressed.
fn make_wav(path: &Path) -> Result<(), String> {
    if path.metadata().is_ok_and(|m| m.len() == GIB) {
        return Ok(());
    }
    let fail = |e: std::io::Error| format!("{}: {e}", path.display());
    let mut out = std::io::BufWriter::with_capacity(1 << 20, File::create(path).map_err(fail)?);
    let data = u32::try_from(GIB - 44).map_err(|e| e.to_string())?;
    let mut header = Vec::with_capacity(44);
    header.extend(b"RIFF");
    header.extend((data + 36).to_le_bytes());
    header.extend(b"WAVEfmt ");
    header.extend(16u32.to_le_bytes());
    header.extend(1u16.to_le_bytes());
    header.extend(2u16.to_le_bytes());
    header.extend(44_100u32.to_le_bytes());
    header.extend((44_100u32 * 4).to_le_bytes());
    header.extend(4u16.to_le_bytes());
    header.extend(16u16.to_le_bytes());
    header.extend(b"data");
    header.extend(data.to_le_bytes());
    out.write_all(&header).map_err(fail)?;
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    for _ in 0..u64::from(data) / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.write_all(&state.to_le_bytes()).map_err(fail)?;
    }
    out.write_all(&[0; 8][..(data % 8) as usize]).map_err(fail)?;
    out.flush().map_err(fail)
}

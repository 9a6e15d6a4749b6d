//! Range requests against nginx serving the same file, by `wrk`, in turn on the same machine.

use crate::Bench;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Stops the server when the measurement is over, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, because a killed nginx leaves its workers behind, and they keep the port.
        let asked = Command::new("kill").arg(self.0.id().to_string()).status().is_ok_and(|s| s.success());
        if !asked {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

pub(crate) fn run(bench: &Bench) -> Result<(), String> {
    for tool in ["wrk", "nginx"] {
        if Command::new(tool).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            return Err(format!("{tool} is not installed: apt-get install wrk nginx"));
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo/music");
    let track = fs::read_dir(&root)
        .map_err(|e| e.to_string())?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "opus"))
        .ok_or("demo/music holds no .opus file")?;
    let folder = bench.folder.join("http");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let size = track.metadata().map_err(|e| e.to_string())?.len();

    println!(
        "| 64 KiB ranges of a {size}-byte track, 16 connections | requests/s | of nginx |\n|---|---|---|"
    );
    let (nginx, nginx_url) = nginx(&folder, &track)?;
    let (osp, osp_url) = osp(bench, &folder, &track)?;
    // In turn and three times, so that a disturbance hits both; the better run of each counts.
    let mut best = [0.0f64; 2];
    for _ in 0..3 {
        best[0] = best[0].max(wrk(&folder, &nginx_url, size)?);
        best[1] = best[1].max(wrk(&folder, &osp_url, size)?);
    }
    println!("| nginx (sendfile, 2 workers) | {:.0} | 1.00 |", best[0]);
    println!("| `osp node` `/api/v1/tracks/{{id}}/audio` | {:.0} | {:.2} |", best[1], best[1] / best[0]);
    drop((nginx, osp));
    Ok(())
}

fn osp(bench: &Bench, folder: &Path, track: &Path) -> Result<(Server, String), String> {
    let home = folder.join("home");
    let call = |args: &[&str]| {
        let out = Command::new(&bench.osp).arg("--home").arg(&home).args(args).output();
        let out = out.map_err(|e| e.to_string())?;
        if out.status.success() {
            Ok(String::from_utf8_lossy(&out.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&out.stderr).into_owned())
        }
    };
    call(&["id", "new", "--name", "Bench", "--no-passphrase"])?;
    let record = call(&["publish", &track.to_string_lossy(), "--json"])?;
    let record: serde_json::Value = serde_json::from_str(&record).map_err(|e| e.to_string())?;
    let id = record["id"].as_str().ok_or("publish printed no id")?.to_owned();
    let mut child = Command::new(&bench.osp)
        .arg("--home")
        .arg(&home)
        .args(["--quiet", "node", "--http", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line).map_err(|e| e.to_string())?;
    }
    let server = Server(child);
    let ready: serde_json::Value = serde_json::from_str(&line).map_err(|e| e.to_string())?;
    let base = ready["http"].as_str().ok_or("no http in the ready line")?.to_owned();
    Ok((server, format!("{base}/api/v1/tracks/{id}/audio")))
}

fn nginx(folder: &Path, track: &Path) -> Result<(Server, String), String> {
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
    fs::copy(track, folder.join("track.opus")).map_err(|e| e.to_string())?;
    // Not `tcp_nopush on`, the other usual setting: over loopback it holds every answer's end back for the 40 ms of
    // a delayed acknowledgement, and nginx then serves 400 requests a second.
    let dir = folder.canonicalize().map_err(|e| e.to_string())?;
    let dir = dir.display();
    let conf = format!(
        "daemon off;\nworker_processes 2;\npid {dir}/nginx.pid;\nerror_log {dir}/error.log;\nuser root;\n\
         events {{ worker_connections 1024; }}\nhttp {{ access_log off; sendfile on; \
         keepalive_requests 1000000; open_file_cache max=16; types {{ audio/ogg opus; }}\n\
         server {{ listen 127.0.0.1:{port}; root {dir}; }} }}\n"
    );
    let path = folder.join("nginx.conf");
    fs::write(&path, conf).map_err(|e| e.to_string())?;
    let child = Command::new("nginx")
        .arg("-c")
        .arg(path.canonicalize().map_err(|e| e.to_string())?)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())?;
    std::thread::sleep(Duration::from_millis(500));
    Ok((Server(child), format!("http://127.0.0.1:{port}/track.opus")))
}

/// Requests a second; fails when any answer was not 2xx.
fn wrk(folder: &Path, url: &str, size: u64) -> Result<f64, String> {
    let script = folder.join("range.lua");
    let lua = format!(
        "local n = 0\nrequest = function()\n n = (n * 1103515245 + 12345) % 2147483648\n \
         local from = n % {}\n wrk.headers['Range'] = 'bytes=' .. from .. '-' .. (from + 65535)\n \
         return wrk.format('GET')\nend\n",
        size.saturating_sub(65_536).max(1)
    );
    fs::write(&script, lua).map_err(|e| e.to_string())?;
    let out = Command::new("wrk")
        .args(["-t1", "-c16", "-d5s", "-s"])
        .arg(&script)
        .arg(url)
        .output()
        .map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    if text.contains("Non-2xx") {
        return Err(format!("{url} answered errors:\n{text}"));
    }
    text.lines()
        .find_map(|l| l.trim().strip_prefix("Requests/sec:")?.trim().parse().ok())
        .ok_or_else(|| format!("wrk answered\n{text}"))
}

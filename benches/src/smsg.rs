//! Whole sealed files of 128 MiB, ours beside the original's package; and what the program needs of memory for them.
//!
//! As in the original's measurement only the call is timed, from memory to memory, each in a process of its own. The attachment
//! is pseudo-random: media does not compress.

use crate::{Bench, measure};
use smsg::{
    Limits, Message, OpenError, UnixTime,
    header::Compression,
    keys::{Cadence, Credential, Licence, Password},
    message::Attachment,
    open::{Options, Sink, open},
    seal::{Release, Source, Target, seal},
};
use std::{
    fs::File,
    io::{self, Read, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

/// Bytes of the attachment.
const LEN: u64 = 128 << 20;
const FORMS: [&str; 3] = ["v2 zstd", "v2 none", "v3 chunked"];
const DIRECTIONS: [&str; 2] = ["encrypt", "decrypt"];
/// Any moment: both directions use the same.
const NOW: UnixTime = UnixTime(1_768_230_245);

pub(crate) fn run(bench: &Bench) -> Result<(), String> {
    let original = original(bench)?;
    println!("128 MiB, the median (best) of 5 runs, MB/s.\n");
    println!(
        "| what | ours, one core | ours, all cores | the original, one core | ratio on one core |\n|---|---|---|---|---|"
    );
    for form in FORMS {
        for direction in DIRECTIONS {
            let one = rates(&bench.folder, direction, form, true)?;
            let all = rates(&bench.folder, direction, form, false)?;
            let name = format!("{form} {direction}");
            let theirs =
                original.iter().find(|(case, _)| *case == name).map(|(_, rates)| Spread::of(rates.clone()));
            let (theirs, ratio) = theirs.map_or_else(
                || ("not built".to_owned(), "-".to_owned()),
                |t| (t.to_string(), format!("{:.1}", one.median / t.median)),
            );
            println!("| {name} | {one} | {all} | {theirs} | {ratio} |");
        }
    }
    memory(bench)?;
    inspect(bench)
}

/// Median and best of some runs.
struct Spread {
    median: f64,
    best: f64,
}

impl Spread {
    fn of(mut rates: Vec<f64>) -> Self {
        rates.sort_by(f64::total_cmp);
        Self {
            median: rates.get(rates.len() / 2).copied().unwrap_or_default(),
            best: rates.last().copied().unwrap_or_default(),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} ({:.0})", self.median, self.best)
    }
}

/// Runs [`case`] five times in processes of their own.
fn rates(folder: &Path, direction: &str, form: &str, one_core: bool) -> Result<Spread, String> {
    let mut rates = Vec::new();
    for _ in 0..5 {
        let this = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut command = if one_core { measure::on_one_core(&this) } else { Command::new(&this) };
        let output = command
            .args(["--case", direction, form])
            .arg(folder.join("case.smsg"))
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        rates.push(text.trim().parse().map_err(|_| format!("{direction} {form} answered «{text}»"))?);
    }
    Ok(Spread::of(rates))
}

/// `--case DIRECTION FORM FILE`: one call, timed; prints MB/s.
pub(crate) fn case(args: &[String]) -> Result<(), String> {
    let [direction, form, file] = args else { return Err("--case DIRECTION FORM FILE".to_owned()) };
    let seconds = if direction == "encrypt" { encrypt(form, file)? } else { decrypt(form, file)? };
    println!("{}", LEN as f64 / 1e6 / seconds);
    Ok(())
}

fn licence() -> Licence {
    Licence { id: "bench licence".into(), fingerprint: "".into() }
}

fn encrypt(form: &str, file: &str) -> Result<f64, String> {
    let content = noise()?;
    let attachment = Attachment { name: "a.bin".into(), mime: "application/octet-stream".into(), size: LEN };
    let message = Message {
        body: "bench".into(),
        attachments: vec![attachment],
        timestamp: NOW.0,
        ..Message::default()
    };
    let release = Release { message, manifest: None, hint: None };
    let password = Password::new("bench key");
    let target = match form {
        "v2 zstd" => Target::V2 { password, compression: Compression::Zstd },
        "v2 none" => Target::V2 { password, compression: Compression::None },
        _ => Target::V3 { licence: licence(), cadence: Cadence::Daily, now: NOW, chunk: Some(1 << 20) },
    };
    let mut out = Vec::with_capacity(content.len() + (1 << 20));
    let mut rng = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
    let start = Instant::now();
    let mut sources = [Source(Box::new(&content[..]))];
    seal(&release, &mut sources, &target, &mut rng, &mut out).map_err(|e| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    std::fs::write(file, out).map_err(|e| e.to_string())?;
    Ok(seconds)
}

fn decrypt(form: &str, file: &str) -> Result<f64, String> {
    let sealed = std::fs::read(file).map_err(|e| e.to_string())?;
    let credential = if form == "v3 chunked" {
        Credential::Licence { licence: licence(), at: NOW, cadence: None }
    } else {
        Credential::Password(Password::new("bench key"))
    };
    let options = Options { limits: Limits::default(), now: None };
    let mut sink = Memory(Vec::new());
    let start = Instant::now();
    open(&sealed[..], Some(sealed.len() as u64), &credential, &options, &mut sink)
        .map_err(|e: OpenError| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    if sink.0.len() as u64 == LEN { Ok(seconds) } else { Err("it opened to something else".to_owned()) }
}

/// Keeps the attachment, as the original's result does.
struct Memory(Vec<u8>);

impl Sink for Memory {
    fn message(&mut self, message: &Message) -> io::Result<()> {
        self.0.reserve_exact(message.attachments.first().map_or(0, |a| usize::try_from(a.size).unwrap_or(0)));
        Ok(())
    }
    fn content(&mut self, _: usize, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Bytes that do not compress.
fn noise() -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    let mut random = File::open("/dev/urandom").map_err(|e| e.to_string())?.take(LEN);
    random.read_to_end(&mut content).map_err(|e| e.to_string())?;
    Ok(content)
}

/// Each case of the original's package with its rates, as `interop/smsg-original` measures them; none where Go or the module is not
/// to be had.
fn original(bench: &Bench) -> Result<Vec<(String, Vec<f64>)>, String> {
    let program = bench.folder.join("smsg-original");
    let built = Command::new("go")
        .current_dir(bench.interop.join("smsg-original"))
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .status();
    if !built.is_ok_and(|status| status.success()) {
        println!("(the original is not built: it takes Go and its module proxy)\n");
        return Ok(Vec::new());
    }
    let output = Command::new(&program)
        .args(["bench", "-runs", "5"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |line: &str| -> Option<(String, Vec<f64>)> {
        let figure: serde_json::Value = serde_json::from_str(line).ok()?;
        let rates = figure["mb_per_s"].as_array()?.iter().filter_map(serde_json::Value::as_f64).collect();
        Some((figure["case"].as_str()?.to_owned(), rates))
    };
    text.lines().map(|l| line(l).ok_or_else(|| format!("the original's bench answered «{l}»"))).collect()
}

/// What `osp seal` and `osp unseal` hold, and how long they take with files, fsync included.
fn memory(bench: &Bench) -> Result<(), String> {
    let file = bench.folder.join("attachment.bin");
    File::create(&file)
        .and_then(|mut f| f.write_all(&noise().map_err(io::Error::other)?))
        .map_err(|e| e.to_string())?;
    let sealed = bench.folder.join("attachment.smsg");
    let out = bench.folder.join("unsealed");
    println!("\n| the program, 128 MiB | seconds | peak memory |\n|---|---|---|");
    let forms: [(&str, &[&str], &[&str]); 3] = [
        (
            "v2 zstd",
            &["--format", "v2", "--key", "bench key of 20 letters", "--compression", "zstd"],
            &["--key", "bench key of 20 letters"],
        ),
        (
            "v2 none",
            &["--format", "v2", "--key", "bench key of 20 letters", "--compression", "none"],
            &["--key", "bench key of 20 letters"],
        ),
        (
            "v3 chunked",
            &[
                "--format",
                "v3",
                "--license-id",
                "L",
                "--fingerprint",
                "F",
                "--cadence",
                "daily",
                "--chunk-size",
                "1048576",
            ],
            &["--license-id", "L", "--fingerprint", "F"],
        ),
    ];
    for (form, to_seal, to_open) in forms {
        let mut seal = Command::new(&bench.osp);
        seal.arg("seal").arg(&file).args(["--force", "--out"]).arg(&sealed).args(to_seal);
        row(&format!("`osp seal`, {form}"), measure::best(3, || measure::run(&mut seal))?);
        let mut unseal = Command::new(&bench.osp);
        unseal.arg("unseal").arg(&sealed).args(["--force", "--out"]).arg(&out).args(to_open);
        row(&format!("`osp unseal`, {form}"), measure::best(3, || measure::run(&mut unseal))?);
    }
    for made in [&file, &sealed] {
        let _ = std::fs::remove_file(made);
    }
    let _ = std::fs::remove_dir_all(out);
    Ok(())
}

fn row(name: &str, cost: measure::Cost) {
    println!("| {name} | {:.2} | {:.0} MiB |", cost.wall.as_secs_f64(), cost.peak as f64 / 1_048_576.0);
}

/// `osp inspect` of a file of 1 GB: reading it would take longer.
fn inspect(bench: &Bench) -> Result<(), String> {
    let file = bench.folder.join("large.smsg");
    // A hole behind the header: inspecting must not look there.
    let mut header = Vec::from(*b"SMSG\x02");
    let json =
        br#"{"algorithm":"chacha20poly1305","format":"v2","manifest":{"title":"Large"},"version":"1.0"}"#;
    header.extend_from_slice(&u32::try_from(json.len()).map_err(|e| e.to_string())?.to_be_bytes());
    header.extend_from_slice(json);
    let made =
        File::create(&file).and_then(|mut f| f.write_all(&header).and_then(|()| f.set_len(1_000_000_000)));
    made.map_err(|e| e.to_string())?;
    let mut best = f64::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        let status = Command::new(&bench.osp)
            .arg("inspect")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !status.is_ok_and(|s| s.success()) {
            return Err("osp inspect failed".to_owned());
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let start = Instant::now();
    let _ = Command::new("true").status();
    let bare = start.elapsed().as_secs_f64();
    println!(
        "\n`osp inspect` of 1 GB: {:.1} ms from start to end, best of 20 (`true`: {:.1} ms)",
        best * 1e3,
        bare * 1e3
    );
    let _ = std::fs::remove_file(file);
    Ok(())
}

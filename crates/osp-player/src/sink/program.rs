//! The sound device through a player that the system has: raw samples into its standard input.
//!
//! No sound library has to be there to build this, and whichever sound server runs, its own player knows the way to it.

use super::{Sink, SinkError};
use crate::Format;
use std::{
    io::{ErrorKind, Read as _, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

/// A player that reads raw samples.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Found in `PATH`.
    pub name: &'static str,
    arguments: fn(Format) -> Vec<String>,
}

/// The players that are tried, in this order: those of sound servers, then those that bring their own way.
pub const PROGRAMS: [Program; 6] = [
    Program { name: "pacat", arguments: pacat },
    Program { name: "pw-cat", arguments: pw_cat },
    Program { name: "aplay", arguments: aplay },
    Program { name: "ffplay", arguments: ffplay },
    Program { name: "play", arguments: sox },
    Program { name: "mpv", arguments: mpv },
];

fn texts(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|&part| part.to_owned()).collect()
}

fn pacat(format: Format) -> Vec<String> {
    let (rate, channels) = (format!("--rate={}", format.rate), format!("--channels={}", format.channels));
    texts(&[
        "--playback",
        "--raw",
        "--format=float32le",
        &rate,
        &channels,
        "--latency-msec=200",
        "--client-name=osp",
    ])
}

fn pw_cat(format: Format) -> Vec<String> {
    let (rate, channels) = (format.rate.to_string(), format.channels.to_string());
    texts(&[
        "--playback",
        "--raw",
        "--format",
        "f32",
        "--rate",
        &rate,
        "--channels",
        &channels,
        "--latency",
        "200ms",
        "-",
    ])
}

fn aplay(format: Format) -> Vec<String> {
    let (rate, channels) = (format.rate.to_string(), format.channels.to_string());
    texts(&["-q", "-t", "raw", "-f", "FLOAT_LE", "-r", &rate, "-c", &channels, "--buffer-time=200000", "-"])
}

fn ffplay(format: Format) -> Vec<String> {
    let (rate, channels) = (format.rate.to_string(), format.channels.to_string());
    let quiet = ["-hide_banner", "-loglevel", "error", "-nodisp", "-autoexit", "-nostdin"];
    let input =
        ["-f", "f32le", "-sample_rate", &rate, "-ch_layout", if channels == "1" { "mono" } else { "stereo" }];
    texts(&[&quiet[..], &input, &["-i", "pipe:0"]].concat())
}

fn sox(format: Format) -> Vec<String> {
    let (rate, channels) = (format.rate.to_string(), format.channels.to_string());
    texts(&["-q", "-t", "raw", "-e", "floating-point", "-b", "32", "-L", "-r", &rate, "-c", &channels, "-"])
}

fn mpv(format: Format) -> Vec<String> {
    let rate = format!("--demuxer-rawaudio-rate={}", format.rate);
    let channels = format!("--demuxer-rawaudio-channels={}", format.channels);
    let raw = ["--demuxer=rawaudio", "--demuxer-rawaudio-format=floatle", &rate, &channels];
    texts(&[&["--no-terminal", "--no-video", "--no-config"][..], &raw, &["-"]].concat())
}

/// A program that ends without having read so much never played: the next one gets it all. Pipes hold less.
const PROVEN: usize = 1 << 20;
/// What of a program's complaint is shown, bytes.
const MAX_COMPLAINT: u64 = 2000;

/// Plays through the first of the programs that works.
#[derive(Debug)]
pub struct ProgramSink {
    programs: Vec<Program>,
    format: Format,
    running: Option<Running>,
    /// What the running program has got, while it is not proven.
    sent: Vec<u8>,
    proven: bool,
    tried: Vec<String>,
}

#[derive(Debug)]
struct Running {
    program: Program,
    child: Child,
    input: ChildStdin,
}

impl Default for ProgramSink {
    fn default() -> Self {
        Self::new(PROGRAMS.to_vec())
    }
}

impl ProgramSink {
    /// Tries these, in order.
    #[must_use]
    pub fn new(programs: Vec<Program>) -> Self {
        let format = Format { rate: 0, channels: 0 };
        Self { programs, format, running: None, sent: Vec::new(), proven: false, tried: Vec::new() }
    }

    /// The program that plays now.
    #[must_use]
    pub fn program(&self) -> Option<&'static str> {
        self.running.as_ref().map(|running| running.program.name)
    }

    /// Starts the first program that can be started.
    fn launch(&mut self) -> Result<(), SinkError> {
        while let Some(program) = self.programs.first().copied() {
            let mut command = Command::new(program.name);
            command.args((program.arguments)(self.format));
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
            apart(&mut command);
            match command.spawn() {
                Ok(mut child) => {
                    if let Some(input) = child.stdin.take() {
                        self.running = Some(Running { program, child, input });
                        return Ok(());
                    }
                    let _ = child.kill();
                }
                Err(e) if e.kind() == ErrorKind::NotFound => {
                    self.tried.push(format!("{}: not installed", program.name));
                }
                Err(e) => self.tried.push(format!("{}: {e}", program.name)),
            }
            self.programs.remove(0);
        }
        Err(SinkError::NoDevice { tried: std::mem::take(&mut self.tried) })
    }

    /// The running program ended: why.
    fn bury(&mut self) -> String {
        let Some(Running { program, mut child, input }) = self.running.take() else { return String::new() };
        drop(input);
        // It closed its input, so it is about to end by itself.
        let ended = (0..30).any(|_| {
            let ended = matches!(child.try_wait(), Ok(Some(_)));
            if !ended {
                std::thread::sleep(Duration::from_millis(10));
            }
            ended
        });
        if !ended {
            let _ = child.kill();
        }
        explain(program, &mut child)
    }

    /// Writes bytes, to the next program from the beginning if this one never played.
    fn send(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        if !self.proven {
            self.sent.extend_from_slice(bytes);
        }
        loop {
            let Some(running) = &mut self.running else {
                self.launch()?;
                if !self.proven && self.sent.len() > bytes.len() {
                    let all = std::mem::take(&mut self.sent);
                    let result = self.running.as_mut().map(|running| running.input.write_all(&all));
                    self.sent = all;
                    if !matches!(result, Some(Ok(()))) {
                        self.give_up()?;
                        continue;
                    }
                    return Ok(());
                }
                continue;
            };
            match running.input.write_all(bytes) {
                Ok(()) => {
                    if !self.proven && self.sent.len() >= PROVEN {
                        self.proven = true;
                        self.sent = Vec::new();
                    }
                    return Ok(());
                }
                Err(_) => self.give_up()?,
            }
        }
    }

    /// The running program is the wrong one, or stopped in the middle.
    fn give_up(&mut self) -> Result<(), SinkError> {
        let reason = self.bury();
        if self.proven {
            return Err(SinkError::Device(reason));
        }
        self.tried.push(reason);
        self.programs.remove(0);
        Ok(())
    }
}

/// What a program that ends says: the last line of its complaint, or its exit.
fn explain(program: Program, child: &mut Child) -> String {
    let mut complaint = String::new();
    if let Some(errors) = child.stderr.take() {
        let _ = errors.take(MAX_COMPLAINT).read_to_string(&mut complaint);
    }
    let status = child.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
    let line = complaint.lines().map(str::trim).rfind(|line| !line.is_empty());
    format!("{}: {}", program.name, line.unwrap_or(&status))
}

/// An interrupt at the terminal is for this program alone: it decides what to do with the player.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn apart(_: &mut Command) {}

impl Sink for ProgramSink {
    fn start(&mut self, wanted: Format) -> Result<Format, SinkError> {
        // Two channels are what every one of them takes without being told where the speakers stand.
        self.format = Format { channels: wanted.channels.min(2), ..wanted };
        self.launch()?;
        Ok(self.format)
    }

    fn write(&mut self, samples: &[f32]) -> Result<(), SinkError> {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.send(&bytes)
    }

    fn discard(&mut self) {
        // What it holds is gone with it; the next write starts it again.
        if let Some(mut running) = self.running.take() {
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
        self.sent.clear();
    }

    fn is_live(&self) -> bool {
        true
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        while let Some(Running { program, mut child, input }) = self.running.take() {
            drop(input);
            let reason = explain(program, &mut child);
            if child.wait()?.success() || self.proven {
                return Ok(());
            }
            // All of a short sound fits into the pipe of a program that cannot play it.
            self.tried.push(reason);
            self.programs.remove(0);
            if !self.sent.is_empty() {
                let all = std::mem::take(&mut self.sent);
                self.send(&all)?;
            }
        }
        Ok(())
    }
}

impl Drop for ProgramSink {
    fn drop(&mut self) {
        self.discard();
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Program, ProgramSink};
    use crate::{
        Format,
        sink::{Sink as _, SinkError},
    };

    const FORMAT: Format = Format { rate: 48_000, channels: 6 };

    fn missing(_: Format) -> Vec<String> {
        Vec::new()
    }

    fn refuses(_: Format) -> Vec<String> {
        super::texts(&["-c", "echo no such card >&2; exit 1"])
    }

    #[test]
    fn without_any_the_error_names_the_ways_out() {
        let programs = vec![
            Program { name: "no-such-player-of-osp", arguments: missing },
            Program { name: "sh", arguments: refuses },
        ];
        let mut sink = ProgramSink::new(programs);
        let format = sink.start(FORMAT).unwrap();
        assert_eq!(format.channels, 2);
        // Which of the two meets the program's end, nobody knows.
        let error = sink.write(&[0.0; 64]).and_then(|()| sink.finish()).unwrap_err().to_string();
        for words in ["not installed", "sh: no such card", "--output", "--null"] {
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_next_program_gets_all_of_it() {
        let programs =
            vec![Program { name: "sh", arguments: refuses }, Program { name: "cat", arguments: missing }];
        let mut sink = ProgramSink::new(programs);
        sink.start(FORMAT).unwrap();
        // More than a pipe holds, so that the first one's end is met while writing.
        for _ in 0..100 {
            sink.write(&[0.25; 2048]).unwrap();
        }
        assert_eq!(sink.program(), Some("cat"));
        sink.finish().unwrap();
    }

    #[test]
    fn a_program_that_stops_in_the_middle_is_not_replaced() {
        fn some(_: Format) -> Vec<String> {
            super::texts(&["-c", "2000000"])
        }
        let programs =
            vec![Program { name: "head", arguments: some }, Program { name: "cat", arguments: missing }];
        let mut sink = ProgramSink::new(programs);
        sink.start(FORMAT).unwrap();
        let written = (0..1000).try_for_each(|_| sink.write(&[0.25; 2048]));
        assert!(matches!(written, Err(SinkError::Device(_))), "{written:?}");
    }
}

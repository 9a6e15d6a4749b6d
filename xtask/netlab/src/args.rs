//! The command line.

use crate::link::Line;
use std::time::Duration;

/// What the program was asked for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Hosts and their lines, in order.
    pub(crate) hosts: Vec<(String, Line)>,
    /// Decides which frames are lost.
    pub(crate) seed: u64,
}

pub(crate) const HELP: &str = "\
netlab: hosts in network namespaces, joined by a switch with delay, loss and rate. Needs root.

  netlab [--seed N] --host NAME[,delay=25ms][,loss=0.01][,rate=2500000] ...

A line's delay and loss count each way, rate is bytes a second each way. Prints one JSON line with every host's
namespace and address, then runs until its standard input ends.
  ip netns exec NAMESPACE PROGRAM     runs a program on a host
";

pub(crate) fn parse() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { seed: 1, ..Options::default() };
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("help") | Short('h') => return Ok(None),
            Long("seed") => options.seed = args.value()?.parse()?,
            Long("host") => options.hosts.push(host(&args.value()?.string()?)?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

fn host(text: &str) -> Result<(String, Line), lexopt::Error> {
    let mut parts = text.split(',');
    let name = parts.next().unwrap_or_default().to_owned();
    if name.is_empty() || name.len() > 8 || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(format!("a host's name has 1 to 8 letters and digits, not «{name}»").into());
    }
    let mut line = Line::default();
    for part in parts {
        let wrong = || lexopt::Error::from(format!("«{part}» says nothing about a line; see --help"));
        let (key, value) = part.split_once('=').ok_or_else(wrong)?;
        match key {
            "delay" => {
                let ms: f64 = value.strip_suffix("ms").and_then(|v| v.parse().ok()).ok_or_else(wrong)?;
                line.delay = Duration::try_from_secs_f64(ms / 1000.0).map_err(|_| wrong())?;
            }
            "loss" => line.loss = value.parse().ok().filter(|l| (0.0..=1.0).contains(l)).ok_or_else(wrong)?,
            "rate" => line.rate = Some(value.parse().ok().filter(|r| *r > 0).ok_or_else(wrong)?),
            _ => return Err(wrong()),
        }
    }
    Ok((name, line))
}

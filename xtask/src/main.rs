//! `cargo xtask VERB`: how this repository is built, shown and tested. One verb, one file.

// A build program talks to a person on a terminal.
#![allow(clippy::print_stdout)]

mod bench;
mod demo;
mod error;
mod fingerprint;
mod fuzz;
mod interop;
mod kubo;
mod librqbit;
#[cfg(test)]
mod lockfile;
mod netem;
mod run;
mod setup;
mod smsg_original;
mod soak;
mod steps;
mod test;
mod wasm;
mod web;

use std::process::ExitCode;

use lexopt::prelude::*;

use crate::error::{Error, Result};

const HELP: &str = "\
usage: cargo xtask VERB

  demo [--port N] [--no-open] [--exit-after-ready]
                      build everything, publish the demo album, start a node and open it in a browser
  test                format, lints, all tests, the browser tests: what has to pass before a change lands
  setup               install what the machine still lacks, or say what to install

  wasm                the browser module, in web/src/wasm
  web                 the browser module and the web client, in web/dist

Slower, and not part of `test`:
  interop             our program against real peers
  bench [ARGS]        the figures, as ratios to other programs measured in the same run
  fuzz [TARGET] [--seconds N]
                      libFuzzer over the parsers, 600 seconds each
  netem --listen ADDR --to ADDR [--delay 50ms] [--loss 0.01] [--rate 20MB] [--queue 100ms] [--seed 7]
                      forward UDP and TCP as a slow, long or lossy path would, until stopped
  soak [--rounds N]   the crash tests with 200 kills each, the property tests with 10,000 cases
  soak page [--minutes N]
                      40 minutes of listening at 16 times speed in Chromium, looking for growth of memory
";

fn main() -> ExitCode {
    match verb(lexopt::Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Reads the verb and its arguments, and runs it.
fn verb(mut args: lexopt::Parser) -> Result {
    let verb = match args.next()? {
        None => String::from("help"),
        Some(Long("help") | Short('h')) => String::from("help"),
        Some(Value(verb)) => verb.string()?,
        Some(other) => return Err(other.unexpected().into()),
    };
    match verb.as_str() {
        "demo" => demo::demo(&demo_options(args)?),
        "fuzz" => {
            let (target, seconds) = fuzz_options(args)?;
            fuzz::fuzz(target.as_deref(), seconds)
        }
        "netem" => netem::netem(&netem::Options::read(args)?),
        "soak" => match soak_options(args)? {
            Soak::Rounds(rounds) => soak::soak(rounds),
            Soak::Page(minutes) => soak::page(minutes),
        },
        "bench" => bench::bench(args.raw_args()?.collect()),
        "test" => alone(args, test::test),
        "setup" => alone(args, setup::all),
        "wasm" => alone(args, wasm::wasm),
        "web" => alone(args, web::web),
        "interop" => alone(args, interop::interop),
        "help" => alone(args, || {
            print!("{HELP}");
            Ok(())
        }),
        other => Err(Error::Usage(format!("there is no verb `{other}`"))),
    }
}

/// For the verbs without arguments.
fn alone(mut args: lexopt::Parser, work: impl FnOnce() -> Result) -> Result {
    match args.next()? {
        None => work(),
        Some(arg) => Err(arg.unexpected().into()),
    }
}

fn demo_options(mut args: lexopt::Parser) -> Result<demo::Options> {
    let mut options = demo::Options::default();
    while let Some(arg) = args.next()? {
        match arg {
            Long("port") => options.port = Some(args.value()?.parse()?),
            Long("no-open") => options.no_open = true,
            Long("exit-after-ready") => options.exit_after_ready = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn fuzz_options(mut args: lexopt::Parser) -> Result<(Option<String>, u32)> {
    let (mut target, mut seconds) = (None, 600);
    while let Some(arg) = args.next()? {
        match arg {
            Long("seconds") => seconds = args.value()?.parse()?,
            Value(name) if target.is_none() => target = Some(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok((target, seconds))
}

/// What is repeated.
#[derive(Debug, PartialEq, Eq)]
enum Soak {
    /// Kills and cases, with so many rounds.
    Rounds(u32),
    /// Listening in the page, for so many minutes.
    Page(u32),
}

fn soak_options(mut args: lexopt::Parser) -> Result<Soak> {
    let mut soak = Soak::Rounds(200);
    while let Some(arg) = args.next()? {
        match (arg, &mut soak) {
            (Long("rounds"), Soak::Rounds(rounds)) => *rounds = args.value()?.parse()?,
            (Long("minutes"), Soak::Page(minutes)) => *minutes = args.value()?.parse()?,
            (Value(name), Soak::Rounds(_)) if name == "page" => soak = Soak::Page(40),
            (other, _) => return Err(other.unexpected().into()),
        }
    }
    Ok(soak)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn args(words: &[&str]) -> lexopt::Parser {
        lexopt::Parser::from_args(words.iter().copied())
    }

    #[test]
    fn the_demos_flags_are_read() {
        let options = demo_options(args(&["--port", "0", "--exit-after-ready"])).unwrap();
        assert_eq!(options, demo::Options { port: Some(0), no_open: false, exit_after_ready: true });
    }

    #[test]
    fn a_wrong_word_is_a_usage_error() {
        for words in
            [&["demo", "--prot", "1"][..], &["demo", "--port", "99999"], &["test", "x"], &["nonsense"]]
        {
            assert_eq!(verb(args(words)).unwrap_err().exit_code(), 2, "{words:?}");
        }
    }

    #[test]
    fn the_page_is_soaked_by_the_minute_and_the_rest_by_rounds() {
        for (words, soak) in [
            (&[][..], Soak::Rounds(200)),
            (&["--rounds", "3"], Soak::Rounds(3)),
            (&["page"], Soak::Page(40)),
            (&["page", "--minutes", "5"], Soak::Page(5)),
        ] {
            assert_eq!(soak_options(args(words)).unwrap(), soak, "{words:?}");
        }
        for words in [&["--minutes", "5"][..], &["page", "--rounds", "3"], &["rage"]] {
            assert_eq!(verb(args(&[&["soak"], words].concat())).unwrap_err().exit_code(), 2, "{words:?}");
        }
    }

    #[test]
    fn a_fuzz_target_and_its_time_come_in_any_order() {
        for words in [["record", "--seconds", "5"], ["--seconds", "5", "record"]] {
            assert_eq!(fuzz_options(args(&words)).unwrap(), (Some("record".into()), 5));
        }
    }
}

//! `osp`: publish music that nobody can forge, take down or tax, and find and play it anywhere.
//!
//! Thin over `osp-node`: this crate reads arguments, asks for passphrases, shows progress and prints results.
//! Results go to stdout, everything else to stderr. Exit codes: see [`error::Exit`].

mod args;
mod commands;
mod convert;
mod error;
mod licence;
mod output;
mod passphrase;
mod progress;
mod units;
mod waiting;

use clap::Parser as _;
use error::CliError;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before parsing, because a usage error must be told in the form that was asked for.
    let json = std::env::args_os().skip(1).take_while(|a| a != "--").any(|a| a == "--json");
    let result = match args::Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(e) if e.use_stderr() => Err(CliError::from_clap(&e, json)),
        // --help and --version
        Err(e) => {
            let _ = e.print();
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.print(json);
            error.exit.into()
        }
    }
}

fn run(cli: args::Cli) -> Result<(), CliError> {
    if !matches!(cli.command, args::Command::Node(_)) {
        output::log_to_stderr(cli.global.verbose)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| CliError::local("local", format!("cannot start: {e}")))?;
    let result = runtime.block_on(commands::run(cli));
    // A prompt or a read that still blocks a thread must not keep the process.
    runtime.shutdown_background();
    result
}

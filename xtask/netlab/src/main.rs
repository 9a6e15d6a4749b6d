//! A network for tests on one machine: hosts as network namespaces, joined by a switch with delay, loss and rate.
//!
//! ```text
//!  namespace a            netlab                 namespace b
//!  net0 45.66.77.1 <-TAP-> switch <-TAP-> net0 45.66.77.2
//!                    delay, loss, rate of both lines
//! ```
//!
//! `tc netem` is not in every kernel; whole frames go through here instead, so TCP, uTP and WebRTC meet the same
//! network. The losses are a function of the seed and the order of frames.

mod args;
mod hosts;
mod link;
mod switch;

use std::{io::Write as _, process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("netlab: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let Some(options) = args::parse().map_err(|e| e.to_string())? else {
        return say(args::HELP);
    };
    hosts::clean();
    let mut made = Vec::new();
    for (index, (name, _)) in options.hosts.iter().enumerate() {
        let index = u8::try_from(index).ok().filter(|i| *i < 250).ok_or("at most 250 hosts fit")?;
        made.push(Arc::new(hosts::Host::make(name, index)?));
    }
    let described: Vec<String> = made
        .iter()
        .map(|h| format!(r#""{}":{{"namespace":"{}","address":"{}"}}"#, h.name, h.namespace, h.address))
        .collect();
    let lines: Vec<_> = options.hosts.into_iter().map(|(_, line)| line).collect();
    let (for_switch, seed) = (made.clone(), options.seed);
    std::thread::spawn(move || switch::run(&for_switch, &lines, seed));
    say(&format!("{{\"ready\":true,\"hosts\":{{{}}}}}\n", described.join(",")))?;
    // Whoever started us ends us by closing our input, or by dying.
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    for host in &made {
        host.remove();
    }
    Ok(())
}

fn say(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| e.to_string())
}

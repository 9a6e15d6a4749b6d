//! `osp node`: serves the home over HTTP until it is told to stop.

use crate::{
    args::{Global, Node as Args},
    error::{CliError, Exit},
    output,
};
use osp_node::{
    config::{LogFormat, Partial, discovery::PartialDiscovery},
    server::Server,
};

pub(super) async fn run(global: &Global, args: Args) -> Result<(), CliError> {
    let home = super::home(global)?;
    let log_format = match args.log_format.as_deref() {
        None => None,
        Some("text") => Some(LogFormat::Text),
        Some("json") => Some(LogFormat::Json),
        Some(other) => {
            return Err(CliError::usage(format!("«{other}» is no log format")).hint("write text or json"));
        }
    };
    let verbose = ["info", "debug", "trace"].get(usize::from(global.verbose)).copied().unwrap_or("trace");
    let flags = Partial {
        http: args.http,
        public_url: args.public_url,
        allow_private: global.allow_private.then_some(true),
        log: match (global.quiet, global.verbose) {
            (true, _) => Some("error".to_owned()),
            (false, 0) => None,
            (false, _) => Some(verbose.to_owned()),
        },
        log_format,
        peers: args.peers.settings(),
        discovery: PartialDiscovery {
            peer: (!args.peer.is_empty()).then_some(args.peer),
            ..args.network.settings()
        },
        ..Partial::default()
    };
    let file = match &args.config {
        Some(path) => Partial::from_file(path, true)?,
        None => Partial::from_file(&home.join("config.toml"), false)?,
    };
    let config =
        file.overlaid(Partial::from_env(|name| std::env::var(name).ok())?).overlaid(flags).complete()?;
    output::log_filter(&config.log)?;
    if args.print_config {
        return output::line(config.to_toml().trim_end());
    }
    output::log(&config.log, config.log_format)?;
    let node = super::open_with(global, config.allow_private)?;
    let server = Server::bind(node, &config).await?;
    let ready = server.ready().clone();
    // The listener is bound: a connection made from now on is answered as soon as `run` polls it.
    let stop = shutdown_signal()?;
    match output::json(&ready) {
        // Who started us need not read the line.
        Err(e) if e.exit == Exit::ReaderGone => {}
        other => other?,
    }
    tracing::info!(http = ready.http, "node is ready");
    server.run(stop).await.map_err(CliError::from)
}

/// Resolves on SIGINT or SIGTERM.
fn shutdown_signal() -> Result<impl Future<Output = ()> + Send, CliError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let catch = |kind| signal(kind).map_err(|e| CliError::local("local", e.to_string()));
        let mut terminate = catch(SignalKind::terminate())?;
        let mut interrupt = catch(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

//! `osp play`: music, from wherever it is.

mod keys;
mod screen;

use crate::{
    args::{Global, play::Play},
    error::{CliError, Exit},
    licence, output, units,
};
use osp_core::reference::Reference;
use osp_node::{
    play::{Keys, Opening, PlayError, TrackState, Tracks, Wanted, wanted},
    resolve::{BytesBySource, ResolveEvent},
    staged::{self, Staged},
};
use osp_player::{
    Volume,
    decode::{DecodeError, OpenError},
    player::{Control, Event, Failure, Options, Report, play},
    sink::{NullSink, ProgramSink, Sink, SinkError, WavSink},
};
use std::{
    path::Path,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// One line of `osp play --json` (`spec/schemas/play.json`).
#[derive(serde::Serialize)]
struct Line {
    record: Option<Box<serde_json::value::RawValue>>,
    cid: Option<String>,
    played_seconds: f64,
    samples: u64,
    stalls: u32,
    first_sound_ms: Option<u64>,
    sources: BytesBySource,
}

type Happened = Event<PlayError>;

pub(super) async fn run(global: &Global, args: Play) -> Result<(), CliError> {
    let asked = Instant::now();
    let (list, link) = named(&args)?;
    let needs_home = list.iter().any(|wanted| matches!(wanted, Wanted::Reference(_)));
    let mut password = licence::given(&args.key)?;
    let mut sold = match &args.license_file {
        Some(place) => Some(licence::fetch(global, place).await?),
        None => None,
    };
    if let Some(link) = link {
        password = password.or(Some(link.key));
        sold = sold.or(link.licence);
    }
    let licence = licence::licence(&args.licence)?;
    if password.is_none() && licence.is_none() && list.iter().any(is_sealed_file) && licence::can_ask() {
        let typed = licence::ask("Licence key (empty: the preview, if there is one): ")?;
        password = Some(typed).filter(|typed| !typed.is_empty()).map(licence::password).transpose()?;
    }
    if let Some(path) = args.output.as_deref().filter(|path| staged::taken(path, args.force)) {
        let text = format!("{} is there already", path.display());
        return Err(CliError::local("exists", text).hint("name another file, or use --force to replace it"));
    }
    let node = if needs_home { Some(super::peers::open(global, &args.sharing).await?) } else { None };
    let home = node.clone();
    let keys = Keys {
        password,
        licence,
        sold,
        now: units::now(),
        ignore_expiry: args.ignore_expiry,
        home: super::home(global).ok(),
        allow_private: super::allow_private(global)?,
    };
    let warn = |event: ResolveEvent<'_>| {
        if let ResolveEvent::Lied { source, what } = event {
            output::warn(global, "unverified", source, what);
        }
    };
    let tracks = Tracks::gather(node, list, &args.from, args.album.as_deref(), keys, &warn).await?;
    let tracks = Arc::new(tracks);
    let found_after = asked.elapsed();

    let mut target = Target::new(&args)?;
    let (control, controls) = mpsc::channel();
    let (tell, events) = unbounded_channel::<Happened>();
    let options = Options { start: args.start, volume: Volume::percent(args.volume) };
    let mut sink = target.sink(&args)?;
    let list = Arc::clone(&tracks);
    let playing = tokio::task::spawn_blocking(move || {
        let result = play(&list, &mut *sink, options, &controls, &mut |event| {
            let _ = tell.send(event);
        });
        drop(sink);
        result
    });
    let keyboard = keys::Keyboard::open(args.output.is_none() && !args.null, control.clone());
    let mut session = Session {
        global,
        tracks: &tracks,
        screen: screen::Screen::new(global.quiet || global.json),
        before: found_after,
        first_failure: None,
        interrupted: false,
        first_sound: None,
    };
    let watched = session.watch(events, &control).await;
    drop(keyboard);
    session.screen.clear();
    let (failure, interrupted) = (session.first_failure, session.interrupted);
    let sounded = playing.await.map_err(|e| CliError::local("local", format!("playing stopped: {e}")))?;
    watched?;
    if interrupted {
        return Err(CliError::silent(Exit::Local));
    }
    sounded.map_err(CliError::from)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    target.place(args.force)?;
    tracks.settle().await;
    if let Some(home) = &home {
        super::seed::trim(global, home, &args.from).await;
    }
    Ok(())
}

/// What was named on the command line, and the key of the first link that brings one.
fn named(args: &Play) -> Result<(Vec<Wanted>, Option<licence::Link>), CliError> {
    args.from.iter().try_for_each(|place| super::check_place(place))?;
    let mut list = Vec::new();
    let mut key = None;
    for text in &args.what {
        let (address, link) = licence::link(text);
        key = key.or(link);
        list.extend(wanted(address)?);
    }
    for wanted in &list {
        if let Wanted::Reference(Reference::Url(url)) = wanted {
            osp_fetch::Target::typed(url)
                .map_err(|e| CliError::advised(Exit::Usage, "usage", &e.to_string()))?;
        }
    }
    Ok((list, key))
}

fn is_sealed_file(wanted: &Wanted) -> bool {
    matches!(wanted, Wanted::File(path) if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("smsg")))
}

/// Where the sound goes; a file appears only when all of it is there.
struct Target {
    staged: Option<(Staged, std::path::PathBuf)>,
}

impl Target {
    fn new(args: &Play) -> Result<Self, CliError> {
        let staged = args.output.as_ref().map(|path| {
            let staged = Staged::beside(path).map_err(|e| CliError::unwritten(path, &e))?;
            Ok::<_, CliError>((staged, path.clone()))
        });
        Ok(Self { staged: staged.transpose()? })
    }

    fn sink(&mut self, args: &Play) -> Result<Box<dyn Sink>, CliError> {
        Ok(match &mut self.staged {
            Some((staged, path)) => {
                let file = staged.file().try_clone().map_err(|e| CliError::unwritten(path, &e))?;
                Box::new(WavSink::new(file))
            }
            None if args.null => Box::new(NullSink::default()),
            None => Box::new(ProgramSink::default()),
        })
    }

    fn place(&mut self, force: bool) -> Result<(), CliError> {
        let Some((staged, path)) = self.staged.take() else { return Ok(()) };
        let fail = |e: std::io::Error| CliError::unwritten(&path, &e);
        staged.finish().and_then(|finished| finished.place(&path, force)).map_err(fail)?;
        staged::sync_folder(&staged::folder(&path)).map_err(fail)
    }
}

/// What the listener sees while it plays.
struct Session<'s> {
    global: &'s Global,
    tracks: &'s Tracks,
    screen: screen::Screen,
    /// Since the command was given, when the first track was due.
    before: Duration,
    first_failure: Option<CliError>,
    interrupted: bool,
    first_sound: Option<Duration>,
}

impl Session<'_> {
    async fn watch(
        &mut self,
        mut events: UnboundedReceiver<Happened>,
        control: &mpsc::Sender<Control>,
    ) -> Result<(), CliError> {
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        let mut interrupts = crate::waiting::Interrupts::new().ok();
        let mut shown = Ok(());
        loop {
            let interrupt = async {
                match &mut interrupts {
                    Some(interrupts) => interrupts.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => {
                        if shown.is_ok() {
                            shown = self.happened(event).await;
                        }
                        if shown.is_err() {
                            // Nobody reads what is told any more.
                            let _ = control.send(Control::Quit);
                            self.tracks.stop();
                        }
                    }
                    None => return shown,
                },
                _ = tick.tick() => {
                    let state = self.tracks.state(self.screen.index()).await;
                    self.screen.show(&state);
                }
                () = interrupt => {
                    self.interrupted = true;
                    let _ = control.send(Control::Quit);
                    self.tracks.stop();
                }
            }
        }
    }

    async fn happened(&mut self, event: Happened) -> Result<(), CliError> {
        match event {
            Event::Opened { index, info } => {
                if let Some(opening) = self.tracks.opening(index) {
                    let title = self.tracks.state(index).await.title;
                    self.screen.clear();
                    self.opened(&title, &opening);
                }
                self.screen.opened(index, info);
            }
            Event::FirstSound { after, .. } => {
                let asked = std::mem::take(&mut self.before);
                self.first_sound = Some(asked + after);
            }
            Event::Progress { index, position, info, stalls } => {
                self.screen.at(index, position, info, stalls)
            }
            Event::Paused(paused) => self.screen.paused(paused),
            Event::Volume(volume) => self.screen.volume(volume),
            Event::Ended { index, info, report, .. } => {
                let state = self.tracks.state(index).await;
                let seconds = info.format.duration(report.frames).as_secs_f64();
                self.screen.clear();
                self.print(&state, seconds, &report)?;
            }
            // What was being read when the listener left is no failure.
            Event::Failed { .. } if self.interrupted => {}
            Event::Failed { index, failure } => {
                let title = self.tracks.state(index).await.title;
                let error = explain(failure, &title);
                self.screen.clear();
                if self.tracks.len() > 1 && !self.global.json {
                    let (title, why) = (output::plain(&title), output::plain(&error.message));
                    output::note(self.global.quiet, format_args!("warning: {title} is passed over: {why}"));
                }
                self.first_failure.get_or_insert(error);
            }
            _ => {}
        }
        Ok(())
    }

    /// What was bought, and what is not known of who sold it.
    fn opened(&self, title: &str, opening: &Opening) {
        if let Some(doubt) = &opening.doubt {
            output::warn(self.global, "artist_not_checked", title, doubt);
        }
        let quiet = self.global.quiet || self.global.json;
        let terms = output::plain(&super::inspect::terms(&opening.terms));
        output::note(quiet, format_args!("licence of {}: {terms}", output::plain(title)));
    }

    fn print(&mut self, state: &TrackState, seconds: f64, report: &Report) -> Result<(), CliError> {
        let first_sound = self.first_sound.take();
        if self.global.json {
            let record = state.whose.record.as_ref().map(|bytes| serde_json::from_slice(bytes)).transpose();
            return output::json(&Line {
                record: record.map_err(|e| CliError::local("local", e.to_string()))?,
                cid: state.whose.cid.map(|cid| cid.to_string()),
                played_seconds: (seconds * 1000.0).round() / 1000.0,
                samples: report.samples,
                stalls: report.stalls,
                first_sound_ms: first_sound.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
                sources: state.sources,
            });
        }
        let what = state
            .whose
            .record
            .as_ref()
            .map_or_else(|| output::plain(&state.title), |record| super::search::describe(record));
        output::line(format_args!("{what}\n  {}, {}", screen::clock(seconds), screen::sources(state)))
    }
}

/// A track that was not played, or not to its end.
fn explain(failure: Failure<PlayError>, title: &str) -> CliError {
    let named = |exit, class, text: String| CliError::advised(exit, class, &format!("«{title}»: {text}"));
    match failure {
        Failure::Missing(error) => error.into(),
        Failure::Open(OpenError::Source(e)) | Failure::Decode(DecodeError::Source(e)) => unread(e, title),
        Failure::Open(e @ OpenError::Malformed(_)) => named(Exit::Bad, "malformed", e.to_string()),
        Failure::Open(e) => named(Exit::Bad, "unsupported", e.to_string()),
        Failure::Decode(e) => named(Exit::Bad, "malformed", e.to_string()),
        other => named(Exit::Bad, "unsupported", other.to_string()),
    }
}

/// A reader that failed in the middle: the network, a sealed chunk, or the disk.
fn unread(error: std::io::Error, title: &str) -> CliError {
    let error = match error.downcast::<smsg::OpenError>() {
        Ok(sealed) => return sealed.into(),
        Err(error) => error,
    };
    let error = match error.downcast::<osp_node::sealed::release::ReleaseError>() {
        Ok(judged) => return judged.into(),
        Err(error) => error,
    };
    match error.downcast::<osp_delivery::download::ReadError>() {
        Ok(osp_delivery::download::ReadError::Download(source)) => {
            PlayError::Fetch { title: title.to_owned(), source }.into()
        }
        Ok(other) => CliError::local("io", format!("«{title}»: {other}")),
        Err(error) => CliError::local("io", format!("«{title}» cannot be read: {error}")),
    }
}

impl From<SinkError> for CliError {
    fn from(error: SinkError) -> Self {
        let class = match &error {
            SinkError::NoDevice { .. } | SinkError::Device(_) => "no-device",
            SinkError::Full => "limit",
            SinkError::Write(e) => return Self::unwritten(Path::new("the sound"), e),
            _ => "local",
        };
        // Its parts are joined by semicolons: the last one is the advice.
        Self::advised(Exit::Local, class, &error.to_string())
    }
}

impl From<PlayError> for CliError {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Resolve(e) => e.into(),
            PlayError::Sealed(e) => match e {
                smsg::OpenError::PasswordRequired => {
                    Self::new(Exit::Usage, "password_required", "a licence key is needed").hint(licence::WAYS)
                }
                smsg::OpenError::LicenceRequired => {
                    Self::new(Exit::Usage, "license_required", "this music is opened by a licence id")
                        .hint("give --license-id, and --fingerprint if you were given one")
                }
                other => other.into(),
            },
            PlayError::Web { ref source, .. } => {
                let (exit, class) = match source.kind() {
                    std::io::ErrorKind::NotFound => (Exit::NotFound, "not-found"),
                    _ => (Exit::NotFound, "unreachable"),
                };
                Self::advised(exit, class, &error.to_string())
            }
            PlayError::Release(e) => e.into(),
            PlayError::File { ref path, ref source } => Self::file(path, source),
            PlayError::Reference(_) => Self::usage(error.to_string()),
            PlayError::Playlist { .. } => Self::advised(Exit::Bad, "malformed", &error.to_string()),
            PlayError::NoSuchAlbum(_) => Self::advised(Exit::NotFound, "not-found", &error.to_string()),
            PlayError::NoMusic(_) => Self::advised(Exit::Bad, "unsupported", &error.to_string()),
            PlayError::Fetch { ref source, .. } => {
                let (exit, class) = match &**source {
                    osp_delivery::DeliveryError::Lied { .. } => (Exit::Bad, "unverified"),
                    osp_delivery::DeliveryError::Local(_) => (Exit::Local, "io"),
                    _ => (Exit::NotFound, "not-found"),
                };
                let shown = Self::new(exit, class, error.to_string());
                match exit {
                    Exit::NotFound => shown.hint(
                        "name a node that has it with --from URL, or a member of the network of nodes with --bootstrap \
                         MULTIADDR",
                    ),
                    _ => shown,
                }
            }
            other => Self::local("local", other.to_string()),
        }
    }
}

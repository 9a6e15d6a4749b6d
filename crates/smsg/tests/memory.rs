//! How much memory opening and sealing take at most: bytes that Rust's allocator gave out, counted. (What libzstd asks of C's
//! is not in it: the window, which a limit of its own bounds.)

#![allow(clippy::unwrap_used)]

mod support;

use smsg::{
    Attachment, Format, Header, Message, UnixTime,
    crypto::{Nonce, sealed_box},
    header::{ChunkTable, Compression},
    keys::{Cadence, Credential, Licence, Password},
    open::{Options, Sink, open, open_two_pass},
    seal::{Release, Source, Target, seal},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    io::{self, Cursor, Read as _},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use support::{PASSWORD, Script, any_time, cek, file, vector};

const MIB: usize = 1 << 20;
const LEN: usize = 64 * MIB;
const NOW: UnixTime = UnixTime(1_768_230_245);

struct Counting;

static NOW_HELD: AtomicUsize = AtomicUsize::new(0);
static MOST_HELD: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "an allocator is unsafe by its trait; all is handed on to the system's")]
// SAFETY: every call is the system allocator's own; counting changes nothing of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = NOW_HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST_HELD.fetch_max(held, Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW_HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// One test at a time, with what it prepares: there is one count.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `work` holds at most beyond what was held before.
fn most_held(work: impl FnOnce()) -> usize {
    let before = NOW_HELD.load(Relaxed);
    MOST_HELD.store(before, Relaxed);
    work();
    MOST_HELD.load(Relaxed) - before
}

/// Counts bytes and keeps none.
#[derive(Default)]
struct Drop(u64);

impl Sink for Drop {
    fn message(&mut self, _: &Message) -> io::Result<()> {
        Ok(())
    }
    fn content(&mut self, _: usize, bytes: &[u8]) -> io::Result<()> {
        self.0 += bytes.len() as u64;
        Ok(())
    }
}

fn licence() -> Licence {
    Licence { id: "l".into(), fingerprint: "f".into() }
}

fn v2(compression: Compression) -> Target {
    Target::V2 { password: Password::new(PASSWORD), compression }
}

fn v3(chunk: Option<u32>) -> Target {
    Target::V3 { licence: licence(), cadence: Cadence::Daily, now: NOW, chunk }
}

fn credential(target: &Target) -> Credential {
    match target {
        Target::V1 { .. } | Target::V2 { .. } => support::password(PASSWORD),
        Target::V3 { .. } => Credential::Licence { licence: licence(), at: NOW, cadence: None },
    }
}

/// Seals 64 MiB that exist nowhere as a whole.
fn write(target: &Target, out: &mut dyn io::Write) {
    let attachments = vec![Attachment { name: "a".into(), mime: String::new(), size: LEN as u64 }];
    let message = Message { body: "b".into(), attachments, ..Message::default() };
    let release = Release { message, manifest: None, hint: None };
    let mut sources = [Source(Box::new(io::repeat(7).take(LEN as u64)))];
    seal(&release, &mut sources, target, &mut Script::seed(1), out).unwrap();
}

fn sealed(target: &Target) -> Vec<u8> {
    let mut out = Vec::new();
    write(target, &mut out);
    out
}

fn to_open(target: &Target, len_is_known: bool) -> usize {
    let file = sealed(target);
    most_held(|| {
        let mut sink = Drop::default();
        let len = len_is_known.then_some(file.len() as u64);
        open(&file[..], len, &credential(target), &any_time(), &mut sink).unwrap();
        assert_eq!(sink.0, LEN as u64);
    })
}

fn to_open_in_two_passes(target: &Target) -> usize {
    let file = sealed(target);
    most_held(|| {
        let mut sink = Drop::default();
        let mut file = Cursor::new(&file[..]);
        open_two_pass(&mut file, &credential(target), &any_time(), [9; 32], &mut sink).unwrap();
        assert_eq!(sink.0, LEN as u64);
    })
}

#[test]
fn chunks_pass_through_in_24_mib_and_their_table() {
    let _alone = alone();
    for chunk in [9_000, 1 << 20, 1_200_000, 11 << 20] {
        let target = v3(Some(chunk));
        for len_is_known in [true, false] {
            let most = to_open(&target, len_is_known);
            assert!(most < 32 * MIB, "{most} for chunks of {chunk}");
        }
        let most = to_open_in_two_passes(&target);
        assert!(most < 32 * MIB, "{most} for chunks of {chunk}, seekable");
        let most = most_held(|| write(&target, &mut io::sink()));
        assert!(most < 32 * MIB, "{most} to seal chunks of {chunk}");
    }
}

#[test]
fn one_box_is_held_once() {
    let _alone = alone();
    for target in [v2(Compression::None), v3(None)] {
        let most = to_open(&target, true);
        assert!(most < LEN + 4 * MIB, "{most}");
        let most = most_held(|| write(&target, &mut io::sink()));
        assert!(most < LEN + 4 * MIB, "{most} to seal");
    }
    // Compressed, it is the small file.
    for compression in support::written() {
        let most = to_open(&v2(compression), true);
        assert!(compression == Compression::None || most < 4 * MIB, "{most}");
    }
}

#[test]
fn two_passes_hold_a_segment() {
    let _alone = alone();
    for target in support::written().into_iter().map(v2).chain([v3(None)]) {
        let most = to_open_in_two_passes(&target);
        assert!(most < 16 * MIB, "{most} for {target:?}");
    }
}

#[test]
fn bombs() {
    let _alone = alone();
    let repeated = {
        let sealed = sealed_box::seal(&cek().0, &Nonce([3; 24]), &vec![b' '; MIB]);
        let mut header = Header::new(Format::V3);
        let index = vec![(0, sealed.len() as i64); 30_000];
        header.chunked = Some(ChunkTable { chunk_size: 1 << 20, total_chunks: 0, total_size: 0, index });
        file(std::str::from_utf8(&header.to_json()).unwrap(), &sealed)
    };
    let bombs = ["bomb-2g-declared", "bomb-2g-stream", "bomb-64m-gzip"];
    let vectors = bombs.map(|name| (vector(&format!("{name}.smsg")), support::password(PASSWORD)));
    for (file, credential) in vectors.into_iter().chain([(repeated, Credential::Cek(cek()))]) {
        let options: Options = any_time();
        let most = most_held(|| {
            assert!(open(&file[..], None, &credential, &options, &mut Drop::default()).is_err());
            let mut file = Cursor::new(&file[..]);
            assert!(open_two_pass(&mut file, &credential, &options, [9; 32], &mut Drop::default()).is_err());
        });
        assert!(most < 16 * MIB + file.len(), "{most}");
    }
}

//! HTTP/1.0 by hand: enough to look at a node, and to play one that lies.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

/// How long a test waits for another process before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Bytes that are promised and not sent.
    pub(crate) missing: usize,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// GETs `url` (`http://host:port/path`).
pub(crate) fn get(url: &str) -> Answer {
    get_with(url, &[])
}

/// GETs with headers.
pub(crate) fn get_with(url: &str, headers: &[(&str, &str)]) -> Answer {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let path = if path.is_empty() { "/" } else { path };
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n{extra}\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Answer { status, headers, body: bytes[end..].to_vec(), missing: 0 }
}

/// A server between a client and a real node, that changes what the node says. Its thread ends with the test.
pub(crate) struct Between {
    pub(crate) url: String,
    lies: Arc<Lies>,
}

/// Changed answers that a client has taken to the end.
#[derive(Default)]
struct Lies {
    told: Mutex<usize>,
    changed: Condvar,
}

impl Between {
    /// `tamper` gets each path (with query) and the node's answer.
    pub(crate) fn new(node: &str, tamper: impl Fn(&str, &mut Answer) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let node = node.to_owned();
        let lies = Arc::new(Lies::default());
        let told = Arc::clone(&lies);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that goes away in the middle is none of our business.
                let changed = stream.and_then(|stream| relay(&stream, &node, &tamper));
                if changed.is_ok_and(|changed| changed) {
                    *told.told.lock().unwrap() += 1;
                    told.changed.notify_all();
                }
            }
        });
        Self { url, lies }
    }

    /// One that says what the node says, and nothing before `first` has told another lie: however slow the machine is,
    /// that one is met.
    pub(crate) fn after(node: &str, first: &Self) -> Self {
        let lies = Arc::clone(&first.lies);
        let before = *lies.told.lock().unwrap();
        Self::new(node, move |_, _| {
            let told = lies.told.lock().unwrap();
            drop(lies.changed.wait_timeout_while(told, PATIENCE, |told| *told == before).unwrap());
        })
    }
}

/// Passes one request on. Whether its answer was changed, and taken to the end.
fn relay(mut stream: &TcpStream, node: &str, tamper: &dyn Fn(&str, &mut Answer)) -> std::io::Result<bool> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut headers = Vec::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        if ["accept", "range"].contains(&name.to_ascii_lowercase().as_str()) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let path = first.split(' ').nth(1).unwrap_or("/");
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let honest = get_with(&format!("{node}{path}"), &headers);
    let mut answer = honest.clone();
    tamper(path, &mut answer);
    let length = answer.body.len() + answer.missing;
    write!(stream, "HTTP/1.1 {} .\r\nContent-Length: {length}\r\nConnection: close\r\n", answer.status)?;
    for name in ["content-type", "content-range", "etag"] {
        if let Some(value) = answer.headers.get(name) {
            write!(stream, "{name}: {value}\r\n")?;
        }
    }
    stream.write_all(b"\r\n")?;
    if !first.starts_with("HEAD") {
        stream.write_all(&answer.body)?;
    }
    stream.shutdown(std::net::Shutdown::Write)?;
    let changed = answer != honest && !first.starts_with("HEAD");
    if changed {
        // The client hangs up when it has read everything.
        stream.set_read_timeout(Some(PATIENCE))?;
        std::io::copy(&mut stream, &mut std::io::sink())?;
    }
    Ok(changed)
}

/// A host that serves files, and remembers what was asked. Its thread ends with the test.
pub(crate) struct Files {
    pub(crate) url: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A path, with the range of it that was asked for.
pub(crate) type Asked = (String, Option<String>);

impl Files {
    /// Serves these paths; `ranges`, or always everything.
    pub(crate) fn new(files: BTreeMap<String, Vec<u8>>, ranges: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let files = Arc::new(Mutex::new(files));
        let (heard, there) = (Arc::clone(&asked), Arc::clone(&files));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (files, heard) = (there.lock().unwrap().clone(), Arc::clone(&heard));
                // One thread for each: an answer may be left unread while the next one is asked for.
                std::thread::spawn(move || stream.and_then(|stream| serve(&stream, &files, ranges, &heard)));
            }
        });
        Self { url, files, asked }
    }

    /// Serves `bytes` at a path from now on; `None` takes it away.
    pub(crate) fn put(&self, path: &str, bytes: Option<&str>) {
        let mut files = self.files.lock().unwrap();
        match bytes {
            Some(bytes) => files.insert(path.to_owned(), bytes.as_bytes().to_vec()),
            None => files.remove(path),
        };
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: &TcpStream,
    files: &BTreeMap<String, Vec<u8>>,
    ranges: bool,
    asked: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut range = None;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        match line.split_once(": ") {
            Some(("range", value)) => range = Some(value.to_owned()),
            Some(_) => {}
            None => break,
        }
    }
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let file = files.get(&path);
    asked.lock().unwrap().push((path, range.clone()));
    let Some(file) = file else {
        return write!(stream, "HTTP/1.1 404 .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let from = range.and_then(|range| range.strip_prefix("bytes=")?.split('-').next()?.parse::<usize>().ok());
    let (status, body) = match from.filter(|from| ranges && *from < file.len()) {
        Some(from) => (206, &file[from..]),
        None => (200, &file[..]),
    };
    write!(stream, "HTTP/1.1 {status} .\r\nContent-Length: {}\r\nConnection: close\r\n", body.len())?;
    if status == 206 {
        let from = file.len() - body.len();
        write!(stream, "Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len())?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(body)
}

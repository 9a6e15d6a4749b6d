// What the Chromium test runs in its page: webtorrent as its makers build it for pages, and nothing else.

import WebTorrent from '/webtorrent.min.js';

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

async function client() {
  const made = new WebTorrent();
  made.on('error', (error) => { throw error; });
  const registration = await navigator.serviceWorker.register('/sw.min.js', { scope: '/' });
  await navigator.serviceWorker.ready;
  made.createServer({ controller: registration });
  return made;
}

/** Downloads what `magnet` names and plays it meanwhile: its SHA-256, how far it played, and from whom it came. */
globalThis.take = async (magnet) => {
  const torrent = (await client()).add(magnet);
  const wires = new Set();
  torrent.on('wire', (wire) => wires.add(wire.type));
  await new Promise((done) => torrent.on('ready', done));
  const started = performance.now();
  const [file] = torrent.files;
  const audio = document.createElement('audio');
  document.body.append(audio);
  const played = new Promise((done, fail) => {
    audio.onerror = () => fail(new Error(audio.error.message));
    audio.ontimeupdate = () => audio.currentTime > 0.5 && done();
  });
  file.streamTo(audio);
  await Promise.all([audio.play(), played]);
  if (!torrent.done) await new Promise((done) => torrent.on('done', done));
  const seconds = (performance.now() - started) / 1000;
  const bytes = await file.arrayBuffer();
  return { sha256: hex(await crypto.subtle.digest('SHA-256', bytes)), played: audio.currentTime, wires: [...wires], seconds };
};

/** Seeds the file at `url` under `name` until the page is closed: its infohash. */
globalThis.give = async (url, name, pieceLength, announce) => {
  const blob = await (await fetch(url)).blob();
  const made = await client();
  const torrent = await new Promise((done) => made.seed(new File([blob], name), { name, pieceLength, announceList: [announce] }, done));
  return torrent.infoHash;
};

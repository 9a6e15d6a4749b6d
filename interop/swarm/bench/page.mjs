// Runs in the page: the stock webtorrent client downloads, seeds or plays.

import WebTorrent from '/webtorrent.min.js';

const client = new WebTorrent({ tracker: { rtcConfig: { iceServers: [] } } });
client.on('error', (error) => console.error(error.message));

/** Takes a whole torrent. Seconds from the call, and from the first block, to the last verified piece. */
globalThis.take = (magnet) =>
  new Promise((resolve) => {
    const asked = performance.now();
    let first;
    const torrent = client.add(magnet);
    torrent.on('download', () => { first ??= performance.now(); });
    torrent.on('done', () => {
      const now = performance.now();
      resolve({ bytes: torrent.length, seconds: (now - asked) / 1000, moving: (now - first) / 1000 });
      torrent.destroy();
    });
  });

/** Gives `size` bytes of noise; the infohash, once the tracker knows of it. */
globalThis.give = (size, name, pieceLength, tracker) =>
  new Promise((resolve) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    client.seed(new File([bytes], name), { name, pieceLength, announce: [tracker] }, (torrent) => {
      torrent.discovery.tracker.once('update', () => resolve(torrent.infoHash));
    });
  });

/** Has the worker that plays torrents, before anybody clicks. */
globalThis.ready = async () => {
  await navigator.serviceWorker.register('/sw.min.js');
  client.createServer({ controller: await navigator.serviceWorker.ready });
};

/** Plays a torrent's file: milliseconds until some of it has sounded. */
globalThis.play = (magnet) =>
  new Promise((resolve, reject) => {
    const audio = document.querySelector('audio');
    audio.removeAttribute('src');
    audio.load();
    const asked = performance.now();
    const look = () => (audio.currentTime > 0 ? resolve(performance.now() - asked) : setTimeout(look, 2));
    look();
    client.add(magnet, (torrent) => {
      torrent.files[0].streamTo(audio);
      audio.play().catch(reject);
    });
  });

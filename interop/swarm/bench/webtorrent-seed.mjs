// webtorrent in Node.js gives a file until it is ended: `webtorrent-seed.mjs FILE NAME PIECE_LENGTH TRACKER`.
// Prints the infohash when a peer can come.

import WebTorrent from 'webtorrent';

const [file, name, pieceLength, tracker] = process.argv.slice(2);
const client = new WebTorrent({ dht: false, lsd: false, utp: false, natUpnp: false, natPmp: false, utPex: false, tracker: { rtcConfig: { iceServers: [] } } });
client.on('error', (error) => { throw error; });
client.seed(file, { name, pieceLength: Number(pieceLength), announceList: [[tracker]] }, (torrent) => {
  torrent.discovery.tracker.once('update', () => console.log(torrent.infoHash));
});

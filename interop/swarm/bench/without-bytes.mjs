// A node that has no music: `without-bytes.mjs ADDRESS NODE` passes everything on to the node at NODE but what asks for the
// bytes of a track, and names no mirrors. Prints its URL.

import { createServer, request } from 'node:http';
import { connect } from 'node:net';

const [address, node] = process.argv.slice(2);
const server = createServer((asked, answer) => {
  const { pathname } = new URL(asked.url, node);
  if (/\/audio$/.test(pathname) || (/^\/ipfs\//.test(pathname) && asked.headers.range)) {
    answer.writeHead(404, { 'Content-Type': 'text/plain' }).end('not here\n');
    return;
  }
  const names = /\/sources$/.test(pathname);
  const onward = request(new URL(asked.url, node), { method: asked.method, headers: { ...asked.headers, host: new URL(node).host } }, (got) => {
    if (!names) {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
      return;
    }
    const parts = [];
    got.on('data', (part) => parts.push(part));
    got.on('end', () => {
      // The tracker is reached by the same way as everything else.
      const sources = { ...JSON.parse(Buffer.concat(parts)), mirrors: [], trackers: [`ws://${asked.headers.host}/announce`] };
      answer.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(sources));
    });
  });
  onward.on('error', () => answer.destroy());
  asked.pipe(onward);
});
server.on('upgrade', ({ method, url, rawHeaders }, socket, begun) => {
  const { hostname, port } = new URL(node);
  const onward = connect(port, hostname);
  const lines = rawHeaders.map((text, at) => (at % 2 ? `: ${text}\r\n` : text)).join('');
  onward.write(`${method} ${url} HTTP/1.1\r\n${lines}\r\n`);
  onward.write(begun);
  onward.pipe(socket).pipe(onward);
  for (const end of [socket, onward]) end.on('error', () => { socket.destroy(); onward.destroy(); });
});
server.listen(0, address, () => console.log(`http://${address}:${server.address().port}`));

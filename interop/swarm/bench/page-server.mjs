// Serves a page with the stock webtorrent client: `page-server.mjs ADDRESS [FOLDER]`, and below /ours/ what is in the
// folder. Prints its URL.

import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const dist = (name) => readFileSync(new URL(`../node_modules/webtorrent/dist/${name}`, import.meta.url));
const files = {
  '/': ['text/html', '<!doctype html><title>webtorrent</title><audio controls></audio><script type="module" src="/page.js"></script>'],
  '/page.js': ['text/javascript', readFileSync(new URL('page.mjs', import.meta.url))],
  '/webtorrent.min.js': ['text/javascript', dist('webtorrent.min.js')],
  '/sw.min.js': ['text/javascript', dist('sw.min.js')],
};
const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const folder = process.argv[3];
for (const name of folder ? readdirSync(folder, { recursive: true }) : []) {
  const type = types[extname(name)];
  if (type) files[`/ours/${name}`] = [type, readFileSync(join(folder, name))];
}
const server = createServer((request, response) => {
  const [type, body] = files[request.url] ?? [];
  if (!type) return response.writeHead(404).end();
  return response.writeHead(200, { 'Content-Type': type }).end(body);
});
server.listen(0, process.argv[2], () => console.log(`http://${process.argv[2]}:${server.address().port}`));

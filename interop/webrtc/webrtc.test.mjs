// Our WebRTC against Chromium's: each side offers once, 64 MiB go each way and arrive byte for byte.
//
// `WEBRTC_PIPE` names the example program `webrtc_pipe` of osp-peers, else the debug build is taken. Chromium needs an
// address that is not loopback; where this machine has none, the test is skipped and says so.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { networkInterfaces } from 'node:os';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const pipe = process.env.WEBRTC_PIPE ?? here('../../target/debug/examples/webrtc_pipe');
const bytes = Number(process.env.WEBRTC_BYTES ?? 64 * 1024 * 1024);
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const networked = Object.values(networkInterfaces()).flat().some((address) => !address.internal);
const skip = !chromium ? 'there is no Chromium' : !networked ? 'this machine has no network interface' : !existsSync(pipe) && `there is no ${pipe}: cargo build -p osp-peers --example webrtc_pipe`;

/** The page's side, as simple-peer has it: no trickle, an ordered channel opened in band, binary. Verifies what comes, then sends as much. */
function browserPeer() {
  const word = (index) => Math.imul(index, 2654435761) >>> 0;
  const complete = (connection) =>
    new Promise((resolve) => {
      if (connection.iceGatheringState === 'complete') resolve();
      else connection.addEventListener('icegatheringstatechange', () => connection.iceGatheringState === 'complete' && resolve());
    });
  const connection = new RTCPeerConnection();
  const exchange = (channel, total) =>
    new Promise((resolve, reject) => {
      channel.binaryType = 'arraybuffer';
      channel.bufferedAmountLowThreshold = 64 * 1024;
      let received = 0;
      let sent = 0;
      let carry = new Uint8Array(0);
      const more = () => {
        while (sent < total && channel.bufferedAmount < 1024 * 1024) {
          const block = new Uint32Array(Math.min(16 * 1024, total - sent) / 4);
          for (let i = 0; i < block.length; i++) block[i] = word(sent / 4 + i);
          channel.send(block);
          sent += block.byteLength;
        }
      };
      channel.onbufferedamountlow = more;
      channel.onmessage = ({ data }) => {
        // Messages may end within a word.
        const bytes = new Uint8Array(carry.length + data.byteLength);
        bytes.set(carry);
        bytes.set(new Uint8Array(data), carry.length);
        const whole = bytes.length - (bytes.length % 4);
        const words = new Uint32Array(bytes.buffer, 0, whole / 4);
        for (let i = 0; i < words.length; i++) {
          if (words[i] !== word(received / 4 + i)) return reject(new Error(`the bytes from ${received + 4 * i} differ`));
        }
        received += whole;
        carry = bytes.slice(whole);
        if (received === total) more();
        return undefined;
      };
      channel.onclose = () => (sent === total ? resolve({ sent, received }) : reject(new Error(`closed after ${received} in, ${sent} out`)));
    });
  globalThis.peer = {
    async offer(total) {
      const channel = connection.createDataChannel('from the browser');
      globalThis.done = exchange(channel, total);
      await connection.setLocalDescription(await connection.createOffer());
      await complete(connection);
      return connection.localDescription.sdp;
    },
    async accept(sdp) {
      await connection.setRemoteDescription({ type: 'answer', sdp });
    },
    async answer(sdp, total) {
      globalThis.done = new Promise((resolve, reject) => {
        connection.ondatachannel = ({ channel }) => exchange(channel, total).then(resolve, reject);
      });
      await connection.setRemoteDescription({ type: 'offer', sdp });
      await connection.setLocalDescription(await connection.createAnswer());
      await complete(connection);
      return connection.localDescription.sdp;
    },
  };
}

/** Our program; `lines` gives what it prints. */
function start(role, t) {
  const child = spawn(pipe, [role, '--bytes', String(bytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null');
  return { next, tell: (sdp) => child.stdin.write(`${JSON.stringify(sdp)}\n`), lines };
}

describe('our data channels and Chromium', { skip, timeout: 180_000 }, () => {
  let browser, server, address;
  before(async () => {
    server = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end('<title>peer</title>'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${server.address().port}`;
    const { chromium: engine } = createRequire(here('../../web/package.json'))('@playwright/test');
    browser = await engine.launch({ executablePath: chromium, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  async function page() {
    const page = await browser.newPage();
    await page.goto(address);
    await page.evaluate(browserPeer);
    return page;
  }

  async function finish(t, ours, tab, what) {
    const [rates, theirs] = await Promise.all([ours.next(), tab.evaluate(() => globalThis.done)]);
    assert.deepEqual(theirs, { sent: bytes, received: bytes });
    assert.ok(rates, 'our side got every byte');
    t.diagnostic(`${what}: ${rates.sent} MB/s to Chromium, ${rates.received} MB/s from it`);
    await tab.close();
  }

  it('we offer, Chromium answers', async (t) => {
    const tab = await page();
    const ours = start('offer', t);
    const offer = await ours.next();
    ours.tell(await tab.evaluate(([sdp, total]) => globalThis.peer.answer(sdp, total), [offer, bytes]));
    await finish(t, ours, tab, 'we offered');
  });

  it('Chromium offers, we answer', async (t) => {
    const tab = await page();
    const ours = start('answer', t);
    ours.tell(await tab.evaluate((total) => globalThis.peer.offer(total), bytes));
    const answer = await ours.next();
    await tab.evaluate((sdp) => globalThis.peer.accept(sdp), answer);
    await finish(t, ours, tab, 'Chromium offered');
  });
});

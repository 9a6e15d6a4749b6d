/** What happens to the music when the node behind it goes away, lies or is large. Each test has nodes of its own. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, pathOf, played, test } from "./fixtures";
import { DemoNode } from "./node";

/** A mirror of one file: any range of it, as it is or with one byte in 64 KiB changed. */
async function mirror(bytes: Buffer, lies: boolean): Promise<{ url: string; asked: () => number; server: Server }> {
  const sent = Buffer.from(bytes);
  if (lies) for (let at = 40_000; at < sent.length; at += 65_536) sent[at]! ^= 1;
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const from = Number(range?.[1] ?? 0);
    const to = Math.min(range?.[2] ? Number(range[2]) : sent.length - 1, sent.length - 1);
    const headers = { "Accept-Ranges": "bytes", "Content-Length": to - from + 1, "Content-Type": "audio/ogg" };
    const part = range ? { "Content-Range": `bytes ${from}-${to}/${sent.length}` } : {};
    response.writeHead(range ? 206 : 200, { ...headers, ...part });
    response.end(request.method === "HEAD" ? undefined : sent.subarray(from, to + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/song.opus`, asked: () => asked, server };
}

test("of two mirrors one lies: what is heard is what was signed", async ({ page }) => {
  const artist = await DemoNode.start("", ["--allow-private"]);
  const bytes = readFileSync(artist.file("02 Coherence.opus"));
  const [liar, honest] = [await mirror(bytes, true), await mirror(bytes, false)];
  const [track] = artist.publish(artist.file("02 Coherence.opus"), "--title", "Mirrored", "--album", "Mirrors", "--mirror", liar.url, "--mirror", honest.url);
  const node = await DemoNode.empty(["--allow-private", "--peer", artist.url]);
  try {
    const path = `/api/v1/tracks/${track!.id.replace("osp:track:", "")}`;
    await expect.poll(async () => (await fetch(node.url + path)).status, { timeout: 60_000 }).toBe(200);
    // Only the mirrors are left.
    await artist.stop();
    await page.goto(node.url + pathOf(track!));
    await page.getByRole("button", { name: /^Play Mirrored/ }).first().click();
    await expect.poll(() => played(page), { timeout: 60_000 }).toBeGreaterThan(1);
    await page.getByRole("slider", { name: "Position" }).fill("200");
    await expect.poll(() => played(page), { timeout: 60_000 }).toBeGreaterThan(201);
    const heard = await fetch(`${node.url}${path}/audio`);
    expect(Buffer.compare(Buffer.from(await heard.arrayBuffer()), bytes)).toBe(0);
    expect(liar.asked(), "it was there to be asked").toBeGreaterThan(0);
    expect(honest.asked()).toBeGreaterThan(0);
  } finally {
    for (const { server } of [liar, honest]) server.close();
    await artist.stop();
    await node.stop();
  }
});

/** A tone as WAV: 16 bits, one channel. */
function tone(hertz: number, seconds: number, rate: number): Buffer {
  const samples = Math.round(seconds * rate);
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(2 * rate, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let n = 0; n < samples; n++) wav.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * hertz * n) / rate)), 44 + 2 * n);
  return wav;
}

test("the node is killed in the middle of a track: the music waits, says so, and goes on when it is back", async ({ page, complaints }) => {
  const node = await DemoNode.empty([]);
  try {
    const file = join(node.home, "Long.wav");
    writeFileSync(file, tone(330, 120, 48_000)); // more than is read ahead, by far
    node.osp("id", "new", "--name", "Etudes", "--no-passphrase");
    const [track] = node.publish(file, "--title", "Long", "--no-waveform");
    await page.goto(node.url + pathOf(track!));
    await page.getByRole("button", { name: /^Play Long/ }).first().click();
    await expect.poll(() => played(page)).toBeGreaterThan(0.5);
    await node.kill();
    await page.getByRole("slider", { name: "Position" }).fill("110");
    await expect(page.locator("[data-waiting]").first()).toBeVisible();
    await node.revive();
    await expect.poll(() => played(page), { timeout: 60_000 }).toBeGreaterThan(110.5);
    await expect(page.locator("[data-waiting]")).toHaveCount(0);
    await expect(page.getByRole("button", { name: /^Pause Long/ }).first()).toBeVisible();
  } finally {
    await node.stop();
    // The browser reports connections that were refused.
    complaints.splice(0);
  }
});

test("a library of 500 tracks: pages, search, an album and a queue", async ({ page }) => {
  test.setTimeout(240_000);
  const node = await DemoNode.empty([]);
  try {
    const folder = join(node.home, "Etudes");
    mkdirSync(folder);
    for (let n = 1; n <= 500; n++) writeFileSync(join(folder, `Etude ${n}.wav`), tone(200 + n, 1, 8_000));
    node.osp("id", "new", "--name", "Etudes", "--no-passphrase");
    const tracks = node.publish(folder, "--album", "Etudes", "--artist-name", "Clara");
    expect(tracks).toHaveLength(500);

    await page.goto(node.url);
    await page.getByRole("searchbox").pressSequentially("etude 3");
    // What is below the screen follows, and is as much alive.
    await expect(page.locator(".results > li")).toHaveCount(48);
    await expect(page.locator(".results > li").last().getByRole("button", { name: /^Play Etude/ })).toBeVisible();
    await expect(page.locator(".results > li").last().locator(".row-actions")).toHaveCount(1);
    await page.getByRole("searchbox").pressSequentially("17");
    await expect(page.locator("main [data-track]").first()).toContainText("Etude 317");
    const album = `${node.url}/artist/${tracks[0]!.artist}/album/Etudes`;
    await page.goto(album);
    await expect(page.locator("main [data-track]")).toHaveCount(500);
    await page.getByRole("button", { name: /^Play Etude 2 / }).first().click();
    // Tracks of a second: it goes on by itself, and by hand.
    const playing = page.getByRole("region", { name: "Player" }).getByRole("link").first();
    await expect(playing).toHaveText(/^Etude (?!2$)/);
    for (let n = 0; n < 5; n++) await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: /^Play Etude 500 / }).first().click();
    await expect(playing).toHaveText("Etude 500");
    // Rows are still being checked: what it asks for while the node stops would be refused.
    await page.goto("about:blank");
  } finally {
    await node.stop();
  }
});

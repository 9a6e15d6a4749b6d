// Hours of listening: the demo album round and round on the line without gaps, at sixteen times its speed, while the listener
// goes from page to page. Once a minute, on the same page and after the browser has collected its garbage, what is held is
// counted, in the page, in its workers and in the process they are in. Fails if the last third of the time holds more than the
// first, and says who in the process has more.
//
// `node soak.mjs [MINUTES]`: 40 unless said, which are almost eleven hours of music.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderFor } from '../tools.mjs';
import { load, median, memory, on, table } from '../swarm/bench/stage.mjs';
import { pageAt } from './pipe.mjs';
import { demo, pathOf } from './stage.mjs';

const MINUTES = Number(process.argv[2] ?? 40);
const RATE = 16;
/** Minutes in which caches fill and code is compiled: they are shown and not compared. */
const WARM = Math.min(4, Math.floor(MINUTES / 10));

/**
 * Minutes in which the page is held still until the sound runs out: after each of the first two or three times Chromium decodes
 * further ahead, up to three seconds of sound (5 MiB), and leaves it at that. When it happens by itself is chance.
 */
const HELD_STILL = [1, 2, 3];
/** Longer than what the browser's buffer holds ahead lasts at that speed. */
const STILL_MS = 20_000;

/** What may not grow, and by how much it may differ between two moments without having grown. */
const HELD = [
  { name: 'scripts', of: (m) => m.heap / 1024, unit: 'KiB', share: 0.02, least: 256 },
  // Pieces of the music: none or two and a half MiB, as the moment is. So the most that was there is what may not grow.
  { name: 'bytes on their way', of: (m) => m.buffers / 1024, unit: 'KiB', share: 0.02, least: 256, by: (values) => Math.max(...values) },
  { name: 'workers', of: (m) => m.workers / 1024, unit: 'KiB', share: 0.02, least: 256 },
  { name: 'DOM nodes', of: (m) => m.nodes, unit: '', share: 0.01, least: 16 },
  { name: 'listeners', of: (m) => m.listeners, unit: '', share: 0.01, least: 8 },
  { name: 'private', of: (m) => m.anonymous / 1024, unit: 'KiB', share: 0.03, least: 4096 },
  { name: 'buffered', of: (m) => m.buffered, unit: 's', share: 0, least: 60 },
];

await on(async (t) => {
  const folder = folderFor(t);
  const { url, tracks } = await demo(t, folder);
  const page = await pageAt(t, folder, url);
  await page.until((title) => {
    const button = document.querySelector(`button[data-play][aria-label^="Play ${title}"]:not([hidden])`);
    button?.click();
    return button !== null;
  }, tracks[0].title);
  await page.until(() => document.querySelector('audio')?.currentTime > 0);
  await page.evaluate((rate) => {
    // Everything is repeated.
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }));
    const audio = document.querySelector('audio');
    // The element goes back to the default with every new address.
    audio.defaultPlaybackRate = rate;
    audio.playbackRate = rate;
    globalThis.stood = 0;
    globalThis.complaints = [];
    audio.addEventListener('waiting', () => { globalThis.stood += 1; });
    for (const event of ['error', 'unhandledrejection']) addEventListener(event, ({ message, reason }) => globalThis.complaints.push(String(message ?? reason)));
  }, RATE);
  const process = await page.process();

  const started = Date.now();
  const rows = [];
  const away = [`/artist/${tracks[0].artist}`, pathOf(tracks[0]), '/library', '/genres', pathOf(tracks[1])];
  console.log('| minute | music, h | scripts, KiB | bytes on their way, KiB | workers, KiB | DOM nodes | listeners | process, MiB | private of it | ahead and behind, s | stood still |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  let before;
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    if (HELD_STILL.includes(minute) && minute <= WARM) await page.evaluate(holdStill, STILL_MS);
    await sleep(started + minute * 60_000 - 20_000 - Date.now());
    await go(page, away[minute % away.length]);
    await sleep(5_000);
    await go(page, '/');
    await sleep(Math.max(0, started + minute * 60_000 - Date.now()));
    const now = await held(page, process);
    rows.push(now);
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
    const cells = [minute, (now.played / 3600).toFixed(2), (now.heap / 1024).toFixed(0), (now.buffers / 1024).toFixed(0), (now.workers / 1024).toFixed(0), now.nodes, now.listeners, mib(now.resident), mib(now.anonymous), now.buffered.toFixed(0), now.stood];
    console.log(`| ${cells.join(' | ')} |`);
    if (now.paused || now.rate !== RATE) throw new Error(`it does not play: ${JSON.stringify(now)}`);
    if (minute === Math.max(1, WARM)) before = await page.allocators(process);
  }
  const after = await page.allocators(process);
  if ((await page.process()) !== process) throw new Error('the page went to another process: what was counted is not comparable');

  const warm = rows.slice(WARM);
  const third = Math.max(1, Math.floor(warm.length / 3));
  const grown = [];
  const report = HELD.map(({ name, of, unit, share, least, by = median }) => {
    const [first, last] = [warm.slice(0, third), warm.slice(-third)].map((part) => by(part.map(of)));
    const may = Math.max(first * share, least);
    if (last - first > may) grown.push(name);
    return [name, `${first.toFixed(0)} ${unit}`, `${last.toFixed(0)} ${unit}`, `${may.toFixed(0)} ${unit}`, last - first > may ? '**grew**' : 'no'];
  });
  table([['', 'first third', 'last third', 'may differ by', 'grew'], ...report]);
  console.log(`Of the process's memory, in KiB, at minute ${Math.max(1, WARM)} and at the end:`);
  table([['', 'then', 'at the end'], ...most(before, after)]);
  const { played, complaints } = rows.at(-1);
  console.log(`${(played / 3600).toFixed(2)} hours of music in ${MINUTES} minutes. ${load()}`);
  if (complaints.length) console.log(`The page complained: ${[...new Set(complaints)].join('; ')}`);
  if (played < MINUTES * 60 * RATE * 0.8) throw new Error('it stood still for more than a fifth of the time: is the machine busy?');
  if (grown.length) throw new Error(`grew: ${grown.join(', ')}`);
});

/** Goes to another page as a listener does: by a link, and the music plays on. */
async function go(page, path) {
  await page.evaluate((to) => {
    const link = Object.assign(document.createElement('a'), { href: to });
    document.querySelector('main').append(link);
    link.click();
  }, path);
  await page.until((to) => decodeURIComponent(location.pathname) === decodeURIComponent(to), path);
}

/** Works for so many milliseconds without a pause. */
function holdStill(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** Who has how much in the process, and of what is taken by size the six that differ most. */
function most(before, after) {
  const kib = (sizes, name) => (sizes.get(name) ?? 0) / 1024;
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const whole = names.filter((name) => ['blink_gc', 'blink_objects', 'malloc', 'media', 'partition_alloc', 'v8'].includes(name));
  const change = (name) => Math.abs(kib(after, name) - kib(before, name));
  const sizes = names.filter((name) => /^\w+\/partitions\/.*bucket_\d+$/.test(name)).sort((one, other) => change(other) - change(one));
  return [...whole, ...sizes.slice(0, 6)].map((name) => [name.replace('partitions/', ''), kib(before, name).toFixed(0), kib(after, name).toFixed(0)]);
}

/** What the page holds now. */
async function held(page, process) {
  const heap = await page.collect();
  const { metrics } = await page.send('Performance.getMetrics');
  const metric = (name) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  const player = await page.evaluate(() => {
    const audio = document.querySelector('audio');
    let buffered = 0;
    for (let i = 0; i < audio.buffered.length; i += 1) buffered += audio.buffered.end(i) - audio.buffered.start(i);
    const { currentTime: played, paused, playbackRate: rate } = audio;
    return { played, buffered, paused, rate, stood: globalThis.stood, complaints: globalThis.complaints };
  });
  return {
    heap: heap.page,
    buffers: heap.buffers,
    workers: heap.workers,
    nodes: metric('Nodes'),
    listeners: metric('JSEventListeners'),
    resident: memory(process),
    anonymous: anonymous(process),
    ...player,
  };
}

/** Memory that is the process's own, no file's (proc(5)), in bytes. */
function anonymous(pid) {
  return 1024 * Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

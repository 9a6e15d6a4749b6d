// Hours of listening: the demo album round and round on the line without gaps, at sixteen times its speed, while the listener
// goes from page to page. Once a minute, on the same page and after the browser has collected its garbage, what is held is
// counted, in the page and in its workers. Fails if the last third of the time holds more than the first.
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

  const started = Date.now();
  const rows = [];
  const away = [`/artist/${tracks[0].artist}`, pathOf(tracks[0]), '/library', '/genres', pathOf(tracks[1])];
  console.log('| minute | music, h | scripts, KiB | bytes on their way, KiB | workers, KiB | DOM nodes | listeners | renderer, MiB | private of it | ahead and behind, s | stood still |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    await sleep(started + minute * 60_000 - 20_000 - Date.now());
    await go(page, away[minute % away.length]);
    await sleep(5_000);
    await go(page, '/');
    await sleep(Math.max(0, started + minute * 60_000 - Date.now()));
    const now = await held(page);
    rows.push(now);
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
    const cells = [minute, (now.played / 3600).toFixed(2), (now.heap / 1024).toFixed(0), (now.buffers / 1024).toFixed(0), (now.workers / 1024).toFixed(0), now.nodes, now.listeners, mib(now.resident), mib(now.anonymous), now.buffered.toFixed(0), now.stood];
    console.log(`| ${cells.join(' | ')} |`);
    if (now.paused || now.rate !== RATE) throw new Error(`it does not play: ${JSON.stringify(now)}`);
  }

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

/** What the page holds now. */
async function held(page) {
  const heap = await page.collect();
  const { metrics } = await page.send('Performance.getMetrics');
  const metric = (name) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  const renderers = (await page.processes()).filter(({ type }) => type === 'renderer').map(({ id }) => ({ resident: memory(id), anonymous: anonymous(id) }));
  const sum = (of) => renderers.reduce((total, one) => total + of(one), 0);
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
    resident: sum((one) => one.resident),
    anonymous: sum((one) => one.anonymous),
    ...player,
  };
}

/** Memory that is the process's own, no file's (proc(5)), in bytes. */
function anonymous(pid) {
  return 1024 * Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

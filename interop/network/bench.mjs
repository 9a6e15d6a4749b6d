// How soon music is found in the network of nodes: real programs, each on a host of its own, 50 ms from all others.

import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderFor, run } from '../tools.mjs';
import { lab, noLab } from '../swarm/lab.mjs';
import { load, on, rounds, slowest, table } from '../swarm/bench/stage.mjs';
import { announced, artist, member } from './members.mjs';

const HOSTS = Number(process.env.OSP_BENCH_HOSTS ?? 16);
const TRIP = 50;
const SEARCHES = rounds(50);
const PUBLISHED = Math.ceil(SEARCHES / 2);
const PATIENCE = 20;
const script = fileURLToPath(new URL('first-result.mjs', import.meta.url));

/** The next of a row of numbers that look random and are the same each time. */
function chance(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Milliseconds until `node` shows a track it did not have; undefined if it does not in time. */
async function first(node, { record }) {
  const [program, ...words] = [...node.at.inside, process.execPath, script, node.http, record.title, record.id, `${PATIENCE}`];
  return JSON.parse(await run(program, words).catch(() => '{}')).found;
}

if (noLab) console.log(`Skipped: ${noLab}`);
else await on(async (t) => {
  const folder = folderFor(t);
  const hosts = await lab(t, Object.fromEntries(Array.from({ length: HOSTS }, (_, n) => [`n${n}`, `delay=${TRIP / 2}ms`])));
  const nodes = [];
  const per = Math.ceil(SEARCHES / HOSTS);
  for (const [name, at] of Object.entries(hosts)) {
    const maker = await artist(folder, name, Array.from({ length: per }, (_, n) => `Song ${n} of ${name}`), { size: 100_000 });
    const node = await member(t, folder, name, { at, bootstrap: nodes.slice(0, 1) });
    nodes.push(Object.assign(node, { maker }));
  }
  await Promise.all(nodes.map(announced));
  const pick = chance(7);
  const another = (than) => {
    for (;;) {
      const node = nodes[pick(nodes.length)];
      if (node !== than) return node;
    }
  };

  const found = [];
  for (const owner of nodes) {
    for (const track of owner.maker.tracks.slice(0, per)) if (found.length < SEARCHES) found.push(await first(another(owner), track));
  }

  const visible = [];
  for (let n = 0; n < PUBLISHED; n++) {
    const owner = nodes[pick(nodes.length)];
    const track = await owner.maker.publish(`New song ${n}`);
    const started = performance.now();
    let seen;
    while (seen === undefined && performance.now() - started < PATIENCE * 1000) {
      if ((await first(another(owner), track)) !== undefined) seen = performance.now() - started;
      else await sleep(50);
    }
    visible.push(seen);
  }

  const row = (what, all) => {
    const values = all.filter((ms) => ms !== undefined);
    return [what, slowest(values), `${values.length} of ${all.length}`];
  };
  table([
    [`${HOSTS} nodes, ${TRIP} ms round trip; ms: median, nine of ten, slowest`, '', 'found'],
    row('from the question to the first verified track', found),
    row('from the end of `osp publish` to its track at another node', visible),
  ]);
  console.log(load());
});
process.exit();

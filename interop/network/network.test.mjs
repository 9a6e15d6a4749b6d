// The network of nodes on hosts with delay and loss: a third of it dies, and then most; it is cut in two and heals; members
// behind routers are found and heard. Needs root, for the hosts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderFor } from '../tools.mjs';
import { noProgram } from '../swarm/ours.mjs';
import { lab, noLab } from '../swarm/lab.mjs';
import { announced, artist, eventually, finds, member } from './members.mjs';
import { behind, noRouters, parted } from './nat.mjs';

const line = 'delay=25ms,loss=0.005';
const name = (n) => `n${n}`;

/** `count` members, each on a host of its own, who know the first; every one has published a track. */
async function members(t, count) {
  const folder = folderFor(t);
  const hosts = await lab(t, Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), line])));
  const all = [];
  for (let n = 0; n < count; n++) {
    const maker = await artist(folder, name(n), [`Song of ${n}`]);
    const node = await member(t, folder, name(n), { at: hosts[name(n)], bootstrap: all.slice(0, 1) });
    all.push(Object.assign(node, { artist: maker, track: maker.tracks[0] }));
  }
  await Promise.all(all.map(announced));
  return { all };
}

test('what is published is found while a third of the members dies, the first one among them, and then half of the rest', { skip: noLab || noProgram, timeout: 900_000 }, async (t) => {
  const { all } = await members(t, 12);
  // Everybody's track is there twice: who has heard it has it.
  await Promise.all(all.map(async (node, n) => {
    const heir = all[(n + 5) % all.length];
    await finds(heir, node.track);
    await eventually('the heir has the bytes', async () => node.track.bytes.equals(await heir.audio(node.track)));
  }));
  const dead = new Set();
  const kill = async (...numbers) => {
    for (const n of numbers) {
      dead.add(n);
      await all[n].kill();
    }
  };
  /** Each of the living finds the tracks of three others. */
  const findsAll = async () => {
    const living = all.filter((_, n) => !dead.has(n));
    const after = (n, step) => living[(n + step) % living.length];
    await Promise.all(living.flatMap((node, n) => [1, 2, 3].map((step) => finds(node, after(n, step).track))));
  };
  await kill(0, 3, 7, 9);
  await findsAll();
  await kill(1, 4, 6, 11);
  await findsAll();
});

test('a network that was cut in two finds everything on its own side, and when it has healed on both', { skip: noLab || noProgram, timeout: 900_000 }, async (t) => {
  const { all } = await members(t, 8);
  const [left, right] = [all.slice(0, 4), all.slice(4)];
  const heal = await parted(left.map(({ at }) => at), right.map(({ at }) => at));
  for (const side of [left, right]) {
    await Promise.all(side.flatMap((node) => side.map((other) => finds(node, other.track))));
  }
  // Made while nobody over there can hear of it.
  const late = await right[0].artist.publish('Late song');
  await finds(right[3], late);
  await heal();
  await Promise.all(left.map((node) => finds(node, late)));
  await Promise.all(left.flatMap((node) => right.flatMap((other) => [finds(node, other.track), finds(other, node.track)])));
});

test('members behind two routers are found, and heard, by each other', { skip: noRouters || noProgram, timeout: 600_000 }, async (t) => {
  const folder = folderFor(t);
  const hosts = await lab(t, { open: line, other: line, left: line, right: line });
  const [here, there] = [await behind(t, hosts.left), await behind(t, hosts.right)];
  const discovery = { relay: true };
  const open = await member(t, folder, 'open', { at: hosts.open, settings: { discovery } });
  const other = await member(t, folder, 'other', { at: hosts.other, bootstrap: [open], settings: { discovery } });
  const { tracks: [track] } = await artist(folder, 'maker', ['Behind a router']);
  // Over IPFS alone: BitTorrent peers would find a way of their own.
  const settings = { peers: { webrtc: false } };
  const maker = await member(t, folder, 'maker', { at: here, bootstrap: [open, other], settings });
  const hearer = await member(t, folder, 'hearer', { at: there, bootstrap: [open, other], settings });
  await announced(maker);
  await finds(hearer, track);
  await eventually('the bytes come through both routers', async () => assert.ok(track.bytes.equals(await hearer.audio(track))) ?? true);
  // Who is behind no router finds it as well.
  const heard = await member(t, folder, 'outside', { at: hosts.other, bootstrap: [open], settings, port: 4101 });
  await finds(heard, track);
});

// Hosts behind routers: a namespace whose only way out is a host of a lab that translates addresses (nftables).
//
//   namespace of the lab            namespace made here
//   router  net0 45.66.77.x  <NAT>  in0 10.0.n.1 <-veth-> net0 10.0.n.2  behind

import { noLab } from '../swarm/lab.mjs';
import { run, which } from '../tools.mjs';

/** Why there are no routers here, if so. */
export const noRouters = noLab || (!which('nft') && 'there is no nft (Debian: nftables)');

/**
 * Rules of a router: what leaves gets the router's own address and keeps its port if it can; what comes without having been
 * asked for is dropped.
 */
const rules = `
table ip router {
  chain out { type nat hook postrouting priority srcnat; oifname "net0" masquerade; }
  chain through { type filter hook forward priority filter; policy drop; ct state established,related accept; iifname "in0" accept; }
  chain self { type filter hook input priority filter; policy drop; ct state established,related accept; iifname != "net0" accept; }
}`;

let made = 0;

/** A host behind `router` until the test is over: its own address is private, and nobody outside can call it. */
export async function behind(t, router) {
  const number = ++made;
  const outer = router.inside[3];
  const namespace = `${outer}-in${number}`;
  const [ip, at] = ['ip', (...words) => run('ip', ['-n', ...words])];
  await run(ip, ['netns', 'add', namespace]);
  t.after(() => run(ip, ['netns', 'del', namespace]).catch(() => undefined));
  await at(outer, 'link', 'add', 'in0', 'type', 'veth', 'peer', 'name', 'net0', 'netns', namespace);
  await at(outer, 'address', 'add', `10.0.${number}.1/24`, 'dev', 'in0');
  await at(outer, 'link', 'set', 'in0', 'up');
  await at(namespace, 'link', 'set', 'lo', 'up');
  await at(namespace, 'address', 'add', `10.0.${number}.2/24`, 'dev', 'net0');
  await at(namespace, 'link', 'set', 'net0', 'up');
  await at(namespace, 'route', 'add', 'default', 'via', `10.0.${number}.1`);
  const inside = (...words) => run(router.inside[0], [...router.inside.slice(1), ...words]);
  await inside('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await inside('nft', rules);
  return { address: `10.0.${number}.2`, inside: [ip, 'netns', 'exec', namespace] };
}

/** Parts the hosts `one` from the hosts `other`, until the function that comes back is called. */
export async function parted(one, other) {
  const pairs = one.flatMap((from) => other.flatMap((to) => [[from, to], [to, from]]));
  const each = (verb) => Promise.all(pairs.map(([from, to]) => run('ip', ['-n', from.inside[3], 'route', verb, 'blackhole', `${to.address}/32`])));
  await each('add');
  return () => each('del');
}

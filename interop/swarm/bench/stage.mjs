// What the measurements share: clean-up, medians with their spread, tables, and what a process used.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** What is to be undone of measurements that run. */
const open = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    for (const undo of [...open].reverse()) await undone(undo);
    process.exit(1);
  });
}

/** Runs `measure` with something that, like a test's context, cleans up after it. */
export async function on(measure) {
  const undo = [];
  open.add(undo);
  try {
    return await measure({ after: (run) => undo.unshift(run) });
  } finally {
    await undone(undo);
    open.delete(undo);
  }
}

async function undone(undo) {
  for (const run of undo.splice(0)) {
    // One that does not end must not keep the others running.
    await within(20_000, Promise.resolve(run()), 'cleaning up').catch((error) => console.error(error.message));
  }
}

/** What comes of `work`; fails when that takes longer than `ms` milliseconds. */
export async function within(ms, work, what) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${what}: not done after ${ms / 1000} s`)), ms); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Does every case once, and again `rounds` times, so that a disturbance hits all of them; what each gave. */
export async function inTurn(rounds, cases) {
  const all = new Map(cases.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, once] of cases) {
      if (all.get(name) instanceof Error) continue;
      try {
        all.get(name).push(await once());
        if (process.env.OSP_BENCH_VERBOSE) console.error(name, JSON.stringify(all.get(name).at(-1)));
      } catch (error) {
        console.error(`${name}, round ${round + 1}: ${error.message}`);
        // Once is bad luck and shows in the number of rounds.
        if (all.get(name).failed) all.set(name, error);
        else all.get(name).failed = true;
      }
    }
  }
  return all;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that a share of them (0 to 1) does not exceed. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** "170, 214, 390": the median, what nine of ten do not exceed, and the greatest. */
export function slowest(values, digits = 0) {
  if (!values?.length) return 'failed';
  return [median(values), quantile(values, 0.9), Math.max(...values)].map((value) => value.toFixed(digits)).join(', ');
}

/** "12.3 (11.9 to 14.0)": the median, and the least and greatest. */
export function spread(values, digits = 1) {
  if (!values?.length) return 'failed';
  const text = (value) => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

/** A Markdown table; the first row is its head. */
export function table(rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const [head, ...rest] = rows;
  console.log(['', line(head), line(head.map(() => '---')), ...rest.map(line), ''].join('\n'));
}

/** How busy the machine is beside us, for under a table. */
export const load = () => `Load average ${loadavg()[0].toFixed(1)} on ${cpus().length} cores.`;

/** How many rounds: OSP_BENCH_ROUNDS, else as many as the figure asks for. */
export const rounds = (usual) => Number(process.env.OSP_BENCH_ROUNDS ?? usual);

/** Whether a column of a long table is asked for: OSP_BENCH_ONLY has a part of its name, or is not set. */
export const wanted = (name) => !process.env.OSP_BENCH_ONLY || process.env.OSP_BENCH_ONLY.split(',').some((part) => name.includes(part));

/** Seconds of processors that a process used so far (proc(5)); NaN where the system does not tell. */
export function processor(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** Resident memory of a process now, in bytes. */
export function memory(pid) {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Runs a program to its end: seconds it took and seconds of processors. */
export async function timed(program, args, options = {}) {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  let said = '';
  child.stderr?.on('data', (text) => { said = (said + text).slice(-2000); });
  let used = 0;
  const watch = setInterval(() => { used = Math.max(used, processor(child.pid) || 0); }, 10);
  const impatience = setTimeout(() => child.kill('SIGKILL'), 300_000);
  const code = await new Promise((done, fail) => child.once('exit', (code, signal) => done(code ?? signal)).once('error', fail));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  clearTimeout(impatience);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
  return { seconds, used };
}

/** A program that runs until the measurement is over; `line` is the first it wrote. */
export async function running(t, [program, ...args], { until = /./, options = {} } = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  t.after(() => new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill();
    return setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  }));
  let said = '';
  const line = await new Promise((done, fail) => {
    const heard = (text) => {
      said += text;
      const found = said.split('\n').slice(0, -1).find((line) => until.test(line));
      if (found !== undefined) done(found);
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${program} ended with ${code}: ${said.slice(-2000)}`)));
  });
  return { line, pid: child.pid };
}

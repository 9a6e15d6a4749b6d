// Chromium spoken to over its own pipe, without Playwright: that asks each page to remember what came over the network (up to
// 100 MB, in the page's own process), which would be measured as the page's.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { chromium, switches } from './stage.mjs';

/** A page at `url` in a Chromium of its own, until `t` is over. */
export async function pageAt(t, folder, url) {
  if (!chromium) throw new Error('no Chromium: install it (apt-get install chromium) or set CHROMIUM to its path');
  const words = [...switches, '--headless=new', '--remote-debugging-pipe', `--user-data-dir=${join(folder, 'chromium')}`, 'about:blank'];
  const child = spawn(chromium, words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const pipe = new Pipe(child.stdio[3], child.stdio[4]);
  t.after(async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await Promise.race([pipe.send('Browser.close'), gone]);
    await gone;
  });
  const { targetId } = await pipe.send('Target.createTarget', { url });
  const { sessionId } = await pipe.send('Target.attachToTarget', { targetId, flatten: true });
  return new Page(pipe, sessionId);
}

/** Messages of the DevTools protocol, with a zero byte behind each. */
class Pipe {
  #number = 0;
  #waiting = new Map();
  #listeners = [];
  #input;

  constructor(input, output) {
    this.#input = input;
    let text = '';
    output.setEncoding('utf8').on('data', (part) => {
      const messages = (text + part).split('\0');
      text = messages.pop();
      for (const message of messages) this.#hear(JSON.parse(message));
    });
  }

  #hear(message) {
    const asked = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) asked?.reject(new Error(message.error.message));
    else asked?.resolve(message.result);
    if (message.method) for (const listen of this.#listeners) listen(message);
  }

  /** Calls back with every event, until what this gives is called. */
  listen(listener) {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  send(method, params = {}, sessionId) {
    const id = (this.#number += 1);
    this.#input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}

/** A page and its workers. */
class Page {
  #pipe;
  #session;
  #workers = new Set();

  constructor(pipe, session) {
    this.#pipe = pipe;
    this.#session = session;
    pipe.listen(({ method, params }) => {
      if (method === 'Target.attachedToTarget' && params.sessionId !== session) this.#workers.add(params.sessionId);
      if (method === 'Target.detachedFromTarget') this.#workers.delete(params.sessionId);
    });
    void this.send('Performance.enable');
    void this.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
  }

  send(method, params) {
    return this.#pipe.send(method, params, this.#session);
  }

  /** What the browser tells of some categories while `work` runs. */
  async #traced(categories, work = async () => undefined) {
    const events = [];
    let stop;
    const over = new Promise((resolve) => {
      stop = this.#pipe.listen(({ method, params }) => {
        if (method === 'Tracing.dataCollected') events.push(...params.value);
        if (method === 'Tracing.tracingComplete') resolve();
      });
    });
    const traceConfig = { includedCategories: categories, excludedCategories: ['*'], memoryDumpConfig: { triggers: [] } };
    await this.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
    await work();
    await this.send('Tracing.end');
    await over;
    stop();
    return events;
  }

  /** The process that the page and its workers are in; the browser has others, which draw its own windows. */
  async process() {
    const { frameTree } = await this.send('Page.getFrameTree');
    const events = await this.#traced(['disabled-by-default-devtools.timeline']);
    const frames = events.flatMap(({ args }) => args?.data?.frames ?? []);
    const mine = frames.find(({ frame }) => frame === frameTree.frame.id);
    if (!mine) throw new Error('the browser does not say which process the page is in');
    return mine.processId;
  }

  /** Who in the process has taken how many bytes: "v8", "malloc/partitions/allocator/buckets/bucket_0000064" and so on. */
  async allocators(process) {
    const events = await this.#traced(['disabled-by-default-memory-infra'], () => this.#pipe.send('Tracing.requestMemoryDump', { levelOfDetail: 'detailed' }));
    const found = events.filter(({ ph, pid }) => ph === 'v' && pid === process).map(({ args }) => args.dumps.allocators ?? {});
    const sizes = found.flatMap((one) => Object.entries(one)).map(([name, { attrs }]) => [name, Number.parseInt(attrs?.size?.value ?? '0', 16)]);
    return new Map(sizes);
  }

  /** What `run` gives in the page. */
  async evaluate(run, ...values) {
    const expression = `(${run})(${values.map((value) => JSON.stringify(value)).join(', ')})`;
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** When `run` gives something in the page. */
  async until(run, ...values) {
    for (let tries = 0; tries < 400; tries += 1) {
      const found = await this.evaluate(run, ...values);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`it did not come to pass: ${run}`);
  }

  /** Collects the garbage of the page and of its workers; the bytes of what scripts hold then, and of the buffers they hold beside. */
  async collect() {
    let workers = 0;
    // Twice: the first collection lets finalisers run, whose garbage the second takes.
    for (let i = 0; i < 2; i += 1) {
      await this.send('HeapProfiler.collectGarbage');
      workers = 0;
      for (const worker of this.#workers) {
        await this.#pipe.send('HeapProfiler.collectGarbage', {}, worker);
        const { usedSize, backingStorageSize = 0 } = await this.#pipe.send('Runtime.getHeapUsage', {}, worker);
        workers += usedSize + backingStorageSize;
      }
    }
    const { usedSize, backingStorageSize = 0 } = await this.send('Runtime.getHeapUsage');
    return { page: usedSize, buffers: backingStorageSize, workers };
  }
}

/**
 * `Go`, as existing pages start the original:
 *
 *     const go = new Go();
 *     const { instance } = await WebAssembly.instantiateStreaming(fetch("stmf.wasm"), go.importObject);
 *     go.run(instance);
 *
 * With the import object of this `Go` nothing is compiled: the page's `stmf.wasm` may be missing, and is not downloaded to its
 * end. Every other use of `WebAssembly` is as it was.
 */

/** Import objects of ours. */
const ours = new WeakSet<object>();

export interface Started {
  /** Resolves when the calls work; rejects with the reason. */
  readonly ready: Promise<unknown>;
  /** A page has run the program. */
  onRun(): void;
}

export function installGo({ ready, onRun }: Started): { readonly used: () => boolean } {
  let used = false;

  class Go {
    argv = ["js"];
    env: Record<string, string> = {};
    exit: (code: number) => void = () => {};
    exited = false;
    readonly importObject = { gojs: {} };

    constructor() {
      used = true;
      ours.add(this.importObject);
    }

    /** As the original's: does not end while the page lives. */
    run(): Promise<never> {
      onRun();
      return new Promise(() => {});
    }
  }

  const { instantiate, instantiateStreaming } = WebAssembly;
  /** The answer in place of a compiled program. */
  const stand = async (): Promise<WebAssembly.WebAssemblyInstantiatedSource> => {
    await ready;
    return {
      module: Object.create(WebAssembly.Module.prototype) as WebAssembly.Module,
      instance: Object.create(WebAssembly.Instance.prototype) as WebAssembly.Instance,
    };
  };

  WebAssembly.instantiateStreaming = async (source, imports) => {
    if (!imports || !ours.has(imports)) return instantiateStreaming(source, imports);
    void leave(source);
    return stand();
  };
  WebAssembly.instantiate = (async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
    if (!imports || !ours.has(imports)) return instantiate(source as BufferSource, imports);
    const stood = await stand();
    return source instanceof WebAssembly.Module ? stood.instance : stood;
  }) as typeof WebAssembly.instantiate;

  (globalThis as { Go?: unknown }).Go = Go;
  return { used: () => used };
}

/** Stops a download that nobody needs; that it failed does not matter. */
async function leave(source: Response | PromiseLike<Response>): Promise<void> {
  try {
    await (await source).body?.cancel();
  } catch {
    // A missing file is as good as any.
  }
}

/** The page's end of a Worker: calls out, answers in. A Worker that fails, or does not stop, is ended; the next call starts another. */

import type { CallName, Calls, Port, Reply, Request } from "./protocol";
import { SealedError } from "./types";

/** A Worker, or what stands for one in tests. */
export interface Thread extends Omit<Port, "addEventListener"> {
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  addEventListener(type: "error", listener: () => void): void;
  terminate(): void;
}

/** How long a call may take to notice that nobody wants it; the module itself cannot be interrupted. */
const PATIENCE_MS = 100;

interface Pending {
  resolve(answer: unknown): void;
  reject(error: SealedError): void;
  progress: ((done: number, total: number) => void) | undefined;
}

export class Connection {
  private thread: Thread | undefined;
  private pending = new Map<number, Pending>();
  private last = 0;
  /** Counts Workers: what lived in an earlier one is gone. */
  generation = 0;

  constructor(private readonly start: () => Thread) {}

  call<Name extends CallName>(
    call: Name,
    args: Calls[Name]["args"],
    options: { signal?: AbortSignal | undefined; progress?: ((done: number, total: number) => void) | undefined } = {},
  ): Promise<Calls[Name]["answer"]> {
    const { signal, progress } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(stopped());
        return;
      }
      const id = (this.last += 1);
      const abort = () => this.abort(id, call);
      const end = () => {
        this.pending.delete(id);
        signal?.removeEventListener("abort", abort);
      };
      this.pending.set(id, {
        resolve(answer) {
          end();
          resolve(answer as Calls[Name]["answer"]);
        },
        reject(error) {
          end();
          reject(error);
        },
        progress,
      });
      signal?.addEventListener("abort", abort);
      this.send({ id, call, args } as Request);
    });
  }

  /** Ends the Worker and whatever it was doing. */
  close(reason: SealedError = stopped()): void {
    this.thread?.terminate();
    this.thread = undefined;
    this.generation += 1;
    for (const call of this.pending.values()) call.reject(reason);
  }

  private abort(id: number, call: CallName): void {
    this.send({ abort: id });
    // Reading is done in small steps, and the release has to outlive one that is no longer wanted: jumps are ordinary.
    if (call === "read") {
      this.pending.get(id)?.reject(stopped());
      return;
    }
    setTimeout(() => {
      if (this.pending.has(id)) this.close();
    }, PATIENCE_MS);
  }

  private send(request: Request): void {
    this.thread ??= this.connect();
    // A Worker's, which has no origin to name.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.thread.postMessage(request);
  }

  private connect(): Thread {
    const thread = this.start();
    thread.addEventListener("message", ({ data }: MessageEvent<Reply>) => this.receive(data));
    thread.addEventListener("error", () =>
      this.close(new SealedError("unsupported", "the opening program could not be started in this browser")),
    );
    return thread;
  }

  private receive(reply: Reply): void {
    const call = this.pending.get(reply.id);
    if (!call) return;
    if ("total" in reply) {
      call.progress?.(reply.done, reply.total);
    } else if ("problem" in reply) {
      const error = new SealedError(reply.problem, reply.message, reply.detail);
      call.reject(error);
      // Nothing is known about a module that failed in itself.
      if (error.problem === "internal") this.close(error);
    } else {
      call.resolve(reply.answer);
    }
  }
}

const stopped = () => new SealedError("aborted", "the reading was stopped");

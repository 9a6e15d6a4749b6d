/** What page and Worker say to each other. One Worker serves one sealed file; a release is a number. */

import type { Attachment, Beside, Credential, Message, SealedInfo, Target, Terms } from "./types";
import type { UnlockWish, WorkerSource } from "./session";

/** Every call: its arguments and its answer. */
export interface Calls {
  inspect: { args: { source: WorkerSource; now: number }; answer: SealedInfo };
  unlock: {
    args: { source: WorkerSource; credential: Credential; wish: UnlockWish };
    answer: {
      release: number;
      message: Message;
      attachments: readonly Attachment[];
      terms: Terms | undefined;
      serial: number | undefined;
      /** 3.0: the highest number of a table beside the file that was seen. */
      tableSeen: number | undefined;
      beside: Beside | undefined;
    };
  };
  /** `some`: what is there without waiting for more. */
  read: { args: { release: number; attachment: number; start: number; end: number; some: boolean }; answer: Uint8Array };
  ahead: { args: { release: number; attachment: number; seconds: number }; answer: undefined };
  closeRelease: { args: { release: number }; answer: undefined };
  seal: { args: SealArgs; answer: Blob };
}

export interface SealArgs {
  /** The wire's JSON. */
  readonly message: string;
  readonly header: string;
  readonly target: Target;
  readonly now: number;
  readonly contents: readonly Blob[];
}

export type CallName = keyof Calls;

/** Page to Worker. `abort` names a call that is no longer wanted. */
export type Request =
  | { [Name in CallName]: { readonly id: number; readonly call: Name; readonly args: Calls[Name]["args"] } }[CallName]
  | { readonly abort: number };

/** Worker to page. */
export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly problem: string; readonly message: string; readonly detail?: unknown }
  | { readonly id: number; readonly done: number; readonly total: number };

/** Of a Worker and of a message port. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

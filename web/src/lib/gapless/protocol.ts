/** What the page and the worker that remuxes say to each other: every question has one answer, in order. */

/** What is known of a file once its beginning has been read. */
export interface Stream {
  /** For `addSourceBuffer`. */
  readonly mime: string;
  /** The initialisation segment; empty where none is needed. */
  readonly init: Uint8Array<ArrayBuffer>;
  /** What is appended carries no times of its own. */
  readonly bare: boolean;
  /** Samples in a second. */
  readonly scale: number;
  /** Seconds before the sound: encoders' delay. */
  readonly start: number;
}

/** A file on its way. Seconds count from the first sample that a decoder gives. */
export interface Progress {
  /** From which byte the next bytes are to be read. */
  readonly position: number;
  /** With the answer that is the first to know it. */
  readonly stream?: Stream | undefined;
  /** When the sound ends, once that is known. */
  readonly end?: number | undefined;
  /** When the first frame since the beginning, or the last seek, plays. */
  readonly first?: number | undefined;
  /** What can be appended. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type Question =
  | { readonly ask: "open"; readonly file: number; readonly type: string; readonly size: number }
  | { readonly ask: "push"; readonly file: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly ask: "seek"; readonly file: number; readonly seconds: number }
  | { readonly ask: "close"; readonly file: number };

/** `problem`: `unsupported`, `damaged`, or that of an error that nobody expected. */
export type Answer = { readonly progress: Progress } | { readonly problem: string; readonly message: string };

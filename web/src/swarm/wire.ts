/** One data channel: messages of at most 16 KiB, and no more of them waiting in the browser than the path takes. */

import { onEnd } from "./rtc";

/** Longest message, in bytes: what every WebRTC implementation takes. */
const FRAME = 16 << 10;
/** Bytes waiting in the browser at which no more is handed to it, and at which it is ready for more. */
const FULL = 256 << 10;
const READY = 64 << 10;

/** What happens at a wire. */
export interface WireEvents {
  received(bytes: Uint8Array): void;
  /** There is room again. */
  ready(): void;
  closed(): void;
}

export class Wire {
  private frame = new Uint8Array(FRAME);
  private filled = 0;
  private over = false;

  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly channel: RTCDataChannel,
    private readonly events: WireEvents,
  ) {
    channel.bufferedAmountLowThreshold = READY;
    channel.addEventListener("bufferedamountlow", () => events.ready());
    channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer && data.byteLength > 0 && !this.over) events.received(new Uint8Array(data));
    });
    channel.addEventListener("close", () => this.end());
    onEnd(connection, () => this.end());
  }

  hasRoom(): boolean {
    return !this.over && this.channel.readyState === "open" && this.channel.bufferedAmount + this.filled < FULL;
  }

  /** Bytes to go out; complete messages go at once. */
  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + FRAME - this.filled);
      this.frame.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === FRAME) this.flush();
    }
  }

  /** Sends what has not filled a message. */
  flush(): void {
    if (this.filled === 0 || this.over) return;
    try {
      this.channel.send(this.frame.subarray(0, this.filled));
    } catch {
      // Closing, or full beyond what the browser takes: the stream is broken either way.
      this.end();
    }
    this.filled = 0;
  }

  close(): void {
    this.over = true;
    this.channel.close();
    this.connection.close();
  }

  private end() {
    if (this.over) return;
    this.close();
    this.events.closed();
  }
}

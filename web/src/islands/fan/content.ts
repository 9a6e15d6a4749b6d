/** What an opened release holds, as things to play, look at and save. */

import { safeFileName } from "../../lib/media/file-name";
import { f } from "../../lib/messages/fan";
import { kindOf, shownType, type Kind } from "../../lib/media/kind";
import type { Attachment, Message, Release, Stretch, Terms } from "../../smsg";
import type { Attachments } from "./attachments";

/** One attachment. */
export interface Item {
  readonly index: number;
  /** As the message has it; free text. */
  readonly name: string;
  readonly fileName: string;
  readonly kind: Kind;
  /** What it is shown as; `application/octet-stream` for what is only saved. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Which part of a release it is, for those that are sold in parts. */
  readonly stretch?: Stretch;
}

export function itemsOf(attachments: readonly Attachment[]): Item[] {
  return attachments.map(({ name, mime, size, stretch }, index) => {
    const type = shownType(mime, name);
    const item: Item = { index, name: name.trim() === "" ? f().files.unnamed(index + 1) : name, fileName: safeFileName(name), kind: kindOf(type), type, size };
    return stretch ? { ...item, stretch } : item;
  });
}

export const isPlayable = (item: Item): boolean => item.kind === "audio" || item.kind === "video";

/** An opened release with addresses for its attachments. */
export class Content {
  readonly message: Message;
  readonly items: readonly Item[];
  /** What was sold, where that is said. */
  readonly terms: Terms | undefined;
  readonly serial: number | undefined;
  /** Reading ended with an error, of which the page was told. */
  failed = false;
  private readonly addresses = new Map<number, Promise<string>>();

  constructor(
    readonly release: Release,
    private readonly host: Attachments | undefined,
    /** Told when content turns out to be damaged, or to be gone, while it is read. */
    private readonly onFailure: (error: unknown) => void = () => {},
    /** It was opened without a key. */
    readonly isPreview = false,
  ) {
    this.message = release.message;
    this.terms = release.terms;
    this.serial = release.serial;
    this.items = itemsOf(release.attachments);
  }

  /** Where a media element finds an attachment. Without a service worker that is a copy in memory. */
  addressOf(item: Item): Promise<string> {
    let address = this.addresses.get(item.index);
    if (!address) {
      address = this.host ? Promise.resolve(this.publish(this.host, item)) : this.copy(item);
      this.addresses.set(item.index, address);
      address.catch(() => this.addresses.delete(item.index));
    }
    return address;
  }

  /** Says that what plays at this moment will be wanted. */
  ahead(item: Item, seconds: number): void {
    this.release.ahead(item.index, seconds);
  }

  /** Saves an attachment as a file. */
  async save(item: Item): Promise<void> {
    const address = await this.addressOf(item);
    if (this.host) saveThroughFrame(`${address}?save`);
    else saveByLink(address, item.fileName);
  }

  close(): void {
    for (const address of this.addresses.values()) {
      void address.then(
        (url) => (url.startsWith("blob:") ? URL.revokeObjectURL(url) : this.host?.withdraw(url)),
        () => {},
      );
    }
    this.addresses.clear();
    this.release.close();
  }

  private publish(host: Attachments, item: Item): string {
    const { size, type, name } = item;
    return host.publish({ size, type, name, read: (start, end, signal) => this.read(item, start, end, signal) });
  }

  /** At least one byte of `start` to `end` (exclusive) of an attachment. What is wrong with it is told to the page. */
  async read(item: Item, start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await this.release.readSome(item.index, start, end, signal);
    } catch (error) {
      if (!signal.aborted && (error as { problem?: string }).problem !== "aborted") {
        this.failed = true;
        this.onFailure(error);
      }
      throw error;
    }
  }

  private async copy(item: Item): Promise<string> {
    const pieces: BlobPart[] = [];
    const reader = this.release.stream(item.index).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value as Uint8Array<ArrayBuffer>);
    }
    return URL.createObjectURL(new Blob(pieces, { type: item.type }));
  }
}

/** Goes to the address where nobody sees it; the service worker answers with something to save, so the page stays. */
function saveThroughFrame(address: string) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = address;
  document.body.append(frame);
  // A download that has begun does not need its frame; one that takes longer to begin has failed.
  setTimeout(() => frame.remove(), 60_000);
}

function saveByLink(address: string, name: string) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

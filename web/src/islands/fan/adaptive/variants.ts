/** The files of an adaptive release, opened when they are wanted. */

import { kindOf, shownType } from "../../../lib/media/kind";
import { inspect, SealedError, type Abr, type Credential, type Manifest, type Release, type Sealed } from "../../../smsg";

type Options = { ignoreExpiry: boolean; signal: AbortSignal; onProgress?(done: number, total: number): void };

/** One opened variant: its first playable attachment is the recording. */
export interface Variant {
  readonly release: Release;
  readonly attachment: number;
  /** Media type that it is shown as. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Plaintext bytes per chunk: what is fetched at once. */
  readonly chunk: number;
}

export class Variants {
  private readonly files: (Promise<Sealed> | undefined)[] = [];
  private readonly opened: (Promise<Variant> | undefined)[] = [];
  private credential: Credential | undefined;
  private ignoreExpiry = false;
  /** What the default variant says about the release. */
  manifest: Manifest | undefined;

  constructor(readonly abr: Abr) {}

  /** Opens the default variant; the key then opens the others. */
  async unlock(credential: Credential, options: Options): Promise<Release> {
    this.credential = credential;
    this.ignoreExpiry = options.ignoreExpiry;
    this.opened.length = 0;
    const { release } = await this.open(this.abr.defaultIndex, options.signal);
    return release;
  }

  /** A variant, opened once. */
  open(index: number, signal?: AbortSignal): Promise<Variant> {
    const opening = (this.opened[index] ??= this.openNow(index, signal));
    opening.catch(() => {
      if (this.opened[index] === opening) this.opened[index] = undefined;
    });
    return opening;
  }

  close(): void {
    for (const file of this.files) void file?.then((sealed) => sealed.close()).catch(() => {});
    this.files.length = 0;
    this.opened.length = 0;
  }

  private async openNow(index: number, signal?: AbortSignal): Promise<Variant> {
    const { credential, ignoreExpiry } = this;
    if (!credential) throw new SealedError("license_required", "type the licence first");
    const sealed = await this.file(index, signal);
    const release = await sealed.unlock(credential, { ignoreExpiry, ...(signal && { signal }) });
    const types = release.attachments.map(({ mime, name }) => shownType(mime, name));
    const attachment = types.findIndex((type) => ["audio", "video"].includes(kindOf(type)));
    const found = release.attachments[attachment];
    if (!found) throw new SealedError("unsupported", "a file of this release holds nothing to play");
    if (index === this.abr.defaultIndex) this.manifest = sealed.info.manifest;
    const chunk = sealed.info.chunked?.chunkSize ?? 1 << 20;
    return { release, attachment, type: types[attachment]!, size: found.size, chunk };
  }

  private file(index: number, signal?: AbortSignal): Promise<Sealed> {
    const file = (this.files[index] ??= inspect(this.abr.urlOf(index), signal && { signal }));
    file.catch(() => {
      if (this.files[index] === file) this.files[index] = undefined;
    });
    return file;
  }
}

/** Adaptive manifests: parsed, chosen from and measured by the module, which needs no thread for it. */

import type { Abr as ModuleAbr } from "../wasm-older/osp_wasm";
import { asSealedError, type Module } from "./module";
import { BlobRemote, UrlRemote } from "./remote";
import { SealedError, type Abr, type AbrVariant } from "./types";

/** Largest manifest, bytes; the module takes no larger one. */
const MAX_MANIFEST = 1 << 20;

interface WireAbr {
  readonly title: string;
  readonly duration: number;
  readonly variants: AbrVariant[];
  readonly defaultIdx: number;
}

export class AdaptiveManifest implements Abr {
  readonly title: string;
  readonly duration: number;
  readonly variants: readonly AbrVariant[];
  readonly defaultIndex: number;
  readonly base?: URL;

  private constructor(
    private readonly inner: ModuleAbr,
    base: URL | undefined,
  ) {
    const { title, duration, variants, defaultIdx } = JSON.parse(inner.toJson()) as WireAbr;
    this.title = title;
    this.duration = duration;
    this.variants = variants ?? [];
    // Free text of other people's files: any number.
    this.defaultIndex = this.variants[defaultIdx] ? defaultIdx : 0;
    if (base) this.base = base;
  }

  static async open(module: Module, manifest: URL | Blob, signal?: AbortSignal): Promise<Abr> {
    const remote = manifest instanceof Blob ? new BlobRemote(manifest) : new UrlRemote(manifest);
    const bytes = await remote.range(0, MAX_MANIFEST + 1, signal);
    try {
      return new AdaptiveManifest(module.Abr.parse(bytes), manifest instanceof Blob ? undefined : manifest);
    } catch (error) {
      throw asSealedError(error);
    }
  }

  urlOf(variant: number): URL {
    const found = this.variants[variant];
    if (!found) throw new SealedError("out_of_range", "there is no such variant");
    try {
      return new URL(found.url, this.base);
    } catch {
      throw new SealedError("unsupported", "the manifest names its files relative to its own address; open it by its address");
    }
  }

  select(bandwidth: number): number {
    return this.inner.select(bandwidth);
  }

  record(bytes: number, milliseconds: number): void {
    this.inner.record(bytes, milliseconds);
  }

  estimate(): number {
    return this.inner.estimate();
  }
}

import type { Variants } from "./variants";
export class AdaptivePlayer {
  constructor(readonly variants: Variants, readonly media: HTMLMediaElement, readonly giveUp: (why: string) => void) {}
  static isPossible(_: Variants): boolean { return false; }
  close(): void {}
}

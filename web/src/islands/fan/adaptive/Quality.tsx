import type { AdaptivePlayer } from "./player";
export function Quality(_: { readonly player: AdaptivePlayer }) { return null; }

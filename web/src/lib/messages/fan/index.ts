/** The texts around sealed files: loaded by what opens them, and by nothing else. */

import { part } from "../parts";
import { en, type FanMessages } from "./en";

export type { FanMessages, Told } from "./en";

/** The texts (reactive). */
export const f = part<FanMessages>(en, { de: async () => (await import("./de")).de });

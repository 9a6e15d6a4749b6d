/** Where the site's worker and its pages are: on a node, or in a folder of plain files. */

import { addressesOf, type Addresses } from "../../lib/addresses";

/** How its script is called where a host serves nothing but files. */
const OF_FILES = "site-sw.js";

/** By the address of the worker's own script. */
export function placeOf(script: string): Addresses {
  const isFiles = new URL(script).pathname.endsWith(`/${OF_FILES}`);
  return addressesOf(isFiles ? "./" : undefined, script);
}

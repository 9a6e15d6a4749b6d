/** Another language for all of the page: what scripts say, what the node wrote, and what is kept of pages for times without a network. */

import { addresses } from "./addresses";
import { setLanguage, type Language } from "./messages";
import { pagesAnew } from "./offline/pages-anew";

/** `again` shows the page once more, as the node then writes it, without loading it anew: what plays, plays on. */
export async function switchLanguage(code: Language, again: () => Promise<unknown>): Promise<void> {
  await setLanguage(code);
  // Plain files were written in one language.
  if (addresses.isFiles) return;
  // Else a slow node would be stood in for by a page in the language before.
  await pagesAnew();
  await again();
}

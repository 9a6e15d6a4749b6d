/** What is open beside the bar and in front of the page; keys and menus open the same things. */

import { createSignal } from "solid-js";

export type Panel = "queue" | "lyrics" | "more" | "sharing";
export type SheetName = "share" | "keys" | "library";

const [panel, setPanel] = createSignal<Panel>();
const [sheet, setSheet] = createSignal<SheetName>();

export { panel, sheet, setSheet };

/** Opens or closes a panel; one is open at a time. */
export const showPanel = (name: Panel, open: boolean): void => {
  if (open) setPanel(name);
  else if (panel() === name) setPanel(undefined);
};

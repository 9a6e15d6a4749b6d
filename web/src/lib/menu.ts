/** A menu at a button, by the ARIA pattern: arrows go through it, Escape closes it, focus goes back to the button. */

export interface Item {
  readonly label: string;
  readonly run: () => void;
}

/** Pixels to the edges of the window. */
const MARGIN = 8;

let close: (() => void) | undefined;

/** Opens the menu; a second press on the same button closes it. */
export function openMenu(button: HTMLElement, label: string, items: readonly Item[]): void {
  const mine = button.getAttribute("aria-expanded") === "true";
  close?.();
  if (mine) return;
  const menu = document.createElement("div");
  menu.className = "menu";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", label);
  menu.lang = document.querySelector<HTMLElement>("[data-island=player]")?.lang ?? "";
  for (const item of items) {
    const entry = document.createElement("button");
    entry.type = "button";
    entry.setAttribute("role", "menuitem");
    entry.tabIndex = -1;
    entry.textContent = item.label;
    entry.addEventListener("click", () => {
      end(true);
      item.run();
    });
    menu.append(entry);
  }
  const entries = [...menu.children] as HTMLElement[];
  const step = (by: number) => {
    const at = entries.indexOf(document.activeElement as HTMLElement);
    entries[(at + by + entries.length) % entries.length]?.focus();
  };
  const outside = ({ target }: Event) => {
    if (target instanceof Node && !menu.contains(target) && !button.contains(target)) end(false);
  };
  const end = (giveBack: boolean) => {
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    window.removeEventListener("resize", leave);
    close = undefined;
    if (giveBack) button.focus();
  };
  const leave = () => end(false);
  close = leave;
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end(true);
    else if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Home") entries[0]?.focus();
    else if (event.key === "End") entries.at(-1)?.focus();
    else if (event.key === "Tab") return end(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener("pointerdown", outside);
  window.addEventListener("resize", leave);
  button.setAttribute("aria-expanded", "true");
  // Inside the page's main part, which goes when another page comes.
  (button.closest("main") ?? document.body).append(menu);
  place(menu, button);
  entries[0]?.focus({ preventScroll: true });
}

/** Below the button, or above it where there is no room; never beyond the sides. */
function place(menu: HTMLElement, button: HTMLElement) {
  const at = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const bar = document.querySelector("[data-island=player]:not([hidden])")?.getBoundingClientRect().top ?? innerHeight;
  const below = at.bottom + height + MARGIN <= bar;
  const left = Math.max(MARGIN, Math.min(at.right - width, document.documentElement.clientWidth - width - MARGIN));
  menu.style.setProperty("left", `${left + scrollX}px`);
  menu.style.setProperty("top", `${(below ? at.bottom : Math.max(MARGIN, at.top - height)) + scrollY}px`);
}

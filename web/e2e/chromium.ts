import { existsSync } from "node:fs";

/** The browser of the system: CHROMIUM, or where Debian and others put it. Playwright downloads none for us. */
export function chromiumPath(): string {
  const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = places.find((path) => path !== undefined && existsSync(path));
  if (!found) throw new Error("no Chromium: install it (apt-get install chromium) or set CHROMIUM to its path");
  return found;
}

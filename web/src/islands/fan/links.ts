/** A manifest's links: a stranger's words, so only web addresses become links, and each says where it leads. */

export interface WebLink {
  readonly name: string;
  readonly href: string;
  readonly host: string;
}

export function webLinks(links: Readonly<Record<string, string>> | undefined): WebLink[] {
  return Object.entries(links ?? {}).flatMap(([name, text]) => {
    if (!URL.canParse(text)) return [];
    const url = new URL(text);
    if (url.protocol !== "https:" && url.protocol !== "http:") return [];
    return [{ name: name.trim() === "" ? url.host : name, href: url.href, host: url.host }];
  });
}

/** Markup as osp-node renders it, cut to what the islands read. */

import type { Track } from "../src/lib/tracks";

export const row = (key: string, title: string, artist?: string): string => `
  <li data-track="${key}" data-id="osp:track:${key}" data-cid="cid-${key}" data-did="did:key:zA" data-duration="208.5">
    <button type="button" class="play" data-play hidden aria-label="Play ${title} by Max"></button>
    <a href="/track/${key}" data-shows="title"><bdi>${title}</bdi></a>
    ${artist === undefined ? "" : `<a data-shows="artist"><bdi>${artist}</bdi></a>`}
    <span data-mark></span>
  </li>`;

export const release = (artist: string, ...rows: string[]): string =>
  `<article data-release><p><a data-shows="artist">${artist}</a></p><ol>${rows.join("")}</ol></article>`;

export const track = (key: string): Track => ({
  key,
  id: `osp:track:${key}`,
  title: `Title ${key}`,
  artist: "Max",
  did: "did:key:zA",
  album: "",
  cid: `cid-${key}`,
  duration: 200,
  cover: "",
  waveform: "",
  lyrics: "",
});

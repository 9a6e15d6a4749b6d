/** Playlists as files that other programs read. */

import { audioOf, pageOf, type Track } from "../tracks";
import type { Playlist } from "./index";

const absolute = (path: string) => new URL(path, location.origin).href;
/** A line of a list has no line breaks in it. */
const line = (text: string) => text.replace(/[\r\n]+/g, " ");

/** Extended M3U, in UTF-8: where this node has the audio. */
export function m3u8(playlist: Playlist): string {
  const entry = (track: Track) => {
    const seconds = Number.isFinite(track.duration) ? Math.round(track.duration) : -1;
    return `#EXTINF:${seconds},${line(track.artist)} - ${line(track.title)}\n${absolute(audioOf(track))}`;
  };
  return ["#EXTM3U", `#PLAYLIST:${line(playlist.name)}`, ...playlist.tracks.map(entry), ""].join("\n");
}

/** What tells the tracks apart everywhere: ids and CIDs. */
export function json(playlist: Playlist): string {
  const tracks = playlist.tracks.map((track) => ({
    id: track.id,
    title: track.title,
    artistName: track.artist,
    artist: track.did,
    ...(track.album && { album: track.album }),
    ...(Number.isFinite(track.duration) && { duration: track.duration }),
    cid: track.cid,
    url: absolute(pageOf(track)),
  }));
  return `${JSON.stringify({ name: playlist.name, tracks }, undefined, 2)}\n`;
}

/** Hands a text to the listener as a file. */
export function save(name: string, type: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  // What file systems dislike.
  link.download = name.replace(/[\p{Cc}<>:"/\\|?*]/gu, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

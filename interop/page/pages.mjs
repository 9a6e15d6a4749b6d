// The pages that are measured: one of each kind.

import { pathOf } from './stage.mjs';

/** Names and paths on a node with the demo album. */
export function pagesOf({ tracks }) {
  const [track] = tracks;
  const path = pathOf(track);
  return [
    ['home', '/'],
    ['artist', `/artist/${track.artist}`],
    ['album', `/artist/${track.artist}/album/${encodeURIComponent(track.album)}`],
    ['track', path],
    ['search', '/search?q=a'],
    ['genres', '/genres'],
    ['fan', '/fan'],
    ['library', '/library'],
    ['embed', path.replace('/track/', '/embed/')],
  ];
}

/** Where the worker and its pages are: on a node, or in a folder of plain files, whose host knows no routes. */

export interface Place {
  /** Of the site, with a slash at its end. */
  readonly root: string;
  /** The page's path; what stands behind `?` and `#` is for the page alone. */
  readonly page: string;
  /** Both pages that open sealed files: it, and the same inside other people's pages, which is not kept for times without a network. */
  readonly pages: readonly string[];
  /** Where opened attachments are. */
  readonly media: string;
}

const OF_FILES = "fan-sw.js";
const OF_NODE = "fan/sw.js";

/** By the path of the worker's own script. */
export function placeOf(script: string): Place {
  const isFiles = script.endsWith(`/${OF_FILES}`);
  const root = script.slice(0, -(isFiles ? OF_FILES : OF_NODE).length);
  const page = isFiles ? `${root}fan.html` : `${root}fan`;
  return { root, page, pages: [page, isFiles ? `${root}fan-frame.html` : `${root}fan/frame`], media: `${root}fan/media/` };
}

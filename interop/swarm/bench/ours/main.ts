// Runs in the page: the swarm of our own pages downloads, without the pages.

import { fromHex, newPeerId } from "../../../../web/src/swarm/bytes";
import { engine } from "../../../../web/src/swarm/module";
import { startNet } from "../../../../web/src/swarm/net";
import { Session } from "../../../../web/src/swarm/session";
import { Tracker } from "../../../../web/src/swarm/tracker";

/** Takes a whole torrent. Seconds from the call, and from the first block, to the last verified piece. */
async function take(magnet: string) {
  const words = new URL(magnet).searchParams;
  const infohash = fromHex(words.get("xt")!.replace("urn:btih:", ""))!;
  const [size, url] = [Number(words.get("xl")), words.get("tr")!];
  const [loaded, net, peerId] = [await engine(), startNet(), newPeerId()];
  const asked = performance.now();
  return new Promise((resolve) => {
    let first: number | undefined;
    const session: Session = new Session(loaded, net, { infohash, size, cid: "", type: "" }, peerId, () => {
      const now = performance.now();
      clearInterval(look);
      resolve({ bytes: size, seconds: (now - asked) / 1000, moving: (now - (first ?? asked)) / 1000 });
      session.close();
      net.close();
    });
    const look = setInterval(() => {
      if (session.pieces.held > 0) first ??= performance.now();
    }, 2);
    new Tracker(net, url, peerId).join(session);
  });
}

Object.assign(globalThis, { take });

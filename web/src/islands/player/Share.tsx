/** How to pass a track on: link, QR code, terminal, BitTorrent, the file itself. */

import { createMemo, createResource, createSignal, For, Show } from "solid-js";
import { encode } from "uqr";
import { addresses } from "../../lib/addresses";
import { textOfSeconds } from "../../lib/at-time";
import { announce } from "../../lib/dom";
import { t } from "../../lib/messages";
import { named, type Player } from "../../lib/player";
import { clock } from "../../lib/time";
import { audioOf, pageOf, recordOf, type Track } from "../../lib/tracks";
import Sheet from "./Sheet";

interface Props {
  readonly player: Player;
  readonly track: Track;
  readonly onClose: () => void;
}

export default function Share(props: Props) {
  const [at, setAt] = createSignal(false);
  const seconds = Math.floor(props.player.state.position);
  const [magnet] = createResource(() => props.track.key, magnetOf);
  const plain = () => new URL(pageOf(props.track), location.origin).href;
  const page = () => (at() ? `${plain()}?t=${textOfSeconds(seconds)}` : plain());
  const entries = () => [
    { what: t().share.link, text: page() },
    { what: t().share.play, text: `osp play ${plain()}${at() ? ` --start ${seconds}` : ""}` },
    { what: t().share.embed, text: frameOf(props.track) },
    ...(magnet() ? [{ what: t().share.magnet, text: magnet() ?? "" }] : []),
  ];
  return (
    <Sheet title={t().share.title} class="share" onClose={props.onClose}>
      <p class="share-name">
        <bdi>{props.track.title}</bdi> <bdi class="queue-artist">{props.track.artist}</bdi>
      </p>
      <Show when={seconds > 0}>
        <button type="button" class="switch" role="switch" aria-checked={at()} onClick={() => setAt(!at())}>
          <span class="switch-groove" aria-hidden="true" />
          {t().share.at(clock(seconds))}
        </button>
      </Show>
      <div class="share-parts">
        <Code text={page()} />
        <div>
          <For each={entries()}>{(entry) => <Entry what={entry.what} text={entry.text} />}</For>
          <Show when={isLocal()}>
            <p class="share-note">{t().share.here}</p>
          </Show>
          <a class="button" href={audioOf(props.track)} download="">
            {t().share.download}
          </a>
        </div>
      </div>
    </Sheet>
  );
}

function Entry(props: { readonly what: string; readonly text: string }) {
  let field!: HTMLInputElement;
  const copy = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(props.text);
      announce(t().said.copied);
    } catch {
      announce(t().said.notCopied);
    }
  };
  return (
    <p class="share-entry">
      <label>
        {props.what}
        <input ref={field} readonly value={props.text} dir="ltr" onFocus={() => field.select()} />
      </label>
      <button type="button" class="quiet" aria-label={t().share.copyOf(props.what)} onClick={() => void copy()}>
        {t().share.copy}
      </button>
    </p>
  );
}

/** The code as one path: dark modules on a light ground with the quiet zone that readers need, by day and by night. */
function Code(props: { readonly text: string }) {
  const code = createMemo(() => {
    const { data, size } = encode(props.text, { border: 4, ecc: "M" });
    const modules = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size, path: modules.join("") };
  });
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a picture that is drawn here
    <svg class="share-code" viewBox={`0 0 ${code().size} ${code().size}`} role="img" aria-label={t().share.qr} shape-rendering="crispEdges">
      <rect width={code().size} height={code().size} fill="#fff" />
      <path d={code().path} fill="#000" />
    </svg>
  );
}

/** A player for other people's pages. */
function frameOf(track: Track): string {
  const source = new URL(addresses.embed(track.key, "compact"), location.origin).href;
  const title = named(track).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<iframe src="${source}" title="${title}" width="100%" height="152" loading="lazy" allow="autoplay" style="border:0"></iframe>`;
}

const isLocal = () => ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

async function magnetOf(key: string): Promise<string | undefined> {
  try {
    const record: unknown = await (await fetch(recordOf(key), { headers: { Accept: "application/json" } })).json();
    const { torrent } = record as { torrent?: unknown };
    return typeof torrent === "string" && torrent.startsWith("magnet:?") ? torrent : undefined;
  } catch {
    return undefined;
  }
}

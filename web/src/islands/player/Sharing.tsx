/** Listening together with others: what it means, the switch, and what comes of it. */

import { createSignal, createUniqueId, Show } from "solid-js";
import { bytes } from "../../lib/format";
import type { Sharing as SharingState } from "../../lib/together";
import type { Report } from "../../swarm";
import { Icon } from "./Icon";

const OBSTACLES = {
  "no-webrtc": "This browser cannot connect to other listeners. Tracks come from this server.",
  insecure: "Browsers allow this only over https. Tracks come from this server.",
} as const;

export function Sharing(props: { readonly sharing: SharingState }) {
  const [open, setOpen] = createSignal(false);
  const panel = createUniqueId();
  let button!: HTMLButtonElement;
  const name = () => {
    if (!props.sharing.agreed()) return "off";
    const connected = props.sharing.report()?.connected ?? 0;
    return connected > 0 ? `on, ${connected} connected` : "on";
  };
  /** Escape closes the panel, and so does going elsewhere. */
  const watch = (place: HTMLDivElement) => {
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !open()) return;
      setOpen(false);
      button.focus();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !place.contains(target)) setOpen(false);
    });
    place.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !place.contains(relatedTarget)) setOpen(false);
    });
  };
  return (
    <div class="sharing" ref={watch}>
      <button
        ref={button}
        type="button"
        class="icon"
        aria-label={`Listen together: ${name()}`}
        aria-expanded={open()}
        aria-controls={panel}
        data-on={props.sharing.agreed() ? "" : undefined}
        onClick={() => setOpen(!open())}
      >
        <Icon name="together" />
        <Show when={props.sharing.report()?.connected}>
          {(count) => (
            <span class="sharing-count" aria-hidden="true">
              {count()}
            </span>
          )}
        </Show>
      </button>
      <section id={panel} class="sharing-panel" aria-label="Listen together" hidden={!open()}>
        <Panel sharing={props.sharing} name={panel} />
      </section>
    </div>
  );
}

function Panel(props: { readonly sharing: SharingState; readonly name: string }) {
  const words = () => `${props.name}-words`;
  return (
    <Show when={props.sharing.obstacle} fallback={<Choice sharing={props.sharing} words={words()} />}>
      {(obstacle) => <p>{OBSTACLES[obstacle()]}</p>}
    </Show>
  );
}

function Choice(props: { readonly sharing: SharingState; readonly words: string }) {
  const on = () => props.sharing.agreed();
  return (
    <>
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={on()}
        aria-describedby={props.words}
        onClick={() => props.sharing.set(!on())}
      >
        <span class="switch-groove" aria-hidden="true" />
        Listen together with others
      </button>
      <p id={props.words}>
        Tracks then come from other listeners too, which saves this server work and keeps them playing when it stops. In
        return you give others what you play, while this page is open. Other listeners see your network address. Switch it
        off whenever you like.
      </p>
      <Show when={on() && props.sharing.report()}>{(report) => <Numbers report={report()} />}</Show>
    </>
  );
}

/** Numbers move all the time, so they are read only by those who go to them. */
function Numbers(props: { readonly report: Report }) {
  const got = () => props.report.peers + props.report.server;
  return (
    <Show
      when={props.report.state !== "no-worker"}
      fallback={<p>This browser did not start what this needs (private windows often forbid it). Tracks come from this server.</p>}
    >
      <dl class="sharing-numbers" aria-live="off">
        <dt>Connected</dt>
        <dd>
          <data value={props.report.connected}>{props.report.connected === 1 ? "1 other" : `${props.report.connected} others`}</data>
        </dd>
        <dt>From others</dt>
        <dd>
          <data value={props.report.peers}>{withShare(props.report.peers, got())}</data>
        </dd>
        <dt>From servers</dt>
        <dd>
          <data value={props.report.server}>{withShare(props.report.server, got())}</data>
        </dd>
        <dt>Played again from memory</dt>
        <dd>
          <data value={props.report.cache}>{bytes(props.report.cache)}</data>
        </dd>
        <dt>Given to others</dt>
        <dd>
          <data value={props.report.given}>{bytes(props.report.given)}</data>
        </dd>
      </dl>
    </Show>
  );
}

/** `3.1 MB (62 %)` */
const withShare = (part: number, all: number): string =>
  all > 0 ? `${bytes(part)} (${Math.round((part / all) * 100)} %)` : bytes(part);

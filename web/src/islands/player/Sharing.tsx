/** Listening together with others: what it means, the switch, and what comes of it. */

import { createUniqueId, Show } from "solid-js";
import { bytes } from "../../lib/format";
import { t } from "../../lib/messages";
import type { Obstacle, Sharing as SharingState } from "../../lib/together";
import type { Report } from "../../swarm";
import { panel, showPanel } from "./panels";
import { Popover } from "./Popover";

const obstacleText = (obstacle: Obstacle): string => (obstacle === "no-webrtc" ? t().sharing.noWebrtc : t().sharing.insecure);

export function Sharing(props: { readonly sharing: SharingState }) {
  const name = () => {
    if (!props.sharing.agreed()) return t().sharing.off;
    const connected = props.sharing.report()?.connected ?? 0;
    return connected > 0 ? t().sharing.connected(connected) : t().sharing.on;
  };
  return (
    <Popover
      icon="together"
      class="sharing"
      label={`${t().sharing.title}: ${name()}`}
      title={t().sharing.title}
      lit={props.sharing.agreed()}
      count={props.sharing.report()?.connected}
      open={panel() === "sharing"}
      onOpen={(open) => showPanel("sharing", open)}
    >
      <Show when={props.sharing.obstacle} fallback={<Choice sharing={props.sharing} />}>
        {(obstacle) => <p>{obstacleText(obstacle())}</p>}
      </Show>
    </Popover>
  );
}

function Choice(props: { readonly sharing: SharingState }) {
  const words = createUniqueId();
  const on = () => props.sharing.agreed();
  return (
    <>
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={on()}
        aria-describedby={words}
        onClick={() => props.sharing.set(!on())}
      >
        <span class="switch-groove" aria-hidden="true" />
        {t().sharing.withOthers}
      </button>
      <p id={words}>{t().sharing.meaning}</p>
      <Show when={on() && props.sharing.report()}>{(report) => <Numbers report={report()} />}</Show>
    </>
  );
}

/** Numbers move all the time, so they are read only by those who go to them. */
function Numbers(props: { readonly report: Report }) {
  const got = () => props.report.peers + props.report.server;
  return (
    <Show when={props.report.state !== "no-worker"} fallback={<p>{t().sharing.noWorker}</p>}>
      <dl class="sharing-numbers" aria-live="off">
        <dt>{t().sharing.connections}</dt>
        <dd>
          <data value={props.report.connected}>{t().sharing.others(props.report.connected)}</data>
        </dd>
        <dt>{t().sharing.fromOthers}</dt>
        <dd>
          <data value={props.report.peers}>{withShare(props.report.peers, got())}</data>
        </dd>
        <dt>{t().sharing.fromServers}</dt>
        <dd>
          <data value={props.report.server}>{withShare(props.report.server, got())}</data>
        </dd>
        <dt>{t().sharing.fromMemory}</dt>
        <dd>
          <data value={props.report.cache}>{bytes(props.report.cache)}</data>
        </dd>
        <dt>{t().sharing.given}</dt>
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

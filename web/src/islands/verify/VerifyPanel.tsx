/** The verdict on one track in full: what was checked, and the offer to check the bytes as well. */

import { createResource, Match, Show, Switch } from "solid-js";
import { shortDid } from "../../lib/did";
import { t } from "../../lib/messages";
import type { Track } from "../../lib/tracks";
import type { Outcome } from "../../lib/verify";
import { CheckBytes } from "./CheckBytes";

interface Props {
  readonly track: Track;
  readonly judge: (track: Track) => Promise<Outcome>;
}

export function VerifyPanel(props: Props) {
  const [outcome] = createResource(() => props.track, props.judge);
  const as = <S extends Outcome["state"]>(state: S) => {
    const found = outcome();
    return found?.state === state ? (found as Extract<Outcome, { state: S }>) : undefined;
  };
  return (
    <Switch fallback={<p class="proof-line">{t().verify.checking}</p>}>
      <Match when={as("verified")}>
        {(found) => (
          <details class="proof proof-good">
            <summary>
              <strong>{t().verify.verified}</strong> <span>{t().verify.here}</span>
            </summary>
            <ul>
              <li>
                {t().verify.signedBy[0]}
                <bdi>{props.track.artist}</bdi>
                {t().verify.signedBy[1]}
                <code title={props.track.did}>{shortDid(props.track.did)}</code>
              </li>
              <li>{t().verify.idHolds}</li>
              <Show when={found().record.proof !== undefined}>
                <li>{t().verify.proofHolds}</li>
              </Show>
              <li>{t().verify.asShown}</li>
            </ul>
            <CheckBytes track={props.track} />
          </details>
        )}
      </Match>
      <Match when={as("refused")}>
        {(found) => (
          <p class="proof proof-bad" role="alert">
            <strong>{t().verify.refused}</strong> {t().verify.notPlayed(found().reason())}
          </p>
        )}
      </Match>
      <Match when={as("unchecked")}>
        {(found) => <p class="proof-line">{t().verify.unchecked(found().reason())}</p>}
      </Match>
    </Switch>
  );
}

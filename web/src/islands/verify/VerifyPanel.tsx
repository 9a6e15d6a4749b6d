/** The verdict on one track in full: what was checked, and the offer to check the bytes as well. */

import { createResource, Match, Show, Switch } from "solid-js";
import { shortDid } from "../../lib/did";
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
    <Switch fallback={<p class="proof-line">Checking the signature…</p>}>
      <Match when={as("verified")}>
        {(found) => (
          <details class="proof proof-good">
            <summary>
              <strong>Verified</strong> <span>in your browser</span>
            </summary>
            <ul>
              <li>
                Signed by <bdi>{props.track.artist}</bdi> with the key of{" "}
                <code title={props.track.did}>{shortDid(props.track.did)}</code>
              </li>
              <li>The record's id is the hash of the record</li>
              <Show when={found().record.proof !== undefined}>
                <li>Its Data Integrity proof holds</li>
              </Show>
              <li>Title, artist and content on this page are the signed ones</li>
            </ul>
            <CheckBytes track={props.track} />
          </details>
        )}
      </Match>
      <Match when={as("refused")}>
        {(found) => (
          <p class="proof proof-bad" role="alert">
            <strong>Not verified:</strong> {found().reason}. It is not played.
          </p>
        )}
      </Match>
      <Match when={as("unchecked")}>
        {(found) => (
          <p class="proof-line">Not checked in this browser: {found().reason}.</p>
        )}
      </Match>
    </Switch>
  );
}

/** The verdict on one track in full: what was checked, and the offer to check the bytes as well. */

import { createResource, For, Match, Show, Switch } from "solid-js";
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
              <For each={checks(props.track, found().record.proof !== undefined)}>{(check) => <li>{check}</li>}</For>
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
          <Show when={found().reason}>
            <p class="proof-line">Not checked in this browser: {found().reason}.</p>
          </Show>
        )}
      </Match>
    </Switch>
  );
}

function checks(track: Track, hasProof: boolean): string[] {
  return [
    `Signed by ${track.artist} with the key of ${shortDid(track.did)}`,
    "The record's id is the hash of the record",
    ...(hasProof ? ["Its Data Integrity proof holds"] : []),
    "Title, artist and content on this page are the signed ones",
  ];
}

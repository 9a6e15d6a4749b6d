/** Offers to download the track and hash it here. */

import { createSignal, Match, onCleanup, Switch } from "solid-js";
import { CheckFailed, hashAudio } from "../../lib/check-bytes";
import { bytes } from "../../lib/format";
import { t } from "../../lib/messages";
import type { Track } from "../../lib/tracks";
import { refuse } from "../../lib/trust";

type Progress =
  | { readonly step: "offered" }
  | { readonly step: "hashing"; readonly done: number; readonly total: number | undefined }
  | { readonly step: "equal"; readonly done: number }
  | { readonly step: "different"; readonly found: string }
  | { readonly step: "failed"; readonly reason: string };

export function CheckBytes(props: { readonly track: Track }) {
  const [progress, setProgress] = createSignal<Progress>({ step: "offered" });
  const stop = new AbortController();
  onCleanup(() => stop.abort());

  const run = async () => {
    let done = 0;
    setProgress({ step: "hashing", done, total: undefined });
    try {
      const found = await hashAudio(
        props.track,
        (now, total) => {
          done = now;
          setProgress({ step: "hashing", done, total });
        },
        stop.signal,
      );
      if (found === props.track.cid) setProgress({ step: "equal", done });
      else {
        refuse(props.track.key);
        setProgress({ step: "different", found });
      }
    } catch (error) {
      const reason = error instanceof CheckFailed ? error.message : t().verify.brokeOff;
      setProgress({ step: "failed", reason });
    }
  };
  const as = <S extends Progress["step"]>(step: S) => {
    const now = progress();
    return now.step === step ? (now as Extract<Progress, { step: S }>) : undefined;
  };

  return (
    <div class="check-bytes">
      <Switch
        fallback={
          <button type="button" class="quiet" onClick={() => void run()}>
            {t().verify.checkBytes}
          </button>
        }
      >
        <Match when={as("hashing")}>
          {(now) => (
            <>
              <progress aria-label={t().verify.checkingBytes} max={now().total ?? 1} value={now().total ? now().done : 0} />{" "}
              {bytes(now().done)}
            </>
          )}
        </Match>
        <Match when={as("equal")}>
          {(now) => <output>{t().verify.equal(bytes(now().done))}</output>}
        </Match>
        <Match when={as("different")}>
          {(now) => (
            <p role="alert" class="proof-bad">
              <strong>{t().verify.wrong}</strong> {t().verify.wrongWhat(now().found)}
            </p>
          )}
        </Match>
        <Match when={as("failed")}>
          {(now) => (
            <>
              <p role="alert">{t().verify.notChecked(now().reason)}</p>
              <button type="button" class="quiet" onClick={() => void run()}>
                {t().verify.again}
              </button>
            </>
          )}
        </Match>
      </Switch>
    </div>
  );
}

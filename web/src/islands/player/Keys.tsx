/** Which key does what. */

import { createSignal, For } from "solid-js";
import { t } from "../../lib/messages";
import { isAgreed, remembered, rememberAgreed } from "../../lib/settings";
import Sheet from "./Sheet";

const SETTING = "signs";

/** Whether single keys with a printed sign steer the player; they do until they are switched off. */
export const signsSteer = (): boolean => remembered(SETTING, 1) === 1;

function rows() {
  const { rows: does, space } = t().keys;
  return [
    [[space, "K"], does.toggle],
    [["←", "→"], does.seek],
    [["J", "L"], does.skip],
    [["N", "P"], does.tracks],
    [["M"], does.mute],
    [["S"], does.shuffle],
    [["R"], does.repeat],
    [["<", ">"], does.speed],
    [["Q"], does.queue],
    [["F"], does.like],
    [["/"], does.search],
    [["?"], does.help],
    [["Esc"], does.close],
  ] as const;
}

export default function Keys(props: { readonly onClose: () => void }) {
  const [signs, setSigns] = createSignal(signsSteer());
  return (
    <Sheet title={t().keys.title} class="keys" onClose={props.onClose}>
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={signs()}
        onClick={() => {
          rememberAgreed(SETTING, !signs());
          setSigns(isAgreed(SETTING));
        }}
      >
        <span class="switch-groove" aria-hidden="true" />
        {t().keys.single}
      </button>
      <table class="keys-table">
        <thead>
          <tr>
            <th scope="col">{t().keys.key}</th>
            <th scope="col">{t().keys.does}</th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {([keys, does]) => (
              <tr>
                <td>
                  <For each={keys}>
                    {(key, at) => (
                      <>
                        {at() > 0 ? ` ${t().keys.or} ` : ""}
                        <kbd>{key}</kbd>
                      </>
                    )}
                  </For>
                </td>
                <td>{does}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </Sheet>
  );
}

/** The languages there are, each by its own name. */

import { createUniqueId, For } from "solid-js";
import { LANGUAGES, language, t, type Language } from "../../lib/messages";
import { switchLanguage } from "../../lib/switch-language";

/** `again` shows the page once more, in the language that was chosen. */
export function LanguageChoice(props: { readonly again: () => Promise<unknown> }) {
  const id = createUniqueId();
  return (
    <>
      <label for={id}>{t().menu.language}</label>
      <select id={id} onChange={(event) => void switchLanguage(event.currentTarget.value as Language, props.again)}>
        <For each={Object.entries(LANGUAGES)}>
          {([code, name]) => (
            <option value={code} lang={code} selected={language() === code}>
              {name}
            </option>
          )}
        </For>
      </select>
    </>
  );
}

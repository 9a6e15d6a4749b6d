/** Ways to give a file. */

import { createSignal } from "solid-js";
import { f } from "../../lib/messages/fan";
import type { Fan } from "./fan";
import { Busy, TroubleNote } from "./notes";

export function Chooser(props: { readonly fan: Fan }) {
  let picker!: HTMLInputElement;
  const [address, setAddress] = createSignal("");
  const [text, setText] = createSignal("");
  return (
    <div class="fan-choose">
      <div class="fan-zone">
        <button type="button" class="fan-pick" onClick={() => picker.click()}>
          {f().choose.file}
        </button>
        <input
          ref={picker}
          type="file"
          class="visually-hidden"
          tabindex="-1"
          aria-label={f().choose.sealedFile}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            // The same file may be chosen again.
            event.currentTarget.value = "";
            if (file) void props.fan.choose(file, file.name);
          }}
        />
        <p>{f().choose.orDrop}</p>
      </div>
      <TroubleNote fan={props.fan} />
      <Busy fan={props.fan} />
      <form
        class="fan-field"
        onSubmit={(event) => {
          event.preventDefault();
          if (address().trim() !== "") void props.fan.chooseText(address());
        }}
      >
        <label for="fan-address">{f().choose.address}</label>
        <div class="fan-line">
          <input
            id="fan-address"
            type="text"
            inputmode="url"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="https://"
            value={address()}
            aria-describedby="fan-address-note"
            onInput={(event) => setAddress(event.currentTarget.value)}
          />
          <button type="submit" class="button">
            {f().choose.open}
          </button>
        </div>
        <p id="fan-address-note" class="fan-note">
          {f().choose.addressNote}
        </p>
      </form>
      <details class="fan-text">
        <summary>{f().choose.paste}</summary>
        <form
          class="fan-field"
          onSubmit={(event) => {
            event.preventDefault();
            if (text().trim() !== "") void props.fan.chooseText(text());
          }}
        >
          <label for="fan-pasted">{f().choose.pasted}</label>
          <textarea
            id="fan-pasted"
            rows="4"
            spellcheck={false}
            autocapitalize="off"
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit" class="button">
            {f().choose.openText}
          </button>
        </form>
      </details>
    </div>
  );
}

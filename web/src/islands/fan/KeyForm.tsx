/** Where the licence key goes. It is looked over for typing errors while the listener pauses, offline. */

import { createEffect, createSignal, onCleanup, onMount, Show } from "solid-js";
import { f } from "../../lib/messages/fan";
import { checkKey, type Credential } from "../../smsg";
import type { Asked } from "./address";
import { day } from "./dates";
import type { Fan, Subject } from "./fan";
import { typoSentence } from "./typo";

/** Milliseconds without a key press before the text is looked over. */
const PAUSE = 400;

interface Props {
  readonly fan: Fan;
  readonly subject: Subject;
  readonly wish: Asked;
}

export function KeyForm(props: Props) {
  let field!: HTMLInputElement;
  const byLicence = props.subject.opensWith === "licence";
  const release = props.subject.info?.release;
  const name = () => (byLicence ? f().key.licenceId : release?.passphrases ? f().key.keyOrPassphrase : f().key.key);
  const [text, setText] = createSignal("");
  const [fingerprint, setFingerprint] = createSignal("");
  const [shown, setShown] = createSignal(false);
  const [typo, setTypo] = createSignal<string>();

  createEffect(() => {
    const typed = text().trim();
    setTypo(undefined);
    if (typed === "" || byLicence) return;
    const timer = setTimeout(() => {
      void checkKey(typed, { release: release !== undefined }).then(
        (check) => typed === text().trim() && setTypo(typoSentence(check)),
        () => {},
      );
    }, PAUSE);
    onCleanup(() => clearTimeout(timer));
  });
  // Only white space around it goes: the file is opened by the exact text.
  const credential = (): Credential => {
    if (byLicence) return { kind: "licence", id: text().trim(), fingerprint: fingerprint().trim() };
    // The link's licence is of the link's key.
    const linked = text().trim() === props.wish.key ? props.wish.licence : undefined;
    const given = release && props.fan.licence();
    if (given && "table" in given) return { kind: "key", key: text().trim(), table: given.table };
    const licence = release ? (given?.bytes ?? linked) : undefined;
    return { kind: "key", key: text().trim(), ...(licence && { licence }) };
  };
  const submit = () => {
    if (text().trim() === "") {
      props.fan.say({ sentence: f().key.type(name()), aboutKey: true });
      field.focus();
    } else void props.fan.unlock(credential());
  };
  onMount(() => {
    // Where a preview plays, that comes first.
    if (!release?.preview) field.focus();
    if (props.wish.key === undefined) return;
    setText(props.wish.key);
    setFingerprint(props.wish.fingerprint ?? "");
    submit();
  });
  const wrong = () => props.fan.trouble()?.aboutKey === true;
  const kind = () => (shown() ? "text" : "password");
  return (
    <form
      class="fan-key"
      aria-label={f().key.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Show when={props.subject.info?.isExpired && props.subject.info.expiresAt}>
        {(at) => <p class="notice">{f().key.ended(day(at()))}</p>}
      </Show>
      <Show when={props.subject.abr}>
        {(abr) => <p class="fan-note">{f().key.qualities(abr().variants.length, hostsOf(props.subject).join(", "))}</p>}
      </Show>
      <label for="fan-key">{name()}</label>
      <div class="fan-line">
        <input
          id="fan-key"
          ref={field}
          type={kind()}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text()}
          aria-invalid={wrong() || typo() !== undefined ? "true" : undefined}
          aria-describedby="fan-key-typo fan-key-hint"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="button" class="button" aria-pressed={shown()} onClick={() => setShown(!shown())}>
          {f().key.show}
        </button>
      </div>
      <Show when={byLicence}>
        <label for="fan-fingerprint">{f().key.fingerprint}</label>
        <input
          id="fan-fingerprint"
          type={kind()}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={fingerprint()}
          onInput={(event) => setFingerprint(event.currentTarget.value)}
        />
      </Show>
      <output id="fan-key-typo" class="fan-typo">
        {typo()}
      </output>
      <Show when={release}>
        <LicenceFileField fan={props.fan} />
      </Show>
      <Show when={props.subject.info?.hint}>
        {(hint) => (
          <p id="fan-key-hint" class="fan-note">
            {f().key.hint} <bdi>{hint()}</bdi>
          </p>
        )}
      </Show>
      <button type="submit" class="button fan-open" disabled={props.fan.busy() !== undefined}>
        {f().key.unlock}
      </button>
    </form>
  );
}

/** What came as a file beside the key: a licence, or a table of newer keys. */
function LicenceFileField(props: { readonly fan: Fan }) {
  let picker!: HTMLInputElement;
  return (
    <p class="fan-licence-file">
      <button type="button" class="quiet" onClick={() => picker.click()}>
        {f().key.addFile}
      </button>
      <input
        ref={picker}
        type="file"
        accept=".smsgl,.smsgk"
        class="visually-hidden"
        tabindex="-1"
        aria-label={f().key.licenceFile}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) void props.fan.takeKeyFile(file);
        }}
      />
      <output>
        <Show when={props.fan.licence()}>
          {(licence) => (
            <>
              {f().key.with} <bdi>{licence().name}</bdi>
            </>
          )}
        </Show>
      </output>
    </p>
  );
}

/** The servers that an adaptive release would be fetched from. */
function hostsOf({ abr }: Subject): string[] {
  const hosts = new Set<string>();
  for (const index of abr?.variants.keys() ?? []) {
    try {
      hosts.add(abr!.urlOf(index).host);
    } catch {
      hosts.add(f().key.unknownHost);
    }
  }
  return [...hosts];
}

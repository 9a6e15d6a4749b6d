/** What a file says of itself in the clear, in plain words. Nothing vouches for it, and the page says so. */

import { For, Show } from "solid-js";
import { bytes } from "../../lib/format";
import { f } from "../../lib/messages/fan";
import { clock } from "../../lib/time";
import type { Manifest, ReleaseInfo } from "../../smsg";
import { day, isoDay, licenceWords } from "./dates";
import type { Subject } from "./fan";
import { webLinks } from "./links";

/** What the note below says anyway, and what concerns the artist who chose the key. */
const SAID_ELSEWHERE = new Set(["header_not_authenticated", "fast_password_hash"]);

interface Props {
  readonly subject: Subject;
  readonly manifest: Manifest | undefined;
  readonly opened: boolean;
}

export function About(props: Props) {
  const info = props.subject.info;
  const warnings = () => (info?.warnings ?? []).filter((warning) => !SAID_ELSEWHERE.has(warning.class));
  const of = () => props.manifest;
  const expiresAt = () => of()?.expiresAt;
  const album = () => [of()?.album, of()?.year].filter(Boolean).join(", ");
  const links = () => webLinks(of()?.links);
  const tags = () => [of()?.genre, ...(of()?.tags ?? [])].filter((tag): tag is string => Boolean(tag));
  return (
    <section class="fan-about" aria-label={f().about.file}>
      <Show when={!props.opened && of()?.tracks?.length}>
        <ol class="fan-tracks">
          <For each={of()?.tracks}>
            {(track) => (
              <li class="fan-track">
                <span class="fan-track-title">
                  <bdi>{track.title}</bdi>
                </span>
                <Show when={track.type}>
                  <span class="fan-mix">
                    <bdi>{track.type}</bdi>
                  </span>
                </Show>
                <span class="track-length">{clock(track.start)}</span>
              </li>
            )}
          </For>
        </ol>
      </Show>
      <dl class="facts">
        <Show when={album()}>
          <dt>{f().about.album}</dt>
          <dd>
            <bdi>{album()}</bdi>
          </dd>
        </Show>
        <Show when={info?.release}>{(release) => <Signed release={release()} recordOf={props.subject.recordOf} />}</Show>
        <Show when={of()?.duration ?? props.subject.abr?.duration}>
          {(seconds) => (
            <>
              <dt>{f().about.length}</dt>
              <dd>{clock(seconds())}</dd>
            </>
          )}
        </Show>
        <Show when={tags().length > 0}>
          <dt>{f().about.genre}</dt>
          <dd>
            <bdi>{tags().join(", ")}</bdi>
          </dd>
        </Show>
        <Show when={of()?.licenseType}>
          {(type) => (
            <>
              <dt>{f().about.licence}</dt>
              <dd>
                <bdi>{licenceWords(type())}</bdi>
              </dd>
            </>
          )}
        </Show>
        <Show when={of()?.issuedAt}>
          {(seconds) => (
            <>
              <dt>{f().about.made}</dt>
              <dd>
                <time datetime={isoDay(seconds())}>{day(seconds())}</time>
              </dd>
            </>
          )}
        </Show>
        <Show when={expiresAt()}>
          {(seconds) => (
            <>
              <dt>{info?.isExpired ? f().about.ended : f().about.until}</dt>
              <dd>
                <time datetime={isoDay(seconds())}>{day(seconds())}</time> {f().about.untilNote}
              </dd>
            </>
          )}
        </Show>
        <Show when={links().length > 0}>
          <dt>{f().about.links}</dt>
          <dd>
            <ul class="tags">
              <For each={links()}>
                {(link) => (
                  <li>
                    <a href={link.href} target="_blank" rel="noopener noreferrer nofollow">
                      <bdi>{link.name}</bdi>
                    </a>{" "}
                    <span class="fan-host">{link.host}</span>
                  </li>
                )}
              </For>
            </ul>
          </dd>
        </Show>
        <Show when={info?.size}>
          {(size) => (
            <>
              <dt>{f().about.size}</dt>
              <dd>{bytes(size())}</dd>
            </>
          )}
        </Show>
        <dt>{f().about.from}</dt>
        <dd>
          <bdi>{props.subject.from}</bdi>
        </dd>
      </dl>
      <Show when={warnings().length > 0}>
        <ul class="fan-warnings">
          <For each={warnings()}>{(warning) => <li>{wordsOf(warning)}</li>}</For>
        </ul>
      </Show>
      <Show
        when={info?.release}
        fallback={
          <p class="fan-note">{f().about.unprotected}</p>
        }
      >
        <p class="fan-note">
          {info?.release?.artistChecked === false ? f().about.keyOfUnknown : f().about.signed}{" "}
          {props.subject.recordOf && info?.release?.artistChecked ? f().about.ofRecord : f().about.anybody}
        </p>
      </Show>
    </section>
  );
}

const wordsOf = ({ class: name, message }: { readonly class: string; readonly message: string }): string => {
  const { warnings } = f().about;
  return Object.hasOwn(warnings, name) ? (warnings[name] ?? message) : message;
};

/** Who signed a release of version 3.0, and what is in it. */
function Signed(props: { readonly release: ReleaseInfo; readonly recordOf: string | undefined }) {
  const tiered = () => props.release.parts.some(({ tier }) => tier !== undefined);
  return (
    <>
      <dt>{f().about.signedBy}</dt>
      <dd>
        <code class="fan-did">
          <bdi>{props.release.artist}</bdi>
        </code>
        <Show when={props.recordOf && props.release.artistChecked}> {f().about.asRecord}</Show>
      </dd>
      <Show when={props.release.key}>
        {(key) => (
          <>
            <dt>{f().about.withKey}</dt>
            <dd>
              <code class="fan-did">
                <bdi>{key()}</bdi>
              </code>
            </dd>
          </>
        )}
      </Show>
      <Show when={props.release.parts.length > 1 || tiered()}>
        <dt>{f().about.inIt}</dt>
        <dd>
          <ul class="fan-opens">
            <For each={props.release.parts}>
              {(part) => (
                <li>
                  <bdi>{part.name}</bdi>
                  <Show when={part.tier}>
                    {" "}
                    (<bdi>{part.tier}</bdi>)
                  </Show>{" "}
                  <span class="fan-file-size">{bytes(part.size)}</span>
                </li>
              )}
            </For>
          </ul>
        </dd>
      </Show>
      <Show when={props.release.cuts.length > 0}>
        <dt>{f().about.soldInParts}</dt>
        <dd>
          <bdi>{props.release.cuts.map(({ name, title }) => title ?? name).join(", ")}</bdi>
        </dd>
      </Show>
    </>
  );
}

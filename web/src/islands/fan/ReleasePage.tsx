/** One sealed file: its sleeve, what it says of itself, and the way in. */

import { createEffect, createResource, Show } from "solid-js";
import { f } from "../../lib/messages/fan";
import type { Asked } from "./address";
import { About } from "./About";
import { Attachments } from "./Attachments";
import type { Fan, Subject } from "./fan";
import { isPlayable } from "./content";
import { KeyForm } from "./KeyForm";
import { Letter } from "./Letter";
import { Licence } from "./Licence";
import { Busy, TroubleNote } from "./notes";
import { Player } from "./Player";
import { ShelfPart } from "./Shelf";
import { Sleeve } from "./Sleeve";

interface Props {
  readonly fan: Fan;
  readonly subject: Subject;
  readonly wish: Asked;
  readonly hasShelf: boolean;
}

export function ReleasePage(props: Props) {
  let heading!: HTMLHeadingElement;
  const { fan, subject } = props;
  const title = () => fan.manifest()?.title ?? subject.abr?.title ?? subject.from;
  const artist = () => fan.manifest()?.artist;
  const picture = () => fan.content()?.items.find((item) => item.kind === "image");
  const opened = () => fan.content()?.isPreview === false;
  const [cover] = createResource(picture, (item) => fan.content()?.addressOf(item));
  // What has focus goes away when the lock opens; readers then begin at the title.
  createEffect(() => {
    if (fan.content()?.isPreview === false) heading.focus();
  });
  return (
    <article class="record fan-release" data-opened={opened() ? "" : undefined}>
      <Sleeve title={title()} artist={artist()} opened={opened()} cover={cover()} />
      <div class="record-notes">
        <h2 class="fan-title" ref={heading} tabindex="-1">
          <bdi>{title()}</bdi>
        </h2>
        <Show when={artist()}>
          {(name) => (
            <p class="by">
              <bdi>{name()}</bdi>
            </p>
          )}
        </Show>
        <Show when={fan.content()} keyed>
          {(content) => (
            <>
              <Show when={content.isPreview}>
                <p class="fan-preview">{f().preview}</p>
              </Show>
              <Show when={content.items.some(isPlayable)}>
                <Player content={content} manifest={fan.manifest()} variants={subject.variants} title={title()} />
              </Show>
              <Letter message={content.message} />
              <Show when={!content.isPreview}>
                <Attachments content={content} />
              </Show>
            </>
          )}
        </Show>
        {/* One form until the lock opens: a key that is being typed stays where it is when the preview comes. */}
        <Show when={!opened()}>
          <KeyForm fan={fan} subject={subject} wish={props.wish} />
        </Show>
        <Show when={fan.content()} keyed>
          {(content) => (
            <Show when={content.terms}>
              {(terms) => <Licence terms={terms()} content={content} release={subject.info?.release} />}
            </Show>
          )}
        </Show>
        <Show when={props.hasShelf && subject.source}>{(source) => <ShelfPart fan={fan} subject={subject} source={source()} />}</Show>
        <TroubleNote fan={fan} />
        <Busy fan={fan} />
        <About subject={subject} manifest={fan.manifest()} opened={fan.content() !== undefined} />
        <p class="fan-again">
          <button type="button" class="button" onClick={() => fan.forget()}>
            {f().choose.another}
          </button>
        </p>
      </div>
    </article>
  );
}

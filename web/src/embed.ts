/**
 * The player in other people's pages: a button, a bar and a list over one `<audio>`.
 *
 * The page is sandboxed: it has no storage and no origin of its own, so this keeps nothing and asks for nothing but sound.
 */

import "./styles/embed.css";
import { secondsOf } from "./lib/at-time";
import { startLanguage, t } from "./lib/messages";
import { clock, spokenProgress } from "./lib/time";

const body = document.body;

start();

function start() {
  const audio = document.querySelector("audio");
  const button = document.querySelector<HTMLButtonElement>("[data-play]");
  const progress = document.querySelector<HTMLElement>("[data-progress]");
  if (audio && button && progress) void startLanguage(true).then(() => bringToLife(audio, button, progress));
}

function bringToLife(audio: HTMLAudioElement, button: HTMLButtonElement, progress: HTMLElement) {
  const title = document.querySelector<HTMLElement>("[data-title] bdi");
  const status = document.querySelector<HTMLElement>("[data-status]");
  const rows = [...document.querySelectorAll<HTMLElement>("[data-audio]")];
  let named = title?.textContent ?? "";
  let announced = Number(progress.dataset.duration);

  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: "0", max: "1", step: "0.1", value: "0" });
  slider.setAttribute("aria-label", t().bar.position);
  const now = document.createElement("span");
  const length = document.createElement("span");
  progress.append(now, slider, length);
  progress.hidden = false;
  button.hidden = false;
  audio.controls = false;

  const duration = () => (Number.isFinite(audio.duration) ? audio.duration : announced);
  const show = () => {
    const playing = !audio.paused && !audio.ended;
    button.dataset.state = playing ? "playing" : "paused";
    button.setAttribute("aria-label", playing ? t().bar.pause(named) : t().bar.play(named));
    const seconds = duration();
    now.textContent = clock(audio.currentTime);
    length.textContent = clock(seconds);
    slider.disabled = !Number.isFinite(seconds);
    if (Number.isFinite(seconds)) slider.max = String(seconds);
    slider.value = String(audio.currentTime);
    slider.style.setProperty("--done", `${(100 * audio.currentTime) / (seconds || 1)}%`);
    slider.setAttribute("aria-valuetext", spokenProgress(audio.currentTime, seconds));
  };

  // Plain files cannot put it into the page.
  const from = Number(body.dataset.start ?? secondsOf(new URL(location.href).searchParams.get("t")));
  if (from > 0) audio.addEventListener("loadedmetadata", () => (audio.currentTime = from), { once: true });

  const play = () => void audio.play().catch(() => undefined);
  const choose = (row: HTMLElement) => {
    for (const other of rows) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    named = row.dataset.name ?? "";
    announced = Number(row.dataset.length);
    if (title) title.textContent = named;
    audio.src = row.dataset.audio ?? "";
    play();
  };
  for (const row of rows) row.querySelector("[data-choose]")?.addEventListener("click", () => choose(row));

  button.addEventListener("click", () => (audio.paused ? play() : audio.pause()));
  slider.addEventListener("input", () => {
    // Before the first press nothing is loaded, and a position in nothing is forgotten.
    if (audio.readyState === 0) {
      const at = Number(slider.value);
      audio.addEventListener("loadedmetadata", () => (audio.currentTime = at), { once: true });
      audio.load();
    } else audio.currentTime = Number(slider.value);
  });
  for (const event of ["play", "pause", "timeupdate", "durationchange", "seeking", "ended"]) {
    audio.addEventListener(event, show);
  }
  audio.addEventListener("ended", () => {
    const next = rows[rows.findIndex((row) => row.hasAttribute("aria-current")) + 1];
    if (next) choose(next);
  });
  audio.addEventListener(
    "error",
    () => {
      if (status && audio.error) status.textContent = t().said.notNow;
      body.dataset.failed = "";
    },
    true,
  );
  show();
}

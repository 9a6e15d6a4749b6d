/**
 * The sound of the files in this folder: two tones that rise, so that a piece of it fits at one place only. Written as two WAV
 * files, cut in the middle of a wave: `node tone.mjs RATE FIRST.wav SECOND.wav`. Encoded with ffmpeg 5.1:
 *
 *     node tone.mjs 44100 1.wav 2.wav && node tone.mjs 48000 1-48.wav 2-48.wav
 *     for n in 1 2; do
 *       ffmpeg -bitexact -i $n.wav -c:a flac $n.flac
 *       ffmpeg -bitexact -i $n.wav -c:a libmp3lame -b:a 96k -id3v2_version 0 $n.mp3
 *       ffmpeg -bitexact -i $n.wav -c:a aac -b:a 96k $n.m4a
 *       ffmpeg -bitexact -i $n-48.wav -c:a libopus -b:a 64k $n.opus
 *     done
 */

import { writeFileSync } from "node:fs";

const SECONDS = 2.4;
const turn = 2 * Math.PI;

/** All of it, in whole numbers of 16 bits. */
export function tone(rate) {
  const at = (n) => {
    const t = n / rate;
    return 0.4 * Math.sin(turn * (300 * t + 250 * t * t)) + 0.15 * Math.sin(turn * (811 * t + 90 * t * t) + 1);
  };
  return Int16Array.from({ length: SECONDS * rate }, (_, n) => Math.round(32_767 * at(n)));
}

/** Where it is cut. */
export const cut = (rate) => Math.trunc(1.1 * rate) + 137;

/** A WAV file with one channel of 16 bits. */
export function wav(rate, samples) {
  const head = Buffer.alloc(44);
  head.write("RIFF\0\0\0\0WAVEfmt ", "latin1");
  head.writeUInt32LE(36 + 2 * samples.length, 4);
  [[16, 4], [1, 2], [1, 2], [rate, 4], [2 * rate, 4], [2, 2], [16, 2]].reduce((at, [value, length]) => head.writeUIntLE(value, at, length), 16);
  head.write("data", 36);
  head.writeUInt32LE(2 * samples.length, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}

if (process.argv[1]?.endsWith("tone.mjs")) {
  const rate = Number(process.argv[2]);
  const all = tone(rate);
  writeFileSync(process.argv[3], wav(rate, all.slice(0, cut(rate))));
  writeFileSync(process.argv[4], wav(rate, all.slice(cut(rate))));
}

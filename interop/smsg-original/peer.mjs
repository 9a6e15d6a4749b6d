// The original implementation of SMSG as a program (main.go), our own, and the Python reader: seal and open with each.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { osp, run } from '../tools.mjs';

const built = fileURLToPath(new URL('../../target/interop/bin/smsg-original', import.meta.url));
const python = fileURLToPath(new URL('../smsg-python/smsg.py', import.meta.url));

/** The original: `SMSG_ORIGINAL`, else the one that `cargo xtask interop` built; undefined if there is none. */
export const original = process.env.SMSG_ORIGINAL ?? (existsSync(built) ? built : undefined);

/** The folder of its demo files, in the module that go downloaded. */
export const demo = process.env.SMSG_ORIGINAL_DEMO;

/** Arguments that open a file of this kind, for all three programs but for the dashes. */
function by(way, dashes) {
  if (way.format !== 'v3') return [`${dashes}key`, way.key];
  const fingerprint = way.fingerprint ? [`${dashes}fingerprint`, way.fingerprint] : [];
  return [`${dashes}license-id`, way.licenseId, ...fingerprint];
}

/** What every program is asked: the same message, compared member by member. */
const outline = (message, attachments) => ({
  subject: message.subject ?? '',
  body: message.body ?? '',
  from: message.from ?? '',
  timestamp: message.timestamp,
  attachments,
});

/** `osp seal`; gives the JSON it prints. */
export async function ospSeal(way, out, folder) {
  const args = ['--json', 'seal', ...way.files.map((file) => file.path), '--out', out, '--force', '--format', way.format];
  for (const member of ['body', 'subject', 'from', 'hint', 'cadence', 'compression']) {
    if (way[member]) args.push(`--${member}`, way[member]);
  }
  if (way.chunk) args.push('--chunk-size', `${way.chunk}`);
  if (way.base64) args.push('--base64');
  if (way.manifest) {
    const path = join(folder, 'manifest.json');
    writeFileSync(path, JSON.stringify(way.manifest));
    args.push('--manifest', path);
  }
  return JSON.parse(await run(osp, [...args, ...by(way, '--')]));
}

/** `osp unseal`. */
export async function ospOpen(way, file, folder, more = []) {
  const args = ['--json', 'unseal', file, '--out', join(folder, 'opened'), '--force', ...by(way, '--'), ...more];
  const message = JSON.parse(await run(osp, args));
  const attachments = (message.attachments ?? []).map(({ name, mime, size, sha256 }) => ({ name, mime, size, sha256 }));
  return outline(message, attachments);
}

/** Seals the same with the original. Media types and the time are those that `osp seal` chose. */
export async function originalSeal(way, out, folder, { timestamp, types }) {
  const wish = {
    format: way.format,
    compression: way.compression === 'none' ? '' : (way.compression ?? 'zstd'),
    key: way.key,
    hint: way.hint,
    license_id: way.licenseId,
    fingerprint: way.fingerprint,
    cadence: way.cadence,
    chunk_size: way.chunk,
    base64: way.base64,
    message: { subject: way.subject, body: way.body, from: way.from, timestamp },
    manifest: way.manifest,
    files: way.files.map((file, i) => ({ ...file, mime: types[i] })),
  };
  const path = join(folder, 'wish.json');
  writeFileSync(path, JSON.stringify(wish));
  await run(original, ['seal', path, out]);
}

/** Opens with the original. */
export async function originalOpen(way, file) {
  const { message, attachments, header } = JSON.parse(await run(original, ['open', file, ...by(way, '-')]));
  return { header, ...outline(message, attachments) };
}

/** Opens with the Python reader. */
export async function pythonOpen(way, file, folder) {
  const { message, sha256 } = JSON.parse(await run('python3', [python, 'open', file, join(folder, 'python'), ...by(way, '--')]));
  const attachments = (message.attachments ?? []).map(({ name, mime = '', size = 0 }, i) => ({ name, mime, size, sha256: sha256[i] }));
  return outline(message, attachments);
}

/** The header's bytes as text, without what is random in it. */
export function headerOf(file) {
  const bytes = readFileSync(file);
  const text = bytes.subarray(9, 9 + bytes.readUInt32BE(5)).toString('utf8');
  return text.replace(/"wrapped":"[A-Za-z0-9+/=]{96}"/g, '"wrapped":"..."');
}

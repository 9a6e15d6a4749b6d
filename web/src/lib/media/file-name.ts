/** Names of attachments as file names: data, so that nothing in them leaves a folder, hides a file or breaks a header. */

/** Longest file name that is offered, UTF-16 units. */
const LONGEST = 120;

/** A name that is safe to save under; never empty. */
export function safeFileName(name: string): string {
  const clean = name
    // Of a path only the last part counts.
    .replace(/^.*[/\\]/, "")
    // Reserved on Windows, or percent signs that some programs decode.
    .replace(/[:*?"<>|%]/g, "_")
    // Control characters, and marks that make "exe.gpj" of "gpj.exe".
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, " ")
    .replace(/[\ud800-\udfff]/gu, "_")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  if (clean === "") return "attachment";
  if (clean.length <= LONGEST) return clean;
  const extension = /\.[^.]{1,15}$/.exec(clean)?.[0] ?? "";
  return clean.slice(0, LONGEST - extension.length).replace(/[\ud800-\udfff]/gu, "") + extension;
}

/** `Content-Disposition` for saving (RFC 6266, RFC 8187). */
export function attachmentHeader(name: string): string {
  const safe = safeFileName(name);
  const plain = safe.replace(/[^\x20-\x7e]/g, "_");
  const encoded = encodeURIComponent(safe).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

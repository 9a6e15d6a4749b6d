// What both measurements of version 3.0 do: open a file that is in memory by a key of its table, and all its chunks again and again.
// Runs in Node and in a browser's Worker.

/** The keys of an opened file, with all proofs, and its number of chunks. `wasm`: the module, started. */
export function opened(wasm, file, key) {
  const feed = (asks) => {
    for (let wanted = asks.needs(); wanted; wanted = asks.needs()) asks.take(file.subarray(wanted[0], wanted[1]));
  };
  const front = new wasm.ReleaseFront(undefined);
  feed(front);
  const release = front.finish();
  const lookup = release.lookUp(key);
  feed(lookup);
  const keys = lookup.finish();
  for (const { part, from, to } of JSON.parse(keys.stretches())) keys.plan(part, from, to);
  feed(keys);
  let chunks = 0;
  while (keys.place(chunks).length > 0) chunks += 1;
  return { keys, chunks };
}

/** Opens all chunks, so many a call; bytes of plaintext. */
export function openAll({ keys, chunks }, file, atOnce) {
  let bytes = 0;
  for (let first = 0; first < chunks; first += atOnce) {
    const last = Math.min(first + atOnce, chunks) - 1;
    bytes += keys.open(first, file.subarray(keys.place(first)[0], keys.place(last)[1])).length;
  }
  return bytes;
}

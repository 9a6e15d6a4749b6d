// Run on a host: milliseconds from the question to the first track that this node did not have and has verified.
// first-result.mjs NODE TITLE ID SECONDS

const [node, title, id, seconds] = process.argv.slice(2);
const started = performance.now();
const asked = `${node}/api/v1/tracks?${new URLSearchParams({ title, scope: 'network' })}`;
const response = await fetch(asked, { headers: { Accept: 'text/event-stream' }, signal: AbortSignal.timeout(Number(seconds) * 1000) });
let text = '';
let found;
for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
  text += part;
  const events = text.split('\n\n');
  text = events.pop();
  if (events.some((event) => event.startsWith('event: track') && event.includes(id))) {
    found = performance.now() - started;
    break;
  }
}
console.log(JSON.stringify({ found }));
process.exit();

// Helia, with nothing but a trustless gateway to fetch from, reads files from a running `osp node`.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { withHTTP } from '@helia/http'
import { unixfs } from '@helia/unixfs'
import { createVerifiedFetch } from '@helia/verified-fetch'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import { startNode } from './node.mjs'
import { startLiar, startRouter } from './router.mjs'

const MIB = 1024 * 1024
let node
before(async () => { node = await startNode() })
after(() => node.stop())

/** Runs `use` with a Helia that knows one gateway. */
async function withHelia (gateway, use) {
  const router = await startRouter(gateway)
  const helia = await withHTTP(createHeliaLight(), {
    delegatedRouters: [router.url],
    recursiveGateways: [],
    allowInsecure: true,
    allowLocal: true
  }).start()
  try {
    return await use(helia)
  } finally {
    await helia.stop()
    await router.stop()
  }
}

async function cat (helia, cid, options = {}) {
  const parts = []
  for await (const part of unixfs(helia).cat(CID.parse(cid), { signal: AbortSignal.timeout(60_000), ...options })) parts.push(part)
  return Buffer.concat(parts)
}

for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015']) {
  test(`Helia reads a file of many blocks (${profile})`, { timeout: 120_000 }, async () => {
    // 48 MiB and a bit: over 174 leaves, so the v0 DAG has inner nodes.
    const bytes = randomBytes(48 * MIB + 12_345)
    const cid = await node.put(bytes, profile)
    await withHelia(node.url, async helia => {
      const started = performance.now()
      assert.ok(bytes.equals(await cat(helia, cid)))
      const seconds = (performance.now() - started) / 1000
      console.log(`# ${profile}: ${Math.round(bytes.length / seconds / 1e6)} MB/s`)
      const part = await cat(helia, cid, { offset: 20 * MIB - 5, length: 10 })
      assert.ok(bytes.subarray(20 * MIB - 5, 20 * MIB + 5).equals(part))
    })
  })
}

test('verified-fetch reads a file and a range of it', { timeout: 120_000 }, async () => {
  const bytes = randomBytes(3 * MIB + 7)
  const cid = await node.put(bytes, 'unixfs-v1-2025')
  await withHelia(node.url, async helia => {
    const verifiedFetch = await createVerifiedFetch(helia)
    const whole = await verifiedFetch(`ipfs://${cid}`, { signal: AbortSignal.timeout(60_000) })
    assert.equal(whole.status, 200)
    assert.ok(bytes.equals(Buffer.from(await whole.arrayBuffer())))
    const headers = { range: 'bytes=1048570-1048589' }
    const part = await verifiedFetch(`ipfs://${cid}`, { headers, signal: AbortSignal.timeout(60_000) })
    assert.equal(part.status, 206)
    assert.ok(bytes.subarray(1_048_570, 1_048_590).equals(Buffer.from(await part.arrayBuffer())))
  })
})

test('Helia refuses the same blocks with a bit turned', { timeout: 120_000 }, async () => {
  const bytes = randomBytes(2 * MIB)
  const cid = await node.put(bytes, 'unixfs-v1-2025')
  const liar = await startLiar(node.url)
  try {
    await withHelia(liar.url, async helia => {
      await assert.rejects(cat(helia, cid, { signal: AbortSignal.timeout(10_000) }))
    })
  } finally {
    await liar.stop()
  }
})

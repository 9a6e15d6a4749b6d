// A running `osp node` on a home of its own, and what a test needs of it.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The program: OSP_BIN, else what `cargo build` made. */
export const OSP = process.env.OSP_BIN ?? resolve(import.meta.dirname, '../../target/debug/osp')

/** Starts a node on a free port and waits for its ready line. */
export async function startNode () {
  const home = await mkdtemp(join(tmpdir(), 'osp-gateway-'))
  const child = spawn(OSP, ['--home', home, 'node', '--http', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const ready = await new Promise((resolve, reject) => {
    lines.once('line', line => resolve(JSON.parse(line)))
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`osp node ended with ${code} before it was ready`)))
  })
  const token = (await readFile(join(home, 'api-token'), 'utf8')).trim()
  return {
    url: ready.http,
    /** Hands in bytes; gives their CID. */
    async put (bytes, profile) {
      const file = join(home, 'content.bin')
      await writeFile(file, bytes)
      const { stdout } = await run(OSP, ['cid', file, '--profile', profile])
      const cid = stdout.trim()
      const response = await fetch(`${ready.http}/api/v1/blobs/${cid}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
        body: bytes
      })
      if (!response.ok) throw new Error(`PUT ${cid}: ${response.status} ${await response.text()}`)
      return cid
    },
    async stop () {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      await rm(home, { recursive: true, force: true })
    }
  }
}

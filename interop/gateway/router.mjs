// A delegated router (specs.ipfs.tech/routing/http-routing-v1) that knows one provider: the gateway it is given.
import { createServer } from 'node:http'

// Any valid peer id: HTTP gateways do not prove theirs.
const PEER = '12D3KooWM8sovaEGU1bmiWGWAzvs47DEcXKZZTuJnpQyVTkRs2Vn'

/** Starts the router for a gateway at `url`. */
export async function startRouter (url) {
  const { hostname, port } = new URL(url)
  const provider = {
    Schema: 'peer',
    ID: PEER,
    Addrs: [`/ip4/${hostname}/tcp/${port}/http`],
    Protocols: ['transport-ipfs-gateway-http']
  }
  const server = createServer((request, response) => {
    if (!request.url.startsWith('/routing/v1/providers/')) {
      response.writeHead(404).end()
      return
    }
    const lines = request.headers.accept?.includes('ndjson')
    response.setHeader('content-type', lines ? 'application/x-ndjson' : 'application/json')
    response.end(lines ? JSON.stringify(provider) + '\n' : JSON.stringify({ Providers: [provider] }))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise(resolve => { server.close(resolve); server.closeAllConnections() })
  }
}

/** A gateway in front of another one that turns a bit in every block, for a client to refuse. */
export async function startLiar (url) {
  const server = createServer(async (request, response) => {
    const answer = await fetch(url + request.url, { headers: { accept: request.headers.accept ?? '*/*' } })
    const body = Buffer.from(await answer.arrayBuffer())
    if (body.length > 0) body[body.length - 1] ^= 1
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') }).end(body)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise(resolve => { server.close(resolve); server.closeAllConnections() })
  }
}

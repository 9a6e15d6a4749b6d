/** A server in front of a node, under an address of its own: so that a node can become another one while a page is open. */

import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class Front {
  /** Another build stands behind it: the service worker differs. */
  isNewer = false;
  /** The scripts that the pages of the build before are made of are gone. */
  isBare = false;

  private constructor(
    private readonly node: string,
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async open(node: string): Promise<Front> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const front = new Front(node, server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (asked: IncomingMessage, response: ServerResponse) => front.answer(asked, response));
    return front;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(asked: IncomingMessage, response: ServerResponse) {
    const path = asked.url ?? "/";
    if (this.isBare && path.startsWith("/assets/") && path.endsWith(".js")) return void response.writeHead(404).end();
    const passed = request(new URL(path, this.node), { method: asked.method ?? "GET", headers: { ...asked.headers, "accept-encoding": "identity" } }, (answer) => {
      const { "content-length": _, ...headers } = answer.headers;
      const isChanged = this.isNewer && path === "/sw.js";
      response.writeHead(answer.statusCode ?? 502, isChanged ? headers : answer.headers);
      answer.pipe(response, { end: !isChanged });
      if (isChanged) answer.on("end", () => response.end("\n// another build"));
    });
    passed.on("error", () => response.destroy());
    asked.pipe(passed);
  }
}

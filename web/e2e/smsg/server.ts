/** Files over HTTP for one test: folders and single files from disk, with ranges. */

import { createReadStream, statSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

export class FileServer {
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  /** `mounts`: first path segment to folder; `pages`: path to text. */
  static async start(mounts: Record<string, string>, pages: Record<string, string> = {}): Promise<FileServer> {
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
      const page = pages[path];
      if (page !== undefined) {
        response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/html" }).end(page);
        return;
      }
      const [, mount = "", ...rest] = path.split("/");
      const folder = mounts[mount];
      if (folder === undefined) response.writeHead(404).end();
      else send(join(folder, normalize(`/${rest.join("/")}`)), request.headers.range, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FileServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function send(file: string, range: string | undefined, response: ServerResponse): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    response.writeHead(404).end();
    return;
  }
  const headers = { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Accept-Ranges": "bytes" };
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  if (!asked) {
    response.writeHead(200, { ...headers, "Content-Length": size });
    createReadStream(file).pipe(response);
    return;
  }
  const [start, end] = [Number(asked[1]), Math.min(asked[2] ? Number(asked[2]) : size, size - 1)];
  if (start > end) {
    response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
    return;
  }
  response.writeHead(206, { ...headers, "Content-Length": end - start + 1, "Content-Range": `bytes ${start}-${end}/${size}` });
  createReadStream(file, { start, end }).pipe(response);
}

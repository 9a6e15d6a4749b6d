/** Attachments of opened releases as addresses that a media element can seek in and a browser can save from. */

import { addresses } from "../../lib/addresses";
import { MediaHost, type Served } from "../../lib/media/host";

export class Attachments {
  private constructor(private readonly served: Map<string, Served>) {}

  /** `undefined` where there are no service workers. */
  static async start(): Promise<Attachments | undefined> {
    const served = new Map<string, Served>();
    const host = await MediaHost.start(addresses.fan, (path) => served.get(path));
    return host && new Attachments(served);
  }

  /** The address of a file, as long as the page is open and `withdraw` was not called. */
  publish(file: Served): string {
    const path = `${addresses.fan.media}${crypto.randomUUID()}/0`;
    this.served.set(path, file);
    return path;
  }

  withdraw(path: string): void {
    this.served.delete(path);
  }
}

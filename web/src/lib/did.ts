/** DIDs for people: the start says the method, the end tells two apart. The whole is always one click away. */
export function shortDid(did: string): string {
  return did.length <= 28 ? did : `${did.slice(0, 16)}…${did.slice(-6)}`;
}

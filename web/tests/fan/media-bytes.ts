/** Recordings made by hand: as small as they can be, every byte known. */

const u32 = (n: number) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

/** An EBML element; the length takes eight bytes, or is not said. */
export function element(id: number[], data: readonly number[], unknown = false): number[] {
  const size = unknown ? [0x01, 255, 255, 255, 255, 255, 255, 255] : [0x01, 0, 0, 0, ...u32(data.length)];
  return [...id, ...size, ...data];
}

const ascii = (text: string) => [...text].map((c) => c.charCodeAt(0));
const CLUSTER = [0x1f, 0x43, 0xb6, 0x75];

/** A cluster with one block of sound, then one of pictures. */
export function cluster(milliseconds: number, options: { key?: boolean; live?: boolean; padding?: number } = {}): number[] {
  const { key = true, live = false, padding = 20 } = options;
  const sound = element([0xa3], [0x82, 0, 0, 0x80, ...Array<number>(10).fill(1)]);
  const pictures = element([0xa3], [0x81, 0, 0, key ? 0x80 : 0, ...Array<number>(padding).fill(2)]);
  return element(CLUSTER, [...element([0xe7], u32(milliseconds)), ...sound, ...pictures], live);
}

export function webmHead(live = false): number[] {
  const track = (number: number, type: number, codec: string) =>
    element([0xae], [...element([0xd7], [number]), ...element([0x83], [type]), ...element([0x86], ascii(codec))]);
  const info = element([0x15, 0x49, 0xa9, 0x66], element([0x2a, 0xd7, 0xb1], u32(1_000_000)));
  const tracks = element([0x16, 0x54, 0xae, 0x6b], [...track(2, 2, "A_OPUS"), ...track(1, 1, "V_VP9")]);
  const segment = element([0x18, 0x53, 0x80, 0x67], [], live);
  return [...element([0x1a, 0x45, 0xdf, 0xa3], [1, 2, 3]), ...(live ? segment : element([0x18, 0x53, 0x80, 0x67], [], true)), ...info, ...tracks];
}

/** An MP4 box. */
export const box = (type: string, ...content: readonly (readonly number[])[]): number[] => {
  const data = content.flat();
  return [...u32(data.length + 8), ...ascii(type), ...data];
};
const zeros = (n: number) => Array<number>(n).fill(0);

export function mp4Head(options: { fragmented?: boolean } = {}): number[] {
  const trak = box(
    "trak",
    box("tkhd", zeros(12), u32(7), zeros(60)),
    box(
      "mdia",
      box("mdhd", zeros(12), u32(1000), zeros(8)),
      box("hdlr", zeros(8), ascii("vide"), zeros(13)),
      box("minf", box("stbl", box("stsd", zeros(8), box("avc1", zeros(78), box("avcC", [1, 0x64, 0, 0x28]))))),
    ),
  );
  const mvex = box("mvex", box("mehd", zeros(4), u32(6000)), box("trex", zeros(4), u32(7), zeros(12), u32(0x10000)));
  const moov = box("moov", box("mvhd", zeros(12), u32(1000), zeros(84)), trak, options.fragmented === false ? [] : mvex);
  return [...box("ftyp", ascii("iso5"), zeros(4)), ...moov];
}

/** A fragment; `sync` says whether its first sample is whole, `undefined` leaves it to the head. */
export function fragment(ticks: number, sync: boolean | undefined, size = 30): number[] {
  const flags = sync === undefined ? 0 : 0x4;
  const first = sync === undefined ? [] : u32(sync ? 0x2000000 : 0x1010000);
  const traf = box(
    "traf",
    box("tfhd", [0, 2, 0, 0], u32(7)),
    box("tfdt", [1, 0, 0, 0], u32(0), u32(ticks)),
    box("trun", [0, 0, 0, flags], u32(1), first),
  );
  return [...box("moof", box("mfhd", zeros(4), u32(1)), traf), ...box("mdat", Array<number>(size).fill(3))];
}

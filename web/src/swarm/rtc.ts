/**
 * WebRTC connections with one data channel each, as stock WebTorrent clients make them: the one who offers makes the
 * channel, ordered and reliable, under a name of chance; descriptions are sent whole, with their candidates (no trickle).
 */

import { random } from "./bytes";

/** Milliseconds that the search for our own addresses may take. Without STUN servers it ends by itself, soon. */
const GATHERING_MS = 1500;

/** Our addresses only: nobody outside is asked for the one that the world sees. */
const CONFIGURATION: RTCConfiguration = { iceServers: [] };

/** A connection that is being made. */
export interface Attempt {
  readonly connection: RTCPeerConnection;
  /** The channel, open; rejected when the connection fails or is closed before. */
  readonly channel: Promise<RTCDataChannel>;
  /** What to send to the other side. */
  readonly sdp: string;
}

/** Makes an offer. */
export async function offer(): Promise<Attempt> {
  const connection = new RTCPeerConnection(CONFIGURATION);
  const name = Array.from(random(20), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const channel = opened(connection, connection.createDataChannel(name));
  return { connection, channel, sdp: await described(connection, await connection.createOffer()) };
}

/** Answers an offer. */
export async function answer(sdp: string): Promise<Attempt> {
  const connection = new RTCPeerConnection(CONFIGURATION);
  const channel = new Promise<RTCDataChannel>((resolve, reject) => {
    connection.addEventListener("datachannel", (event) => opened(connection, event.channel).then(resolve, reject), { once: true });
    onEnd(connection, () => reject(new Error("the connection failed")));
  });
  channel.catch(() => undefined);
  try {
    await connection.setRemoteDescription({ type: "offer", sdp });
    return { connection, channel, sdp: await described(connection, await connection.createAnswer()) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Calls back once when a connection cannot be used any more. */
export function onEnd(connection: RTCPeerConnection, ended: () => void): void {
  const look = () => {
    if (connection.connectionState !== "failed" && connection.connectionState !== "closed") return;
    connection.removeEventListener("connectionstatechange", look);
    ended();
  };
  connection.addEventListener("connectionstatechange", look);
}

function opened(connection: RTCPeerConnection, channel: RTCDataChannel): Promise<RTCDataChannel> {
  channel.binaryType = "arraybuffer";
  const open = new Promise<RTCDataChannel>((resolve, reject) => {
    if (channel.readyState === "open") resolve(channel);
    channel.addEventListener("open", () => resolve(channel), { once: true });
    channel.addEventListener("close", () => reject(new Error("the channel closed")), { once: true });
    onEnd(connection, () => reject(new Error("the connection failed")));
  });
  open.catch(() => undefined);
  return open;
}

/** Takes a description as ours, and gives it with the candidates that were found. */
async function described(connection: RTCPeerConnection, ours: RTCSessionDescriptionInit): Promise<string> {
  await connection.setLocalDescription(ours);
  await gathered(connection);
  // Stock clients take this line out, since nothing trickles.
  return (connection.localDescription?.sdp ?? "").replaceAll("a=ice-options:trickle\r\n", "");
}

function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
    connection.addEventListener("icegatheringstatechange", look);
    setTimeout(resolve, GATHERING_MS);
    look();
  });
}

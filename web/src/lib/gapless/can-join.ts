/** Whether this browser has what it takes to play tracks behind one another without gaps. */
export const canJoin = (): boolean =>
  typeof MediaSource !== "undefined" && typeof Worker !== "undefined" && "changeType" in SourceBuffer.prototype;

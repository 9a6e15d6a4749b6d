// The tracker client imports these names; the tests give it session descriptions of their own.
export class RTCPeerConnection {}
export class RTCSessionDescription {}
export class RTCIceCandidate {}

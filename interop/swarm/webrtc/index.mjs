// webtorrent imports these names from `webrtc-polyfill`, whose native library is downloaded from elsewhere at install.
import wrtc from '@roamhq/wrtc';

export const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc;

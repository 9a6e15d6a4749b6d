//! Tracker messages (HTTP, UDP, WebSocket) and the tracker itself. Pure: no I/O, no clock.

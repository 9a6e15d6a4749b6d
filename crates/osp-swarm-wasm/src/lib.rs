//! The peer engine for the browser, loaded only after the listener agreed to peers.

//! XChaCha20-Poly1305 over memory: `ring` natively, RustCrypto in the browser.

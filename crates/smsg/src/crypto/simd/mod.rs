//! Key stream and cipher in vectors: the only module with `unsafe`.
//!
//! Each backend is a module with `is_there`, `GROUP` (bytes it computes at once) and `xor_groups`, which panics where the
//! instructions are missing, so it is safe to call. Inside, nearly all is safe too: intrinsics without pointers are safe
//! functions in functions that have their `target_feature`.

#![allow(unsafe_code)]

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[macro_use]
mod chacha20_lanes;
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
#[macro_use]
mod sha256_lanes;

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512;
#[cfg(target_arch = "x86_64")]
pub(super) mod sha_ni;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) mod simd128;

//! The one HTTP client that everything outgoing goes through.
//!
//! Addresses come from two kinds of people. What a user **typed** is allowed as it is: `--from
//! http://192.168.1.5:8080` means that. What was **learned** from records, redirects or `did:web` was chosen by a
//! stranger, who could name the router's admin page or a cloud's metadata service and have us ask it: private and
//! special addresses are refused, unless the operator allows them (`--allow-private`).
//!
//! What is checked, and where it cannot be got around:
//! - an IP literal in a URL, after the URL parser has brought its decimal, octal and hex forms into one ([`address`]);
//! - each address that a name resolves to, inside the resolver that the connection itself uses, so that a second
//!   DNS answer cannot differ from the one that was checked ([`resolve`]);
//! - each redirect, followed by hand, at most [`MAX_REDIRECTS`]: its target is learned, unless it stays at the
//!   very scheme, host and port the user typed; https does not become http; the bearer token goes to the first
//!   origin only;
//! - the body, by size, silence and total time ([`Limits`]).
//!
//! What is not an HTTP request goes through the same guard: [`Fetcher::connect`] gives the connection a WebSocket is
//! made of, [`Fetcher::addresses`] those of a host that is called over UDP.
//!
//! Proxies from the environment (`HTTP_PROXY` and the like) are not used: a proxy would resolve names on its own,
//! and nothing above would hold. Responses are not decompressed: what is asked for here is verified byte by byte.
//! TLS is rustls with the system's certificate authorities, and those of one extra file if wanted.

pub mod address;
mod client;
mod connect;
mod didweb;
mod error;
mod request;
pub mod resolve;
mod response;
mod target;
mod tls;

pub use client::{Fetcher, MAX_REDIRECTS, Policy};
pub use connect::Connection;
pub use didweb::{DidWebError, DidWebResolver, MAX_DID_DOCUMENT_BYTES};
pub use error::{FetchError, SetupError};
pub use request::{Body, Limits, Request};
pub use reqwest::{Method, StatusCode, Url, header};
pub use response::Response;
pub use target::{Target, Trust};

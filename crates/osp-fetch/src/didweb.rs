//! `did:web`: fetching the document that holds an artist's keys.

use crate::{FetchError, Fetcher, Limits, Request, StatusCode, Target};
use osp_core::{
    did::{Did, DidDocument, WebDid},
    key::PublicKey,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Largest DID document that is read, in bytes.
pub const MAX_DID_DOCUMENT_BYTES: u64 = 64 * 1024;
/// How long keys that were found are used without asking again. A key that an artist takes out of the document
/// stops counting after that.
const KEEP: Duration = Duration::from_secs(10 * 60);
/// How long a failure is remembered, so that a page of records of one artist does not ask once for each.
const KEEP_FAILURE: Duration = Duration::from_secs(30);
/// Most DIDs that are remembered: a feed of strangers must not grow the map without bound.
const MAX_CACHED: usize = 1024;

/// Why an artist's keys could not be had.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DidWebError {
    /// The document could not be fetched.
    #[error("cannot fetch the DID document of {did}: {reason}")]
    Unreachable {
        /// The DID.
        did: String,
        /// What happened.
        reason: String,
    },
    /// What was fetched is not its document, or has no key that can sign records.
    #[error("the DID document of {did} is of no use: {reason}")]
    Unusable {
        /// The DID.
        did: String,
        /// What is wrong.
        reason: String,
    },
}

type Keys = Result<Arc<[PublicKey]>, DidWebError>;

/// Fetches `did:web` documents and remembers their keys for ten minutes. Cheap to clone.
#[derive(Clone)]
pub struct DidWebResolver {
    fetcher: Fetcher,
    cache: Arc<Mutex<HashMap<WebDid, (Instant, Keys)>>>,
}

impl DidWebResolver {
    /// A resolver with an empty memory.
    #[must_use]
    pub fn new(fetcher: Fetcher) -> Self {
        Self { fetcher, cache: Arc::default() }
    }

    /// The Ed25519 keys that may sign for `did`, at least one.
    ///
    /// The document's address is learned: a DID comes out of a record. For the hosts `localhost` and `127.0.0.1`
    /// plain http is used, which needs `--allow-private` and is for developing.
    ///
    /// # Errors
    /// [`DidWebError`]
    pub async fn keys(&self, did: &WebDid) -> Keys {
        if let Some(known) = self.remembered(did) {
            return known;
        }
        let keys = self.fetch(did).await;
        self.remember(did, &keys);
        keys
    }

    async fn fetch(&self, did: &WebDid) -> Keys {
        let unreachable = |reason: String| DidWebError::Unreachable { did: did.as_str().to_owned(), reason };
        let body = self.document(did).await.map_err(|e| unreachable(e.to_string()))?;
        let body = body.map_err(|status| unreachable(format!("its host answers {status}")))?;
        let unusable = |reason: String| DidWebError::Unusable { did: did.as_str().to_owned(), reason };
        let document =
            DidDocument::parse(&body, &Did::Web(did.clone())).map_err(|e| unusable(e.to_string()))?;
        if document.assertion_keys.is_empty() {
            return Err(unusable("it has no Ed25519 key under assertionMethod".to_owned()));
        }
        Ok(document.assertion_keys.into())
    }

    async fn document(&self, did: &WebDid) -> Result<Result<bytes::Bytes, StatusCode>, FetchError> {
        let mut url = did.document_url();
        if self.fetcher.allows_private() && matches!(did.host(), "localhost" | "127.0.0.1") {
            url = url.replacen("https://", "http://", 1);
        }
        let request = Request::get(Target::learned(&url)?, Limits::document(MAX_DID_DOCUMENT_BYTES))
            .accept("application/did+json, application/json");
        let response = self.fetcher.send(request).await?;
        match response.status() {
            StatusCode::OK => response.bytes().await.map(Ok),
            other => Ok(Err(other)),
        }
    }

    fn remembered(&self, did: &WebDid) -> Option<Keys> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(did).filter(|(until, _)| *until > Instant::now()).map(|(_, keys)| keys.clone())
    }

    fn remember(&self, did: &WebDid, keys: &Keys) {
        let now = Instant::now();
        let until = now + if keys.is_ok() { KEEP } else { KEEP_FAILURE };
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MAX_CACHED {
            cache.retain(|_, (until, _)| *until > now);
        }
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        cache.insert(did.clone(), (until, keys.clone()));
    }
}

//! Names to addresses, with the special ones taken out.

use crate::address::special;
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// How names are looked up. The system's resolver stands behind it; tests put their own.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// Every address of `host`.
    ///
    /// # Errors
    /// What the resolver says when there is no such name.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// A name that resolves to nothing but special addresses.
#[derive(Debug, thiserror::Error)]
#[error("it resolves to {address}, {kind}")]
pub(crate) struct OnlySpecial {
    pub(crate) address: IpAddr,
    pub(crate) kind: &'static str,
}

/// The public ones of `addresses`.
///
/// A name with public and special addresses keeps the public ones: connecting to those harms nobody.
pub(crate) fn public_only(addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, OnlySpecial> {
    let first = addresses.first().and_then(|a| special(*a).map(|kind| OnlySpecial { address: *a, kind }));
    let public: Vec<_> = addresses.into_iter().filter(|a| special(*a).is_none()).collect();
    match first {
        Some(refused) if public.is_empty() => Err(refused),
        _ => Ok(public),
    }
}

/// The resolver that connections use. What it returns is what is connected to.
pub(crate) struct Resolver {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) guarded: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, guarded) = (Arc::clone(&self.lookup), self.guarded);
        Box::pin(async move {
            let mut addresses = lookup.lookup(name.as_str()).await?;
            if guarded {
                addresses = public_only(addresses)?;
            }
            if addresses.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            // Port 0 stands for the one in the URL.
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

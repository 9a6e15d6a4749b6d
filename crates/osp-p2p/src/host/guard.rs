//! The guard against private addresses that strangers name.
//!
//! It stands below name resolution, where the connection itself is made: each IP address about to be dialled is
//! looked at, whoever asked for it (identify, a provider record, a name whose DNS answer changed meanwhile). What
//! the user typed is let through by [`Guard::allow`].

use libp2p::{
    Multiaddr, Transport,
    core::transport::{DialOpts, ListenerId, TransportError, TransportEvent},
    multiaddr::Protocol,
};
use osp_fetch::address::special;
use std::{
    collections::VecDeque,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

/// Typed addresses that are remembered.
const MAX_TYPED: usize = 1024;

/// Decides which IP addresses may be dialled. Clones share what was allowed.
#[derive(Clone, Debug)]
pub struct Guard {
    allow_private: bool,
    typed: Arc<Mutex<VecDeque<IpAddr>>>,
}

impl Guard {
    /// A guard; `allow_private` lets everything through.
    #[must_use]
    pub fn new(allow_private: bool) -> Self {
        Self { allow_private, typed: Arc::default() }
    }

    /// The user named this address, or the local network is being searched on purpose.
    pub fn allow(&self, address: IpAddr) {
        if special(address).is_none() {
            return;
        }
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        if typed.contains(&address) {
            return;
        }
        if typed.len() == MAX_TYPED {
            typed.pop_front();
        }
        typed.push_back(address);
    }

    /// Whether it may be dialled.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        self.allow_private
            || special(address).is_none()
            || self.typed.lock().unwrap_or_else(PoisonError::into_inner).contains(&address)
    }

    /// Whether private addresses are allowed altogether.
    #[must_use]
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// Whether an address may be passed on to others. What the user typed is for this host alone.
    #[must_use]
    pub fn shareable(&self, address: &Multiaddr) -> bool {
        ip(address).is_none_or(|ip| !ip.is_unspecified() && (self.allow_private || special(ip).is_none()))
    }

    /// Whether a stranger's address may be kept and dialled: as [`Guard::permits`], names included.
    #[must_use]
    pub fn permits_address(&self, address: &Multiaddr) -> bool {
        ip(address).is_none_or(|ip| self.permits(ip))
    }
}

/// The IP address that `address` begins with.
pub(super) fn ip(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(ip.into()),
        _ => None,
    }
}

/// What the guard says in place of the transport.
#[derive(Debug, thiserror::Error)]
#[error("a private or special address that a stranger named is not dialled")]
struct Refused;

/// A transport that dials IP addresses, with the guard before it.
pub(super) struct Guarded<T> {
    inner: T,
    guard: Guard,
}

impl<T> Guarded<T> {
    pub(super) fn new(inner: T, guard: Guard) -> Self {
        Self { inner, guard }
    }
}

impl<T> Transport for Guarded<T>
where
    T: Transport + Unpin,
    T::Error: From<io::Error>,
{
    type Output = T::Output;
    type Error = T::Error;
    type ListenerUpgrade = T::ListenerUpgrade;
    type Dial = T::Dial;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<T::Error>> {
        self.inner.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.inner.remove_listener(id)
    }

    fn dial(&mut self, address: Multiaddr, opts: DialOpts) -> Result<T::Dial, TransportError<T::Error>> {
        if ip(&address).is_some_and(|ip| !self.guard.permits(ip)) {
            return Err(TransportError::Other(io::Error::other(Refused).into()));
        }
        self.inner.dial(address, opts)
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<T::ListenerUpgrade, T::Error>> {
        Pin::new(&mut self.inner).poll(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn private_addresses_pass_only_when_typed_or_allowed() {
        let (private, public): (IpAddr, IpAddr) =
            ("192.168.1.7".parse().unwrap(), "8.8.8.8".parse().unwrap());
        let guard = Guard::new(false);
        assert!(guard.permits(public));
        assert!(!guard.permits(private));
        assert!(!guard.permits_address(&"/ip4/192.168.1.7/tcp/4001".parse().unwrap()));
        guard.clone().allow(private);
        assert!(guard.permits(private));
        assert!(!guard.permits("192.168.1.8".parse().unwrap()));
        assert!(Guard::new(true).permits(private));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let guard = Guard::new(false);
        for n in 0..2000_u32 {
            guard.allow(std::net::Ipv4Addr::from(0x0a00_0000 + n).into());
        }
        assert_eq!(guard.typed.lock().unwrap().len(), MAX_TYPED);
    }
}

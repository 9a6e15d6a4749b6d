//! Negotiating the protocol: the newest version both sides know.

use super::VersionedStream;
use crate::bitswap::wire::Version;
use futures_util::future::{Ready, ready};
use libp2p::{
    Stream, StreamProtocol,
    core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo},
};
use std::convert::Infallible;

/// Names, the preferred first.
const PROTOCOLS: [(StreamProtocol, Version); 3] = [
    (StreamProtocol::new("/ipfs/bitswap/1.2.0"), Version::V1_2),
    (StreamProtocol::new("/ipfs/bitswap/1.1.0"), Version::V1_1),
    (StreamProtocol::new("/ipfs/bitswap/1.0.0"), Version::V1_0),
];

/// The upgrade of either direction: the stream itself, and its version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upgrade;

impl UpgradeInfo for Upgrade {
    type Info = StreamProtocol;
    type InfoIter = std::array::IntoIter<StreamProtocol, 3>;

    fn protocol_info(&self) -> Self::InfoIter {
        PROTOCOLS.map(|(name, _)| name).into_iter()
    }
}

fn versioned(stream: Stream, name: &StreamProtocol) -> Ready<Result<VersionedStream, Infallible>> {
    let version = PROTOCOLS.iter().find(|(known, _)| known == name).map_or(Version::V1_0, |(_, v)| *v);
    ready(Ok((stream, version)))
}

impl InboundUpgrade<Stream> for Upgrade {
    type Output = VersionedStream;
    type Error = Infallible;
    type Future = Ready<Result<VersionedStream, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, name: StreamProtocol) -> Self::Future {
        versioned(stream, &name)
    }
}

impl OutboundUpgrade<Stream> for Upgrade {
    type Output = VersionedStream;
    type Error = Infallible;
    type Future = Ready<Result<VersionedStream, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, name: StreamProtocol) -> Self::Future {
        versioned(stream, &name)
    }
}

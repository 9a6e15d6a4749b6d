//! WebRTC as the hub sees it; without the feature there is no agent, and so no offer.

#[cfg(feature = "webrtc")]
pub(super) use crate::webrtc::{Agent, Offer, Pending};
#[cfg(not(feature = "webrtc"))]
pub(super) use none::{Agent, Offer, Pending};

#[cfg(not(feature = "webrtc"))]
mod none {
    //! Types without values.
    use crate::PeerStream;
    use std::io;

    #[derive(Clone)]
    pub(in super::super) enum Agent {}
    pub(in super::super) enum Offer {}
    pub(in super::super) enum Pending {}

    impl Agent {
        pub(in super::super) async fn offer(&self) -> io::Result<Offer> {
            match *self {}
        }
        pub(in super::super) async fn answer(&self, _: &str) -> io::Result<(String, Pending)> {
            match *self {}
        }
    }
    impl Offer {
        pub(in super::super) fn sdp(&self) -> &str {
            match *self {}
        }
        pub(in super::super) async fn accept(self, _: &str) -> io::Result<Pending> {
            match self {}
        }
    }
    impl Pending {
        pub(in super::super) async fn stream(self) -> io::Result<PeerStream> {
            match self {}
        }
    }
}

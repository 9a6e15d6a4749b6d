//! Whether connections are opened with Message Stream Encryption ([`osp_peers::mse`]), or plainly.
//!
//! | | our calls | callers | when a caller offers both |
//! |---|---|---|---|
//! | [`Off`](Encryption::Off) | plain | plain | |
//! | [`Allowed`](Encryption::Allowed) | plain, then MSE | either | plaintext |
//! | [`Preferred`](Encryption::Preferred) | MSE, then plain | either | RC4 |
//! | [`Required`](Encryption::Required) | MSE with RC4 | MSE with RC4 | RC4 |
//!
//! "Then" is when the peer took the call and hung up without a word: that is what one does who refuses how it was opened.
//! It is called again at once, and the way that worked is remembered with its address.
//!
//! Plain first by default, where libtorrent, Transmission and webtorrent begin with MSE: all of them take plain callers as
//! they come, so only a peer that is set to require MSE costs a second call, and nobody pays for the exchange (a turn
//! on the wire and four exponentiations) who does not want it. When a caller offers both, plaintext is selected, as by
//! libtorrent and webtorrent: the exchange has hidden what the connection is, and RC4 hides nothing from who cares to
//! look. (Transmission 3 takes nothing but RC4.) Who has to get past a box that looks further sets `Preferred`.
//!
//! WebRTC is encrypted by itself (DTLS) and always carries plain BitTorrent.

use osp_peers::mse::Method;

/// How connections over TCP and uTP are opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Plainly, and callers who come otherwise are turned away.
    Off,
    /// Plainly, and with MSE to a peer that hangs up on that; callers as they like.
    #[default]
    Allowed,
    /// With MSE, and plainly to a peer that hangs up on that; callers as they like.
    Preferred,
    /// With MSE and RC4 in either direction, or not at all.
    Required,
}

/// How a call is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// With the BitTorrent handshake.
    Plain,
    /// With MSE.
    Mse,
}

impl Encryption {
    /// How a peer is called that nothing is known of.
    pub(crate) fn first(self) -> Opening {
        match self {
            Self::Off | Self::Allowed => Opening::Plain,
            Self::Preferred | Self::Required => Opening::Mse,
        }
    }

    /// What is tried when a peer hangs up on `opening`.
    pub(crate) fn other(self, opening: Opening) -> Option<Opening> {
        match (self, opening) {
            (Self::Off | Self::Required, _) => None,
            (Self::Allowed | Self::Preferred, Opening::Plain) => Some(Opening::Mse),
            (Self::Allowed | Self::Preferred, Opening::Mse) => Some(Opening::Plain),
        }
    }

    /// Whether a caller may come without MSE.
    pub(crate) fn takes_plain(self) -> bool {
        self != Self::Required
    }

    /// What may become of the bytes after MSE's exchange, the best first; nothing when MSE is not spoken.
    pub(crate) fn methods(self) -> &'static [Method] {
        match self {
            Self::Off => &[],
            Self::Allowed => &[Method::Plain, Method::Rc4],
            Self::Preferred => &[Method::Rc4, Method::Plain],
            Self::Required => &[Method::Rc4],
        }
    }
}

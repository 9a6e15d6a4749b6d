//! Between SCTP and DTLS: `str0m`'s own DTLS, with [`Recovery`] and the [`Brake`] looking at what passes.
//!
//! `str0m` lets programs bring a DTLS of their own; this one brings the library's, and sees every SCTP packet before it
//! is encrypted and after it was decrypted.

use super::{brake::Brake, recovery::Recovery};
use bytes::Bytes;
use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};
use str0m::{
    Rtc, RtcConfig,
    config::CryptoProvider,
    crypto::{
        CryptoError,
        dtls::{
            DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
        },
        from_feature_flags,
    },
};

thread_local! {
    /// What belongs to the DTLS that this thread made last: the library takes providers that live for ever, so it can
    /// not be handed in with the configuration.
    static MADE: RefCell<Option<SharedBelow>> = const { RefCell::new(None) };
}

/// What one connection has below its SCTP.
#[derive(Debug, Default)]
pub(super) struct Below {
    pub(super) recovery: Recovery,
    pub(super) brake: Brake,
}

/// For the DTLS, and for the connection around it.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedBelow(Arc<Mutex<Below>>);

impl SharedBelow {
    pub(super) fn lock(&self) -> MutexGuard<'_, Below> {
        // Whatever it holds is mended by SCTP's own timeout.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the state machine, and what is below its SCTP.
pub(super) fn build(config: RtcConfig, now: Instant) -> (Rtc, SharedBelow) {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let provider = PROVIDER
        .get_or_init(|| Arc::new(CryptoProvider { dtls_provider: &Provider, ..from_feature_flags() }));
    let rtc = config.set_crypto_provider(provider.clone()).build(now);
    (rtc, MADE.take().unwrap_or_default())
}

#[derive(Debug)]
struct Provider;

impl DtlsProvider for Provider {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = from_feature_flags().dtls_provider.new_dtls(cert, now, version, mtu)?;
        let below = SharedBelow::default();
        MADE.set(Some(below.clone()));
        Ok(Box::new(Instance { inner, below, buffer: Vec::new() }))
    }
}

#[derive(Debug)]
struct Instance {
    inner: Box<dyn DtlsInstance>,
    below: SharedBelow,
    /// What came is changed in here.
    buffer: Vec<u8>,
}

/// Tokio's clock, like everything around.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        self.buffer.resize(buf.len(), 0);
        loop {
            let output = match self.inner.poll_output(&mut self.buffer) {
                DtlsOutput::Packet(bytes) => DtlsOutput::Packet(copied(bytes, buf)),
                DtlsOutput::PeerCert(bytes) => DtlsOutput::PeerCert(copied(bytes, buf)),
                DtlsOutput::ApplicationData(bytes) => {
                    let length = bytes.len();
                    buf[..length].copy_from_slice(bytes);
                    self.below.lock().recovery.on_received(now(), &mut buf[..length]);
                    DtlsOutput::ApplicationData(&buf[..length])
                }
                DtlsOutput::Timeout(at) => {
                    let mut below = self.below.lock();
                    let own = below.recovery.next(now()).or_else(|| below.brake.next().map(Bytes::from));
                    if own
                        .is_some_and(|packet| self.inner.send_application_data(&packet).is_ok_and(|n| n > 0))
                    {
                        continue;
                    }
                    DtlsOutput::Timeout(below.recovery.timeout().map_or(at, |own| own.min(at)))
                }
                DtlsOutput::Connected => DtlsOutput::Connected,
                DtlsOutput::KeyingMaterial(material, profile) => {
                    DtlsOutput::KeyingMaterial(material, profile)
                }
                DtlsOutput::BufferTooSmall { needed } => DtlsOutput::BufferTooSmall { needed },
                DtlsOutput::CloseNotify => DtlsOutput::CloseNotify,
                // What a later version of the library may bring is none of ours; it ends what it concerns.
                _ => DtlsOutput::CloseNotify,
            };
            return output;
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.below.lock().recovery.on_timeout(now);
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        let mut below = self.below.lock();
        if !below.recovery.on_sent(now(), data) {
            return Ok(data.len());
        }
        match below.brake.on_sent(data) {
            // As long as what it stands for.
            Some(other) => self.inner.send_application_data(&other),
            None => self.inner.send_application_data(data),
        }
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}

fn copied<'a>(bytes: &[u8], into: &'a mut [u8]) -> &'a [u8] {
    let into = &mut into[..bytes.len()];
    into.copy_from_slice(bytes);
    into
}

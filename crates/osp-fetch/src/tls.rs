//! TLS: rustls with ring, the system's certificate authorities and perhaps one file more.

use crate::SetupError;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;
use std::{path::Path, sync::Arc};

/// The client's TLS settings.
pub(crate) fn config(extra_ca: Option<&Path>) -> Result<ClientConfig, SetupError> {
    let extra = extra_ca.map_or_else(|| Ok(Vec::new()), read_certificates)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| SetupError::Tls(e.to_string()))?
        .dangerous();
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider));
    let mut config = match verifier {
        Ok(verifier) => builder.with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
        Err(error) => no_authorities(provider, &error)?,
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// A machine without certificate authorities (a bare container) still speaks plain HTTP; https is refused by every
/// handshake, and the log says why.
fn no_authorities(provider: Arc<CryptoProvider>, error: &rustls::Error) -> Result<ClientConfig, SetupError> {
    tracing::warn!("{error}: no https address can be fetched; install the system's ca-certificates");
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| SetupError::Tls(e.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let fail = |reason: String| SetupError::ExtraCa { path: path.to_owned(), reason };
    let certificates = CertificateDer::pem_file_iter(path)
        .map_err(|e| fail(e.to_string()))?
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| fail(e.to_string()))?;
    if certificates.is_empty() {
        return Err(fail("there is no certificate in it".to_owned()));
    }
    // Reported here, where the file can be named, rather than by the verifier.
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store.add(certificate.clone()).map_err(|e| fail(e.to_string()))?;
    }
    Ok(certificates)
}

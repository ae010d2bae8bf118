//! TLS by libpq's `sslmode`: which certificates of a server are accepted. What is sent over it is the driver's.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::TlsMode;
use super::settings::Settings;
use crate::error::{Error, Kind};

pub(super) fn connector(mode: TlsMode, settings: &Settings) -> Result<MakeRustlsConnect, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(mode, settings, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| unusable("the TLS settings", cause))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let file = |key: &str, default: &str| settings.get(key).cloned().or_else(|| super::user_file(default));
    let config = match (&file("sslcert", "postgresql.crt"), &file("sslkey", "postgresql.key")) {
        (Some(certificate), Some(key)) => {
            let key_der =
                PrivateKeyDer::from_pem_file(key).map_err(|cause| unusable(&format!("the key `{key}`"), cause))?;
            builder
                .with_client_auth_cert(read_certificates(certificate)?, key_der)
                .map_err(|cause| unusable(&format!("the certificate `{certificate}`"), cause))?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(MakeRustlsConnect::new(config))
}

fn unusable(what: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Kind::Connection, format!("{what} cannot be used for TLS")).source(cause)
}

fn read_certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|cause| unusable(&format!("the certificate `{file}`"), cause))
}

/// What is asked of the server's certificate.
#[derive(Debug)]
struct Verifier {
    mode: TlsMode,
    /// The chain's check; none where any certificate is accepted.
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// The trusted certificates themselves: a server may present one of them as its own, which libpq accepts.
    trusted: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(mode: TlsMode, settings: &Settings, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        let mut verifier = Self { mode, chain: None, trusted: Vec::new(), provider: Arc::clone(provider) };
        if !matches!(mode, TlsMode::VerifyCa | TlsMode::VerifyFull) {
            return Ok(verifier);
        }
        let file = settings.get("sslrootcert").cloned().or_else(|| super::user_file("root.crt"));
        verifier.trusted = match file.as_deref() {
            Some("system") | None => rustls_native_certs::load_native_certs().certs,
            Some(file) => read_certificates(file)?,
        };
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(verifier.trusted.iter().cloned());
        if added == 0 {
            return Err(Error::new(Kind::Connection, "no trusted certificates are found for TLS")
                .note("`sslmode` asks for a check of the server's certificate")
                .help("name a file with `sslrootcert`"));
        }
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
        verifier.chain = Some(chain.map_err(|cause| unusable("the trusted certificates", cause))?);
        Ok(verifier)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        if self.trusted.iter().any(|trusted| trusted == end_entity) {
            if self.mode == TlsMode::VerifyFull {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is looked at after the chain was found good.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.mode == TlsMode::VerifyCa => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

//! TLS 1.2 and 1.3 (RFC 5246, RFC 8446) as a client, with this side's certificate where the server
//! asks for one.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::source::Source;
use crate::stream::CONNECT_WITHIN;

/// The largest file of certificates.
const MAX_PEM_BYTES: u64 = 4 * 1024 * 1024;

/// Speaks TLS over a connection.
pub(crate) async fn client(
    source: &Source,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, String> {
    let config = config(source)?;
    let name = source.options.server_name.as_ref().unwrap_or(&source.host);
    let name = ServerName::try_from(name.clone())
        .map_err(|_| format!("{name:?} is no name that a certificate could bear"))?;
    let handshake = TlsConnector::from(config).connect(name, stream);
    tokio::time::timeout(CONNECT_WITHIN, handshake)
        .await
        .map_err(|_| {
            format!(
                "the TLS handshake was not done within {} s",
                CONNECT_WITHIN.as_secs()
            )
        })?
        .map_err(|e| format!("the TLS handshake failed: {e}"))
}

/// What is trusted, and who this side is.
pub(crate) fn config(source: &Source) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    match &source.options.ca {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            for certificate in certificates(path)? {
                roots
                    .add(certificate)
                    .map_err(|e| format!("ca {}: {e}", path.display()))?;
            }
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("TLS cannot be set up: {e}"))?
        .with_root_certificates(roots);
    let config = match (&source.options.cert, &source.options.key) {
        (Some(cert), Some(key)) => {
            let bytes = read(key)?;
            let private = PrivateKeyDer::from_pem_slice(&bytes)
                .map_err(|e| format!("key {}: {e}; expected PEM", key.display()))?;
            builder
                .with_client_auth_cert(certificates(cert)?, private)
                .map_err(|e| format!("cert {}: {e}", cert.display()))?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        Ok(_) => Err(format!(
            "{}: no certificate in it; expected PEM (a .p12 becomes PEM by `openssl pkcs12 -nodes`)",
            path.display()
        )),
        Err(e) => Err(format!("{}: {e}; expected PEM", path.display())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_PEM_BYTES).read_to_end(&mut bytes))
        .map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(bytes)
}

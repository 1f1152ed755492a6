//! A server whose certificate nobody vouches for.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use anymodel::prelude::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls::crypto::ring::sign::any_ecdsa_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection};

/// A certificate for localhost, signed by itself. Its key is not here: a client that knows no signer asks for no proof.
const SIGNED_BY_ITSELF: &str = "MIIBmzCCAUGgAwIBAgIUAYwvdAkYUPq4tpwQsiHXtUpyEaQwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDE2MjIyOVoYDzIxMjYxMTA2MTYyMjI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASRqNuYAqSxG062oY0Ow3YGsMSm7Fq8PVLJCtGvSuJiY2xIH7ApHiZLXuzRYBfHzc64wNU4cReeD6ZVwv/idkJOo28wbTAdBgNVHQ4EFgQUqmrtDUg648CpMasU8EI3l1avfE4wHwYDVR0jBBgwFoAUqmrtDUg648CpMasU8EI3l1avfE4wDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIgW1Xjv4eVLJerkw8xCAEMWiYFDONZpUiGfukvnw417oICIQD0Ee8XWr78lzivBkLVBXhaCccotITunnP9Idiel1zAhw==";

/// The address of a server with that certificate, and how often it was asked is told by the trail.
fn self_signed() -> String {
    let certificate = CertificateDer::from(STANDARD.decode(SIGNED_BY_ITSELF).unwrap());
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
        .unwrap();
    let key = PrivatePkcs8KeyDer::from(made.as_ref().to_vec());
    let key = CertifiedKey::new(vec![certificate], any_ecdsa_type(&key.into()).unwrap());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::Stream::new(&mut connection, &mut stream);
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            }
        }
    });
    format!("https://localhost:{port}/v1")
}

#[tokio::test]
async fn a_certificate_that_does_not_verify_is_told_with_its_cure() {
    let url = self_signed();
    for platform in ["openrouter", "openai"] {
        let client = Client::builder()
            .platform(platform)
            .base_url(&url)
            .key("sk-or-v1-test0123456789")
            .build()
            .unwrap();
        let error = client.ask("m", "Hi").await.unwrap_err();
        let told = format!("{error:?}");
        assert!(
            told.contains("certificate") && told.contains("SSL_CERT_FILE"),
            "{told}"
        );
        assert_eq!(error.trail().len(), 1, "{told}");
    }
}

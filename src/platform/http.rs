//! The HTTP client under every call.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::failure::ErrorKind;

/// How long to wait for a TCP and TLS handshake.
const CONNECT: Duration = Duration::from_secs(5);
/// Connections kept open to one host, so that the next calls save the handshake. With 10, which is often advised, 64
/// calls at once took four times as long as with 64 (`benches/README.md`); an idle connection is closed after 90 s.
const KEPT_PER_HOST: usize = 64;

/// Builds the connection pool of one client.
///
/// Its own retries are off, because `call` owns them. It has no timeout over the whole request: that one would also end
/// a long answer that is arriving well. A server on this machine is never asked through a proxy.
pub(crate) fn client(base_url: &str) -> Result<reqwest::Client> {
    // Which library does the cryptography is a choice of the program; if it made none, take ring.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(KEPT_PER_HOST)
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("anymodel/", env!("CARGO_PKG_VERSION")));
    if base_url.starts_with("http:") {
        // Reading the system's certificates takes tens of milliseconds, and plain HTTP needs none.
        builder = builder.tls_certs_only([]);
    }
    if is_loopback(base_url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::Config,
            format!("cannot set up HTTPS: {}", root_cause(&error)),
        )
        .with_hint("check the system's certificates (Debian: apt-get install ca-certificates)")
    })
}

fn is_loopback(base_url: &str) -> bool {
    reqwest::Url::parse(base_url).is_ok_and(|url| match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.starts_with("127."),
        None => false,
    })
}

/// The innermost cause of an error, which is the one that tells something ("connection refused").
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

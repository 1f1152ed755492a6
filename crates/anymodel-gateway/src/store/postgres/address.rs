//! Address: what the URL of the database says, without its password, and whether the way there is encrypted.

use std::fmt;
use std::sync::Arc;

use anymodel_types::{Error, ErrorKind, Result};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Where the database is. It is shown without user and password.
pub struct DatabaseAddress {
    pub config: Config,
}

impl DatabaseAddress {
    /// Reads the URL.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], without any of the URL's text: what cannot be read may be a part of the password.
    pub fn read(url: &str) -> Result<Self> {
        // This client checks certificates wherever it encrypts.
        let url = url
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let mut config: Config = url.parse().map_err(|_| {
            let what = "the address of the gateway's database cannot be read";
            Error::new(ErrorKind::Config, what).with_hint(
                "write postgres://USER:PASSWORD@HOST:PORT/NAME, with ?sslmode=require or ?sslmode=disable if need be; \
                 special characters of the password are written as %40 for @, %3F for ?, %2F for /",
            )
        })?;
        if config.get_ssl_mode() == SslMode::Prefer {
            config.ssl_mode(match config.get_hosts().iter().all(is_local) {
                true => SslMode::Disable,
                false => SslMode::Require,
            });
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(5));
        }
        if config.get_application_name().is_none() {
            config.application_name("anymodel-gateway");
        }
        Ok(DatabaseAddress { config })
    }

    /// TLS with the certificates that the system trusts.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when there are none, and they are needed.
    pub fn tls(&self) -> Result<MakeRustlsConnect> {
        let mut roots = RootCertStore::empty();
        if self.config.get_ssl_mode() == SslMode::Require {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                let what = format!("there are no certificates to check that of {self} by");
                return Err(Error::new(ErrorKind::Config, what).with_hint(
                    "install the package ca-certificates, or let SSL_CERT_FILE name a file with the server's certificate authority",
                ));
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(ErrorKind::Config, error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
            }
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(at).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseAddress({self})")
    }
}

//! Network check of the platform's host: DNS, connection, and the proxy in between.

use std::time::Duration;

use anyhow::Context;
use reqwest::Url;
use serde_json::Value;
use tokio::net::{TcpStream, lookup_host};

use super::place::ConfiguredPlatform;
use super::report::Finding;

/// The timeout for DNS and for the connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// The timeout for the response to a small request.
const ANSWER: Duration = Duration::from_secs(15);
/// The size limit of a response: lists of models are long.
const LONGEST: usize = 16 * 1024 * 1024;

/// A response to a small request.
pub struct Response {
    pub status: u16,
    /// The JSON body; null when it was not JSON.
    pub body: Value,
}

/// The HTTP client for small requests.
pub fn http(place: &ConfiguredPlatform) -> anyhow::Result<reqwest::Client> {
    // The program chooses the cryptography library: ring.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(PATIENCE)
        .timeout(ANSWER)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("anymodel/", env!("CARGO_PKG_VERSION")));
    if place.is_local() {
        builder = builder.no_proxy();
    }
    builder
        .build()
        .context("HTTPS cannot be set up: are the system's certificates there?")
}

/// Sends one small request.
pub async fn get(
    http: &reqwest::Client,
    place: &ConfiguredPlatform,
    url: &str,
) -> Result<Response, String> {
    let sent = http.get(url).headers(place.headers()).send().await;
    let mut response = sent.map_err(|error| in_words(&error))?;
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| in_words(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            break;
        }
    }
    Ok(Response {
        status,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    })
}

/// The innermost cause of an error, which says the most.
fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Resolves the host and connects to it, or to the proxy in front of it.
pub async fn reach(place: &ConfiguredPlatform) -> Finding {
    const NAME: &str = "network";
    let Ok(url) = Url::parse(&place.base_url) else {
        return Finding::bad(
            NAME,
            "the address of the platform is none",
            "check the base URL",
        );
    };
    let proxy = (!place.is_local()).then(|| proxy_for(&url)).flatten();
    let (target, way) = match &proxy {
        Some((variable, proxy)) => (
            proxy,
            format!(" through the proxy of {variable}, {}", shown(proxy)),
        ),
        None => (&url, String::new()),
    };
    let (Some(host), Some(port)) = (target.host_str(), target.port_or_known_default()) else {
        return Finding::bad(
            NAME,
            format!("{} is no address", shown(target)),
            "write it whole, such as http://proxy.example.org:3128",
        );
    };
    // An IPv6 address in brackets is resolved without them.
    let name = host.trim_matches(['[', ']']);
    let hint = match (&proxy, place.is_local()) {
        (Some((variable, _)), _) => format!("check {variable}; is the proxy running?"),
        (None, true) => "start the server there, or choose another address".to_owned(),
        (None, false) => "check the connection; behind a proxy set HTTPS_PROXY; without a network LLM=sandbox works".to_owned(),
    };
    let addresses = match tokio::time::timeout(PATIENCE, lookup_host((name, port))).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        Ok(Err(error)) => {
            return Finding::bad(
                NAME,
                format!("the name {host} cannot be looked up{way}: {error}"),
                hint,
            );
        }
        Err(_) => {
            return Finding::bad(
                NAME,
                format!("the name {host} is not found within 5 s{way}"),
                hint,
            );
        }
    };
    let start = std::time::Instant::now();
    match tokio::time::timeout(PATIENCE, TcpStream::connect(&addresses[..])).await {
        Ok(Ok(_)) => Finding::good(
            NAME,
            format!(
                "{} is reached{way} ({} ms)",
                place.host(),
                start.elapsed().as_millis()
            ),
        ),
        Ok(Err(error)) => Finding::bad(
            NAME,
            format!("{host}:{port} cannot be reached{way}: {error}"),
            hint,
        ),
        Err(_) => Finding::bad(
            NAME,
            format!("{host}:{port} does not take a connection within 5 s{way}"),
            hint,
        ),
    }
}

/// The proxy that the environment sets for this address, and the name of its variable.
fn proxy_for(url: &Url) -> Option<(&'static str, Url)> {
    let set = |name: &str| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.trim().is_empty())
    };
    let exempt = set("NO_PROXY")
        .or_else(|| set("no_proxy"))
        .unwrap_or_default();
    let host = url.host_str()?;
    let is_exempt = exempt.split(',').map(str::trim).any(|entry| {
        let entry = entry.trim_start_matches('.');
        entry == "*"
            || (!entry.is_empty() && (host == entry || host.ends_with(&format!(".{entry}"))))
    });
    if is_exempt {
        return None;
    }
    let names = match url.scheme() {
        "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        _ => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    };
    names.into_iter().find_map(|name| {
        let value = set(name)?;
        let whole = match value.contains("://") {
            true => value,
            false => format!("http://{value}"),
        };
        Some((name, Url::parse(&whole).ok()?))
    })
}

/// An address without its password.
fn shown(url: &Url) -> String {
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!(
        "{}://{}{port}",
        url.scheme(),
        url.host_str().unwrap_or_default()
    )
}

//! HTTP API client of a running JupyterLab.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use anymodel_kernel::notebook::Result;

/// An API client for a server on this machine, with the server's token.
#[derive(Debug, Clone)]
pub struct Api {
    http: reqwest::Client,
    address: String,
    token: String,
}

/// The HTTP client for a server on this machine: without a proxy, and without certificates.
fn client() -> reqwest::Result<reqwest::Client> {
    // The program chooses the cryptography library: ring.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

impl Api {
    /// A client for the server at this port of the loopback.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(port: u16, token: &str) -> Result<Api> {
        let address = format!("http://127.0.0.1:{port}");
        Ok(Api {
            http: client()?,
            address,
            token: token.to_owned(),
        })
    }

    /// The server's address, without the token.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether it answers.
    pub async fn is_up(&self) -> bool {
        self.get("/api/status").await.is_ok()
    }

    /// The names of the kernels that it offers, each with the folder of its files where the server reports it.
    ///
    /// # Errors
    /// When the answer is missing or unexpected.
    pub async fn kernels(&self) -> Result<Vec<String>> {
        let answer = self.get("/api/kernelspecs").await?;
        let specs = answer["kernelspecs"]
            .as_object()
            .context("JupyterLab lists no kernels")?;
        Ok(specs.keys().cloned().collect())
    }

    /// The names of the notebooks in a folder, in order.
    ///
    /// # Errors
    /// When the answer is missing or unexpected.
    pub async fn notebooks(&self, folder: &str) -> Result<Vec<String>> {
        let answer = self.get(&format!("/api/contents/{folder}")).await?;
        let entries = answer["content"]
            .as_array()
            .context("JupyterLab lists no files")?;
        let mut names: Vec<String> = entries
            .iter()
            .filter(|entry| entry["type"] == "notebook")
            .filter_map(|entry| entry["name"].as_str().map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let url = format!("{}{path}", self.address);
        let answer = self
            .http
            .get(&url)
            .header("Authorization", format!("token {}", self.token))
            .timeout(Duration::from_secs(10))
            .send()
            .await?;
        let status = answer.status();
        if !status.is_success() {
            bail!("JupyterLab answers {status} to {path}");
        }
        Ok(answer.json().await?)
    }
}

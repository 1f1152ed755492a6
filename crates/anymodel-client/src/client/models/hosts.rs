//! The hosts of one model at this moment. They are asked for anew each time, because they change within minutes.

use std::time::Duration;

use super::fetch::{get, in_time};
use crate::client::Client;
use anymodel_catalog::model::{HostQuote, Hosts, catalogue, listing::offers, nearest};
use anymodel_providers::{Platform, PlatformError, PlatformResult};
use anymodel_types::{Error, ErrorKind, Result};

impl Client {
    /// The hosts of a model on this client's platform at this moment, with price and speed: measured by the platform over
    /// the last half hour, and asked for anew each time.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// let client = Client::sandbox()?;
    /// let hosts = client.hosts("meta-llama/llama-3.3-70b-instruct").await?;
    /// show(&hosts);
    /// println!("{}", hosts.cheapest().unwrap().provider);
    /// # assert!(hosts.iter().count() > 2 && hosts.lowest_latency().is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::ModelNotFound`](anymodel_types::ErrorKind::ModelNotFound) for a name that the platform does not know,
    /// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest) on a platform that does not list its hosts: only
    /// OpenRouter and the sandbox do. And the failures of any other request.
    pub async fn hosts(&self, model: &str) -> Result<Hosts> {
        let list = asked(self.inner.platforms.home(), model.trim(), self.patience()).await?;
        Ok(Hosts::new(model.trim(), list, self.is_sandbox()))
    }
}

async fn asked(platform: &Platform, model: &str, allowed: Duration) -> Result<Vec<HostQuote>> {
    if !platform.catalogue_names {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("{} does not tell which hosts serve a model", platform.name),
        )
        .with_hint("only OpenRouter does: LLM=openrouter, or LLM=sandbox to try it"));
    }
    let page = async {
        let text = get(platform, address(platform, model)?).await?;
        offers(&text).ok_or_else(|| {
            Box::new(PlatformError::new(
                ErrorKind::BadReply,
                "what came back is no list of hosts",
            ))
        })
    };
    let outcome = in_time(platform, allowed, page).await;
    outcome.map_err(|failure| {
        let about = format!(
            "the hosts of {model:?}: {}: {}",
            failure.kind, failure.message
        );
        let known = catalogue().models().map(|model| model.id.as_str());
        let hint = match (failure.status, nearest(model, 3, known)) {
            (Some(404), near) if !near.is_empty() => format!("did you mean {}?", near.join(", ")),
            _ => format!(
                "check that {} can be reached: `anymodel doctor`",
                platform.base_url
            ),
        };
        Error::new(failure.kind, about)
            .with_hint(hint)
            .with_status(failure.status)
            .with_retry_after(failure.retry_after)
    })
}

fn address(platform: &Platform, model: &str) -> PlatformResult<reqwest::Url> {
    let cannot = |why: String| Box::new(PlatformError::new(ErrorKind::InvalidRequest, why));
    let (author, slug) = model
        .split_once('/')
        .ok_or_else(|| cannot("a name looks like author/model".to_owned()))?;
    let address = format!("{}/models", platform.base_url);
    let mut address =
        reqwest::Url::parse(&address).map_err(|error| cannot(format!("{address}: {error}")))?;
    // Part by part, so that no part of a name leads to another page.
    match address.path_segments_mut() {
        Ok(mut parts) => parts.extend([author, slug, "endpoints"]),
        Err(()) => return Err(cannot(format!("{} is no address", platform.base_url))),
    };
    Ok(address)
}

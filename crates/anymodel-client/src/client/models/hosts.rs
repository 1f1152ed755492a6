//! The hosts of one model at this moment. They are asked for anew each time, because they change within minutes.

use std::time::Duration;

use super::fetch::{get, in_time};
use crate::client::Client;
use anymodel_catalog::model::{HostQuote, Hosts, catalogue, listing::offers, nearest};
use anymodel_providers::{Platform, PlatformError, PlatformResult};
use anymodel_types::{Error, ErrorKind, Result, words};

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
            words::model_lists().does_not_tell_its_hosts(&platform.name),
        )
        .with_hint(words::model_lists().only_openrouter_does()));
    }
    let page = async {
        let text = get(platform, address(platform, model)?).await?;
        offers(&text).ok_or_else(|| {
            Box::new(PlatformError::new(
                ErrorKind::BadReply,
                words::model_lists().what_came_back_is_no_list_of_hosts(),
            ))
        })
    };
    let outcome = in_time(platform, allowed, page).await;
    outcome.map_err(|failure| {
        let about = words::model_lists().hosts_of(
            &format_args!("{model:?}"),
            &failure.kind,
            &failure.message,
        );
        let known = catalogue().models().map(|model| model.id.as_str());
        let hint = match (failure.status, nearest(model, 3, known)) {
            (Some(404), near) if !near.is_empty() => {
                words::model_lists().did_you_mean(&near.join(", "))
            }
            _ => words::model_lists().check_that_it_can_be_reached(&platform.base_url),
        };
        Error::new(failure.kind, about)
            .with_hint(hint)
            .with_status(failure.status)
            .with_retry_after(failure.retry_after)
    })
}

fn address(platform: &Platform, model: &str) -> PlatformResult<reqwest::Url> {
    let cannot = |why: String| Box::new(PlatformError::new(ErrorKind::InvalidRequest, why));
    let (author, slug) = model.split_once('/').ok_or_else(|| {
        cannot(
            words::model_lists()
                .name_looks_like_author_model()
                .to_owned(),
        )
    })?;
    let address = format!("{}/models", platform.base_url);
    let mut address =
        reqwest::Url::parse(&address).map_err(|error| cannot(format!("{address}: {error}")))?;
    // Part by part, so that no part of a name leads to another page.
    match address.path_segments_mut() {
        Ok(mut parts) => parts.extend([author, slug, "endpoints"]),
        Err(()) => {
            return Err(cannot(
                words::model_lists().is_no_address(&platform.base_url),
            ));
        }
    };
    Ok(address)
}

//! Fetches a platform's list of models: one request a page, without retries.

use std::time::{Duration, SystemTime};

use futures_util::StreamExt;

use anymodel_catalog::{
    model::{
        ListOrigin, Models,
        listing::{ListPage, page},
    },
    platform_spec::{Auth, Protocol, find},
};
use anymodel_providers::{Platform, PlatformError, PlatformResult, http::root_cause};
use anymodel_types::{Error, ErrorKind, Result, words};

/// A list of more pages than this is cut off.
const MOST_PAGES: usize = 40;
/// A page of more bytes than this is refused.
const LARGEST_PAGE: usize = 64 * 1024 * 1024;

/// A fetched list, with the pages as the platform sent them.
pub(super) struct Fetched {
    pub models: Models,
    /// The pages as they came.
    pub pages: Vec<String>,
}

/// Asks for all pages within `allowed`.
///
/// # Errors
/// When the platform cannot be reached, refuses, or sends no list.
pub(super) async fn models(
    platform: &Platform,
    lowest_latency_first: bool,
    allowed: Duration,
) -> Result<Fetched> {
    let asked = async {
        let first = address(platform, lowest_latency_first)?;
        all_pages(platform, first).await
    };
    let outcome = in_time(platform, allowed, asked).await;
    outcome.map_err(|failure| explain(*failure, platform))
}

/// The result of `asked` within the time. A failure does not show the key.
pub(super) async fn in_time<T>(
    platform: &Platform,
    allowed: Duration,
    asked: impl Future<Output = PlatformResult<T>>,
) -> PlatformResult<T> {
    let outcome = tokio::time::timeout(allowed, asked).await;
    let late = |_| {
        Err(Box::new(PlatformError::new(
            ErrorKind::Timeout,
            words::model_lists().no_list_came_in_time(),
        )))
    };
    outcome.unwrap_or_else(late).map_err(|mut failure| {
        platform.hide_key(&mut failure);
        failure
    })
}

async fn all_pages(platform: &Platform, first: reqwest::Url) -> PlatformResult<Fetched> {
    let mut pages = Vec::new();
    let mut models = Vec::new();
    let mut next = Some(first);
    while let Some(address) = next.take().filter(|_| pages.len() < MOST_PAGES) {
        let text = get(platform, address.clone()).await?;
        let Some(ListPage {
            models: more,
            next: link,
        }) = page(&text)
        else {
            return Err(Box::new(PlatformError::new(
                ErrorKind::BadReply,
                words::model_lists().what_came_back_is_no_list_of_models(),
            )));
        };
        // The key is sent to the platform alone.
        next = link
            .and_then(|link| address.join(&link).ok())
            .filter(|link| {
                link.origin() == address.origin() && *link != address && !more.is_empty()
            });
        models.extend(more);
        pages.push(text);
    }
    if models.is_empty() {
        return Err(Box::new(PlatformError::new(
            ErrorKind::BadReply,
            words::model_lists().list_of_models_is_empty(),
        )));
    }
    let models = Models::of(models, ListOrigin::Live, &platform.name, SystemTime::now());
    Ok(Fetched { models, pages })
}

/// The address of the list.
fn address(platform: &Platform, lowest_latency_first: bool) -> PlatformResult<reqwest::Url> {
    let preset = find(&platform.name);
    let cannot = |why: String| Box::new(PlatformError::new(ErrorKind::InvalidRequest, why));
    if platform.signer.is_some()
        || preset.is_some_and(|preset| matches!(preset.auth, Auth::Aws | Auth::Google))
    {
        return Err(cannot(
            words::model_lists().lists_its_models_in_no_known_way(&platform.name),
        ));
    }
    let path = match preset.map(|preset| preset.protocol) {
        Some(Protocol::Anthropic) => "v1/models?limit=1000",
        Some(Protocol::Gemini) => "models?pageSize=1000",
        _ if lowest_latency_first && platform.catalogue_names => "models?sort=latency-low-to-high",
        _ => "models",
    };
    let address = format!("{}/{path}", platform.base_url);
    reqwest::Url::parse(&address).map_err(|error| cannot(format!("{address}: {error}")))
}

pub(super) async fn get(platform: &Platform, address: reqwest::Url) -> PlatformResult<String> {
    let lost = |error: reqwest::Error| {
        let message = words::model_lists().connection_broke(&root_cause(&error));
        Box::new(PlatformError::new(ErrorKind::Network, message))
    };
    let headers = platform.adapter.headers(platform.key.as_ref())?;
    let request = platform.http.get(address).headers(headers);
    let response = request.send().await.map_err(lost)?;
    let status = response.status();
    let headers = response.headers().clone();
    let mut bytes = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(lost)?);
        if bytes.len() > LARGEST_PAGE {
            return Err(Box::new(PlatformError::new(
                ErrorKind::BadReply,
                words::model_lists().list_of_models_does_not_end(),
            )));
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if status.is_success() {
        Ok(text)
    } else {
        let mut failure = platform.adapter.failure(status.as_u16(), &headers, &text);
        failure.status = Some(status.as_u16());
        Err(Box::new(failure))
    }
}

fn explain(failure: PlatformError, platform: &Platform) -> Error {
    let hint = match failure.kind {
        ErrorKind::KeyRefused => words::model_lists().copy_the_key_once_more().to_owned(),
        ErrorKind::InvalidRequest => words::model_lists()
            .platforms_own_page_lists_its_models()
            .to_owned(),
        _ => words::model_lists().check_that_it_can_be_reached(&platform.base_url),
    };
    let message = words::model_lists().models_of(&platform.name, &failure.kind, &failure.message);
    Error::new(failure.kind, message)
        .with_hint(hint)
        .with_status(failure.status)
        .with_retry_after(failure.retry_after)
}

//! OpenRouter's generation record of an answer. It is written some time after the answer, so it is polled for.

use std::time::{Duration, Instant};

use crate::spend::Generation;
use anymodel_providers::{Platform, PlatformError, PlatformResult, http::root_cause};
use anymodel_types::{Error, ErrorKind, Result, words};

/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Polls for the generation record of an answer until it is there or the time is over.
pub(crate) async fn generation(
    platform: &Platform,
    id: &str,
    allowed: Duration,
) -> Result<Generation> {
    if !platform.catalogue_names {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            words::calls().keeps_no_record_of_single_answers(&platform.name),
        )
        .with_hint(words::calls().only_openrouter_does()));
    }
    let begun = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        let left = allowed.saturating_sub(begun.elapsed());
        let failure = match tokio::time::timeout(left, request(platform, id)).await {
            Ok(Ok(record)) => return Ok(record),
            Ok(Err(failure)) => failure,
            Err(_) => Box::new(PlatformError::new(
                ErrorKind::Timeout,
                words::calls().no_answer_came_in_time(),
            )),
        };
        // A record that is not written yet is answered with "not found".
        let may_come = failure.status == Some(404) || failure.kind.is_retryable();
        let pause = failure.retry_after.unwrap_or(wait);
        if !may_come || pause >= allowed.saturating_sub(begun.elapsed()) {
            let mut failure = *failure;
            platform.hide_key(&mut failure);
            return Err(explain(failure, platform, id, allowed));
        }
        tokio::time::sleep(pause).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn request(platform: &Platform, id: &str) -> PlatformResult<Generation> {
    let lost = |error: reqwest::Error| {
        let message = words::calls().connection_broke(&root_cause(&error));
        Box::new(PlatformError::new(ErrorKind::Network, message))
    };
    let address = format!("{}/generation", platform.base_url);
    let address = reqwest::Url::parse_with_params(&address, [("id", id)])
        .map_err(|error| PlatformError::new(ErrorKind::Config, format!("{address}: {error}")))?;
    let headers = platform.adapter.headers(platform.key.as_ref())?;
    let response = platform
        .http
        .get(address)
        .headers(headers)
        .send()
        .await
        .map_err(lost)?;
    let status = response.status();
    let headers = response.headers().clone();
    let bytes = response.bytes().await.map_err(lost)?;
    let body = String::from_utf8_lossy(&bytes);
    if !status.is_success() {
        let failure = platform.adapter.failure(status.as_u16(), &headers, &body);
        return Err(Box::new(failure));
    }
    Generation::read(&body).ok_or_else(|| {
        Box::new(PlatformError::new(
            ErrorKind::BadReply,
            words::calls().what_came_back_is_no_record(),
        ))
    })
}

fn explain(failure: PlatformError, platform: &Platform, id: &str, allowed: Duration) -> Error {
    let seconds = allowed.as_secs_f64();
    let (message, hint) = match failure.status {
        Some(404) => (
            words::calls().has_no_record_of_after_s(
                &platform.name,
                &format_args!("{id:?}"),
                &seconds,
            ),
            words::calls().take_the_id_of_a_reply().to_owned(),
        ),
        _ => (
            words::calls().record(&format_args!("{id:?}"), &failure.kind, &failure.message),
            words::calls().check_that_can_be_reached(&platform.base_url),
        ),
    };
    Error::new(failure.kind, message)
        .with_hint(hint)
        .with_status(failure.status)
        .with_retry_after(failure.retry_after)
}

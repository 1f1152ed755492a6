//! Response reader: an HTTP response → a whole answer, its events, or the error.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use reqwest::header::LOCATION;
use reqwest::{Response, Url};

use super::content_sniffer::{BodyKind, ContentSniffer};
use super::event_reader::{Events, text};
use super::{Body, Received, decompress};
use crate::completeness::check_complete;
use crate::surrogates;
use crate::{Adapter, PlatformError, PlatformRequest, PlatformResult};
use anymodel_types::{ErrorKind, words};

/// The most bytes of an error body that are read.
const LONGEST_REFUSAL: usize = 64 * 1024;
/// Timeout for the next bytes of it.
const FOR_MORE_REFUSAL: Duration = Duration::from_secs(1);

/// What a request asked for.
#[derive(Clone, Copy)]
pub(super) struct AskedFor {
    events: bool,
    /// The bytes of the answer, too.
    raw: bool,
}

impl AskedFor {
    pub fn of(ask: &PlatformRequest<'_>) -> Self {
        AskedFor {
            events: ask.stream,
            raw: ask.raw.is_some(),
        }
    }
}

/// Reads a response. It comes boxed, because every step of reading would hold a copy.
pub(super) async fn receive(
    response: Box<Response>,
    adapter: &Arc<dyn Adapter>,
    asked: AskedFor,
) -> PlatformResult<Received> {
    let status = response.status().as_u16();
    let with_status = |failure: Box<PlatformError>| {
        Box::new(PlatformError {
            status: Some(status),
            ..*failure
        })
    };
    if !response.status().is_success() {
        return Err(Box::pin(refusal(*response, &**adapter)).await);
    }
    let mut opening = ContentSniffer::new(adapter.framing(), response.headers(), asked.events);
    opening.is_exact = asked.raw;
    let events = |opening, body| Received {
        status,
        body: Body::Events(Box::new(Events::new(Arc::clone(adapter), opening, body))),
    };
    if asked.events || opening.declares_events() {
        opening.is_exact &= asked.events;
        let body = decompress::body(*response).map_err(with_status)?;
        return Ok(events(opening, body));
    }
    let mut response = response;
    let read = decompress::whole(&mut response, |bytes| opening.add(bytes));
    read.await.map_err(with_status)?;
    if opening.look(true) == BodyKind::Events {
        opening.is_exact = false;
        return Ok(events(opening, stream::empty().boxed()));
    }
    let answer = adapter.answer(&text(opening.all()));
    let mut answer = answer.and_then(check_complete).map_err(with_status)?;
    if asked.raw {
        answer.raw = Some(opening.bytes.into());
    }
    Ok(Received {
        status,
        body: Body::Whole(Box::new(answer)),
    })
}

/// Reads an error response, while its headers are available.
async fn refusal(response: Response, adapter: &dyn Adapter) -> Box<PlatformError> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    if let Some(failure) = redirected(&response) {
        return Box::new(failure);
    }
    let mut read = Vec::new();
    // The status remains when a body cannot be decompressed.
    let body = decompress::body(response);
    let mut body = body.unwrap_or_else(|_| stream::empty().boxed());
    // The status of an error response that breaks off or stalls is still known, so the received part is used.
    while let Ok(Some(Ok(bytes))) = tokio::time::timeout(FOR_MORE_REFUSAL, body.next()).await {
        read.extend_from_slice(&bytes);
        if read.len() >= LONGEST_REFUSAL {
            break;
        }
    }
    let failure = adapter.failure(status, &headers, &surrogates::repair(&text(&read)));
    Box::new(PlatformError {
        status: Some(status),
        ..failure
    })
}

/// A redirect is not followed: it would send the key to an address that was not configured.
fn redirected(response: &Response) -> Option<PlatformError> {
    if !response.status().is_redirection() {
        return None;
    }
    let place = response.headers().get(LOCATION)?;
    let place = String::from_utf8_lossy(place.as_bytes());
    let place = match response.url().join(&place) {
        Ok(url) => shown(url),
        Err(_) => words::connections().another_address().to_owned(),
    };
    let status = response.status().as_u16();
    Some(PlatformError {
        status: Some(status),
        may_retry: Some(false),
        ..PlatformError::new(
            ErrorKind::Server,
            words::connections().server_sends_on(&place),
        )
    })
}

/// A URL without the parts that may be secret.
fn shown(mut url: Url) -> String {
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

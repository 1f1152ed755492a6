//! The way of a request to a model, the same for every route: identify, admit, read, resolve, reserve, ask, relay, settle.
//!
//! - [`protocol`]: what a route speaks: how its body is read, how its answers and errors are written
//! - [`embeddings`]: what a request for embeddings holds
//! - [`resolve`]: the names that the caller gave → the target of the client's call
//! - [`reserve`]: money set aside before the call, and the longest answer that it pays for
//! - [`record`]: the one record of a request, written whatever way it ends
//! - [`relay`]: the streamed answer on its way to the caller

mod embeddings;
mod protocol;
mod record;
mod relay;
mod reserve;
mod resolve;

use anymodel_client::{Chat, RawRequest};
use anymodel_types::{Error, Language, Reply};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use serde_json::{Map, Value};

pub(crate) use protocol::Protocol;
use record::CallRecord;

use crate::model::Outcome;
use crate::refusal::Refusal;
use crate::request_head::{key_of, language, request_id};
use crate::state::{Gateway, Holder};

/// The routes to models, each with its own protocol.
pub const MODEL_ROUTES: [&str; Protocol::ALL.len()] = {
    let mut routes = [""; Protocol::ALL.len()];
    let mut at = 0;
    while at < routes.len() {
        routes[at] = Protocol::ALL[at].route();
        at += 1;
    }
    routes
};

/// Fields by which a platform would ask other models by itself: also those that the holder may not ask. The gateway has made
/// its own chain of them.
const CHAIN_FIELDS: [&str; 3] = ["models", "route", "fallbacks"];

/// Answers a request to a model.
pub(crate) async fn answer(gateway: Gateway, protocol: Protocol, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (id, language) = (request_id(&parts.headers), language(&parts.headers));
    let refused = |refusal: &Refusal| refusal.response(protocol.errors(), language, &id);
    let holder = match gateway.identify(key_of(&parts.headers)) {
        Ok(holder) => holder,
        Err(refusal) => return refused(&refusal),
    };
    let mut record = CallRecord::begin(&gateway, &holder, protocol, &id);
    match admitted(
        &gateway,
        protocol,
        &holder,
        &mut record,
        body,
        &parts.headers,
    )
    .await
    {
        Ok(asked) => send(asked, record).await,
        Err(refusal) => {
            record.refuse(&refusal).await;
            refused(&refusal)
        }
    }
}

/// A request that may be sent.
struct Admitted {
    protocol: Protocol,
    chat: Chat,
    /// Whether the caller wants the usage at the end of a stream.
    include_usage: bool,
    stream: bool,
    language: Language,
    /// The fields that an answer repeats.
    echo: Map<String, Value>,
}

async fn admitted(
    gateway: &Gateway,
    protocol: Protocol,
    holder: &Holder,
    record: &mut CallRecord,
    body: Body,
    headers: &HeaderMap,
) -> Result<Admitted, Refusal> {
    gateway.note_use(&holder.key.id);
    if gateway.is_draining() {
        return Err(Refusal::Draining);
    }
    gateway.may_ask_now(holder)?;
    let owners = holder.owners();
    gateway
        .rates
        .request(&owners)
        .map_err(Refusal::RateLimited)?;
    let body = read_body(gateway, body).await?;
    let decoded = protocol.read(&body)?;
    record.asked_for(&decoded);
    let target = resolve::target(gateway, holder, &decoded, headers)?;
    let chat = gateway.client.chat(target).request(decoded.request);
    let slot = gateway.rates.enter(&owners).map_err(Refusal::RateLimited)?;
    record.keep(slot);
    let raw = RawRequest::new(protocol.raw_api(), body)
        .and_then(|raw| raw.without(&CHAIN_FIELDS))
        .map_err(|error| Refusal::of_error(&error))?
        .headers(headers)
        .translated(protocol != Protocol::Embeddings);
    let chat = reserve::reserve(gateway, holder, record, protocol, chat.raw(raw)).await?;
    Ok(Admitted {
        protocol,
        chat,
        include_usage: decoded.include_usage,
        stream: decoded.stream,
        echo: decoded.echo,
        language: language(headers),
    })
}

async fn read_body(gateway: &Gateway, body: Body) -> Result<Bytes, Refusal> {
    let megabytes = gateway.settings.max_body_mb;
    let most = usize::try_from(megabytes)
        .unwrap_or(usize::MAX)
        .saturating_mul(1 << 20);
    to_bytes(body, most).await.map_err(|error| {
        let text = error.to_string();
        match text.contains("length limit") {
            true => Refusal::TooLarge(megabytes),
            false => Refusal::Invalid(format!("The body did not come whole: {text}"), None),
        }
    })
}

async fn send(asked: Admitted, mut record: CallRecord) -> Response {
    if asked.stream {
        return relay::stream(asked, record).await;
    }
    record.sent(false);
    match asked.chat.send().await {
        Ok(reply) => {
            record.answered(&reply);
            record.finish(Outcome::Ok, 200, None).await;
            let left = record.left().await;
            let mut response = whole(asked.protocol, reply, record.id(), &asked.echo);
            record.describe(&mut response, left);
            response
        }
        Err(error) => failed(asked.protocol, asked.language, &mut record, &error).await,
    }
}

/// The response to a call in which no model answered.
async fn failed(
    protocol: Protocol,
    language: Language,
    record: &mut CallRecord,
    error: &Error,
) -> Response {
    let refusal = Refusal::of_error(error);
    record.failed(error);
    record
        .finish(Outcome::Failed, refusal.status(), Some(refusal.code()))
        .await;
    let mut response = refusal.response(protocol.errors(), language, record.id());
    record.describe(&mut response, None);
    response
}

/// A whole answer: the platform's own bytes where they were passed through, else its translation.
fn whole(protocol: Protocol, mut reply: Reply, id: &str, echo: &Map<String, Value>) -> Response {
    let body = match reply.raw.take() {
        Some(raw) => Body::from(Bytes::from(raw)),
        None => Body::from(protocol.answer(&reply, id, echo).to_string()),
    };
    let mut response = Response::new(body);
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}

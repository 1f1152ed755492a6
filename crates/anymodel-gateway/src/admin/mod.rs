//! Admin API: keys, groups, the call log, sums and the audit log, for the holder of the administrator's token.

pub(crate) mod groups;
pub(crate) mod key_operations;
mod keys;
pub(crate) mod lists;

use std::future::Future;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) use key_operations::described;
pub(crate) use lists::csv_cell;

use crate::refusal::{ErrorFormat, Refusal};
use crate::request_head::{key_of, language, request_id};
use crate::state::Gateway;
use crate::store::AuditRow;

/// The routes below `/api`.
pub(crate) fn routes(gateway: &Gateway) -> Router<Gateway> {
    Router::new()
        .route("/api/keys", post(keys::create).get(keys::list))
        .route("/api/keys/batch", post(keys::create_many))
        .route(
            "/api/keys/{id}",
            get(keys::show).patch(keys::change).delete(keys::delete),
        )
        .route("/api/keys/{id}/rotate", post(keys::rotate))
        .route("/api/groups", post(groups::create).get(groups::list))
        .route(
            "/api/groups/{id}",
            get(groups::show)
                .patch(groups::change)
                .delete(groups::delete),
        )
        .route("/api/calls", get(lists::calls))
        .route("/api/spend", get(lists::spend))
        .route("/api/audit", get(lists::audit))
        .route_layer(from_fn_with_state(gateway.clone(), only_the_administrator))
}

/// Lets only the administrator's token through.
async fn only_the_administrator(
    State(gateway): State<Gateway>,
    request: Request,
    next: Next,
) -> Response {
    if gateway.is_admin(key_of(request.headers())) {
        return next.run(request).await;
    }
    let headers = request.headers();
    Refusal::AdminToken.response(ErrorFormat::OpenAi, language(headers), &request_id(headers))
}

/// The answer of an admin route: a JSON body, or a refusal in the caller's language.
pub(crate) struct Answer(pub Result<(StatusCode, Value), Refusal>);

impl Answer {
    /// With status 200.
    pub fn ok(value: impl Serialize) -> Answer {
        Answer(Ok((
            StatusCode::OK,
            serde_json::to_value(value).unwrap_or(Value::Null),
        )))
    }

    /// With status 200, or the refusal.
    pub fn of(result: Result<Value, Refusal>) -> Answer {
        Answer(result.map(|value| (StatusCode::OK, value)))
    }

    /// The response, for a caller with these headers.
    pub fn response(self, headers: &axum::http::HeaderMap) -> Response {
        match self.0 {
            Ok((status, body)) => {
                let mut response = Response::new(Body::from(body.to_string()));
                *response.status_mut() = status;
                let kind = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                response
            }
            Err(refusal) => {
                refusal.response(ErrorFormat::OpenAi, language(headers), &request_id(headers))
            }
        }
    }
}

/// The parameters of a query. A wrong one is a refusal in the caller's language.
pub(crate) struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(params)| Params(params))
            .map_err(|error| {
                let refusal = Refusal::Invalid(error.body_text(), None);
                refusal.response(
                    ErrorFormat::OpenAi,
                    language(&parts.headers),
                    &request_id(&parts.headers),
                )
            })
    }
}

/// Reads a JSON body.
///
/// # Errors
/// [`Refusal::Invalid`] with the reason and the field.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::Invalid(format!("The body cannot be read: {error}"), None))
}

/// A list as the admin API answers it.
pub(crate) fn list(rows: impl Serialize, next: Option<impl Serialize>) -> Value {
    json!({ "object": "list", "data": rows, "next": next })
}

/// A row of the audit log for a change that is made now.
pub(crate) fn audit_row(
    gateway: &Gateway,
    action: &str,
    object: &str,
    before: Value,
    after: Value,
) -> AuditRow {
    AuditRow {
        at: gateway.now(),
        who: "admin".to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        before,
        after,
    }
}

/// How often a change is made anew because another came in between.
const TRIES: usize = 8;

/// Makes a change from what stands there now; anew when another change came in between.
///
/// # Errors
/// [`Refusal::Stale`] when others do not stop, and those of the change.
pub(crate) async fn anew<T, F: Future<Output = Result<T, Refusal>>>(
    gateway: &Gateway,
    act: impl Fn() -> F,
) -> Result<T, Refusal> {
    for _ in 1..TRIES {
        match act().await {
            Err(Refusal::Stale) => gateway.refresh().await.map_err(|_| Refusal::StoreFailed)?,
            other => return other,
        }
    }
    act().await
}

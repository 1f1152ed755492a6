//! Console: the administrator's pages. They are rendered here, work without scripts, and make changes as the admin API does.
//!
//! - `sessions`: sign-in, its cookie, and the pause after wrong tokens
//! - `visit`: what each page knows of its request; the frame of the pages; forms
//! - `now`, `keys`, `key_forms`, `calls`, `spend`: the pages; `key_state`: what several of them tell of a key
//! - `words`: every text, in English and Chinese

mod calls;
mod key_forms;
mod key_state;
mod keys;
mod now;
mod sessions;
mod spend;
mod visit;
mod words;

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use maud::html;

use crate::pages;
use crate::state::Gateway;
use sessions::{Session, Sessions, SignIn};
use visit::{Form, Visit, language, notice, redirect, remember_language};
use words::Words;

/// The largest form, in bytes.
const LARGEST_FORM: usize = 1 << 20;

/// The routes of the console.
pub(crate) fn routes() -> Router<Gateway> {
    let sessions = Sessions::new();
    let inside = Router::new()
        .route("/", get(now::show))
        .route("/pause", post(now::pause))
        .route("/keys", get(keys::show))
        .route("/keys/batch", post(keys::create))
        .route("/keys/{id}", get(key_forms::show).post(key_forms::change))
        .route("/keys/{id}/rotate", post(key_forms::rotate))
        .route(
            "/keys/{id}/delete",
            get(key_forms::ask_to_delete).post(key_forms::delete),
        )
        .route("/calls", get(calls::show))
        .route("/spend", get(spend::show))
        .route("/spend.csv", get(spend::csv))
        .route("/sign-out", post(sign_out))
        .route_layer(from_fn_with_state(Arc::clone(&sessions), signed_in));
    Router::new()
        .route("/sign-in", get(ask_for_token).post(sign_in))
        .merge(inside)
        .layer(Extension(sessions))
}

/// Lets only a signed-in administrator through, and of forms only those that were made for the session.
async fn signed_in(
    State(sessions): State<Arc<Sessions>>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(session) = sessions.find(&parts.headers) else {
        let next = match parts.method {
            Method::GET => parts.uri.path(),
            _ => "/",
        };
        return redirect(&format!("/sign-in?next={next}"));
    };
    let visit = Visit::new(session, &parts.uri, &parts.headers);
    if parts.method == Method::POST {
        let form = match read_form(body).await {
            Some(form) => form,
            None => return visit.failed(StatusCode::BAD_REQUEST, visit.words.form_too_large()),
        };
        if !visit.session.made(form.get("csrf")) {
            return visit.old_form();
        }
        parts.extensions.insert(form);
    }
    parts.extensions.insert(visit);
    let uri = parts.uri.clone();
    let mut response = next.run(Request::from_parts(parts, Body::empty())).await;
    remember_language(&uri, &mut response);
    response
}

async fn read_form(body: Body) -> Option<Form> {
    let body = to_bytes(body, LARGEST_FORM).await.ok()?;
    Some(Form::read(&body))
}

/// The page that asks for the token.
async fn ask_for_token(uri: Uri, headers: HeaderMap) -> Response {
    let query = Form::read(uri.query().unwrap_or_default().as_bytes());
    let words = Words(language(&uri, &headers));
    let message = match query.get("signed-out") {
        "" => None,
        _ => Some(words.signed_out()),
    };
    let mut response = sign_in_page(StatusCode::OK, words, message, query.get("next"));
    remember_language(&uri, &mut response);
    response
}

fn sign_in_page(status: StatusCode, words: Words, message: Option<&str>, next: &str) -> Response {
    let body = html! {
        h1 { (words.sign_in()) }
        @if let Some(message) = message { (notice(status, message)) }
        form.card method="post" action="/sign-in" {
            label for="token" { (words.admin_token()) }
            input #token type="password" name="token" autocomplete="current-password" required autofocus aria-describedby="token-hint";
            p.hint #token-hint { (words.admin_token_hint()) }
            input type="hidden" name="next" value=(next);
            button { (words.sign_in()) }
        }
    };
    pages::page_with_status(status, words.0, words.sign_in(), body)
}

/// Begins a session for the administrator's token.
async fn sign_in(
    State(gateway): State<Gateway>,
    Extension(sessions): Extension<Arc<Sessions>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let words = Words(language(&parts.uri, &parts.headers));
    let form = read_form(body).await.unwrap_or_default();
    let proto = parts.headers.get("x-forwarded-proto");
    let is_https = proto.is_some_and(|proto| proto == "https");
    let token = form.get("token").to_owned();
    match sessions.sign_in(gateway, token, is_https).await {
        SignIn::Cookie(cookie) => {
            let mut response = redirect(own_path(form.get("next")));
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        SignIn::WrongToken => sign_in_page(
            StatusCode::UNAUTHORIZED,
            words,
            Some(words.token_wrong()),
            form.get("next"),
        ),
        SignIn::TooMany => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let text = words.too_many_tries();
            let mut response = sign_in_page(status, words, Some(text), form.get("next"));
            let wait = HeaderValue::from_static("60");
            response.headers_mut().insert(header::RETRY_AFTER, wait);
            response
        }
    }
}

/// Where a sign-in leads: a page of the console, and never another site.
fn own_path(next: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    match next.starts_with('/') && !next.starts_with("//") && next.chars().all(plain) {
        true => next,
        false => "/",
    }
}

/// Ends the session.
async fn sign_out(
    Extension(sessions): Extension<Arc<Sessions>>,
    Extension(visit): Extension<Visit>,
) -> Response {
    let session: &Session = &visit.session;
    let mut response = redirect("/sign-in?signed-out=1");
    let cookie = sessions.end(session);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn a_sign_in_leads_to_no_other_site() {
        assert_eq!(own_path("/keys"), "/keys");
        for other in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
        ] {
            assert_eq!(own_path(other), "/", "{other}");
        }
    }
}

//! The page for the holder of a key: what is left, when windows begin anew, the last calls and why some were refused.
//!
//! - [`view`]: the HTML
//! - [`words`]: its texts, and every reason of a refusal in plain words
//!
//! The key is typed once and kept in a cookie that scripts cannot read, that other sites' requests do not carry, and that
//! ends with the browser's session. Forms that come from another site are refused.

mod view;
mod words;

use anymodel_types::Language;
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::model::{Call, Window};
use crate::money::Usd;
use crate::pages;
use crate::refusal::Refusal;
use crate::request_head::{cookies, key_of};
use crate::state::{Gateway, Holder};
use crate::store::{Balance, BudgetAccount, CallFilter};

/// The cookie that keeps the key.
const COOKIE: &str = "anymodel_key";
/// How many calls are listed.
const CALLS: usize = 20;

/// The routes.
pub(crate) fn routes() -> Router<Gateway> {
    let script = async || {
        pages::asset(
            "text/javascript; charset=utf-8",
            include_str!("../assets/me.js"),
        )
    };
    Router::new()
        .route("/me", get(show).post(sign_in))
        .route("/me/sign-out", post(sign_out))
        .route("/assets/me.js", get(script))
}

/// What the page shows of a holder.
struct Overview {
    holder: Holder,
    accounts: Vec<(BudgetAccount, Usd, Balance)>,
    calls: Vec<Call>,
}

/// The page, or the form that asks for the key.
async fn show(State(gateway): State<Gateway>, uri: Uri, headers: HeaderMap) -> Response {
    let language = pages::language(uri.query(), &headers);
    let Some(key) = key_of(&headers).or_else(|| cookie(&headers)) else {
        return view::form(StatusCode::OK, language, None);
    };
    let found = async {
        let holder = gateway.identify(Some(key))?;
        overview(&gateway, holder).await
    };
    match found.await {
        Ok(overview) => view::overview(&gateway, language, &overview),
        Err(refusal) => refused(language, &refusal),
    }
}

async fn overview(gateway: &Gateway, holder: Holder) -> Result<Overview, Refusal> {
    let accounts = gateway.accounts(&holder);
    let balances = match accounts.is_empty() {
        true => Vec::new(),
        false => {
            let named = accounts.iter().map(|(account, _)| account.clone());
            let read = gateway.store.balances(named.collect()).await;
            read.map_err(|_| Refusal::StoreFailed)?
        }
    };
    let filter = CallFilter {
        key: Some(holder.key.id.clone()),
        limit: CALLS,
        ..CallFilter::default()
    };
    let calls = gateway.store.calls(filter).await;
    let accounts = accounts.into_iter().zip(balances);
    Ok(Overview {
        accounts: accounts
            .map(|((account, limit), balance)| (account, limit, balance))
            .collect(),
        calls: calls.map_err(|_| Refusal::StoreFailed)?.rows,
        holder,
    })
}

#[derive(Deserialize)]
struct KeyForm {
    #[serde(default)]
    key: String,
}

/// Keeps the key that was typed.
async fn sign_in(
    State(gateway): State<Gateway>,
    uri: Uri,
    headers: HeaderMap,
    form: Result<Form<KeyForm>, FormRejection>,
) -> Response {
    let language = pages::language(uri.query(), &headers);
    if !is_own_form(&gateway, &headers) {
        return view::foreign_form(language);
    }
    let typed = form.map(|Form(form)| form.key).unwrap_or_default();
    let key = typed.trim();
    match gateway.identify(Some(key)) {
        Ok(_) => back(&gateway, &uri, key, None),
        Err(refusal) => refused(language, &refusal),
    }
}

/// Forgets the key.
async fn sign_out(State(gateway): State<Gateway>, uri: Uri, headers: HeaderMap) -> Response {
    if !is_own_form(&gateway, &headers) {
        return view::foreign_form(pages::language(uri.query(), &headers));
    }
    back(&gateway, &uri, "", Some(0))
}

fn is_own_form(gateway: &Gateway, headers: &HeaderMap) -> bool {
    pages::is_same_origin(headers, gateway.settings.public_url.as_deref())
}

/// The form again, with what was wrong.
fn refused(language: Language, refusal: &Refusal) -> Response {
    let status =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    view::form(status, language, Some(&refusal.text(language)))
}

/// Leads the browser to the page, in the same language, with this key in its cookie.
fn back(gateway: &Gateway, uri: &Uri, key: &str, max_age: Option<u32>) -> Response {
    let page = match uri.query().and_then(pages::named_language) {
        Some(language) => format!("/me?lang={}", language.code()),
        None => "/me".to_owned(),
    };
    let url = gateway.settings.public_url.as_deref().unwrap_or_default();
    let secure = if url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let age = max_age.map_or_else(String::new, |age| format!("; Max-Age={age}"));
    let cookie = format!("{COOKIE}={key}; HttpOnly; SameSite=Strict; Path=/me{age}{secure}");
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    for (name, value) in [(header::LOCATION, page), (header::SET_COOKIE, cookie)] {
        if let Ok(mut value) = HeaderValue::try_from(value) {
            value.set_sensitive(name == header::SET_COOKIE);
            headers.insert(name, value);
        }
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The key in the cookie.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookies(headers, COOKIE).find(|key| !key.is_empty())
}

/// When the window of an account begins anew; `None` for the budget of the term.
fn resets_at(gateway: &Gateway, window: Window) -> Option<jiff::Timestamp> {
    gateway.calendar.resets_at(window, gateway.now())
}

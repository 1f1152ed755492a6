//! Pages: the frame of every HTML page, its headers, its language, and the files that it loads.
//!
//! A page loads nothing but the gateway's own files: the content security policy forbids all else, inline scripts and
//! styles too.

use anymodel_types::Language;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use maud::{DOCTYPE, Markup, html};

use crate::request_head;
use crate::state::Gateway;

/// The stylesheet of all pages.
const STYLESHEET: &str = include_str!("assets/gateway.css");

/// What a page may load and where its forms may go.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The routes of the files that pages load.
pub(crate) fn assets() -> Router<Gateway> {
    Router::new().route(
        "/assets/gateway.css",
        get(async || asset("text/css; charset=utf-8", STYLESHEET)),
    )
}

/// A file that pages load.
pub(crate) fn asset(kind: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // A new version of the gateway has new files at the same paths.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    protect(headers);
    response
}

/// A page with status 200 in the frame of all pages. The body begins with its one `h1`.
pub(crate) fn page(language: Language, title: &str, body: Markup) -> Response {
    page_with_status(StatusCode::OK, language, title, body)
}

/// The same with another status.
pub(crate) fn page_with_status(
    status: StatusCode,
    language: Language,
    title: &str,
    body: Markup,
) -> Response {
    let style = html! { link rel="stylesheet" href="/assets/gateway.css"; };
    let other = match language {
        Language::English => html! { a href="?lang=zh" lang="zh" hreflang="zh" { "中文" } },
        Language::Chinese => html! { a href="?lang=en" lang="en" hreflang="en" { "English" } },
    };
    let framed = html! {
        header.bar { span.brand { "anymodel" } (other) }
        main { (body) }
    };
    let text = document(language, title, style, framed).into_string();
    html_response(status, text, HeaderValue::from_static(POLICY))
}

/// A whole document. `style` is the element that brings its stylesheet.
pub(crate) fn document(language: Language, title: &str, style: Markup, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · anymodel" }
                link rel="icon" href="data:,";
                (style)
            }
            body { (body) }
        }
    }
}

/// The response of an HTML document with this content security policy. It is kept in no cache.
pub(crate) fn html_response(status: StatusCode, text: String, policy: HeaderValue) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("accept-language, cookie"),
    );
    protect(headers);
    response
}

fn protect(headers: &mut HeaderMap) {
    let protections = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Under `no-referrer` a browser would send the forms of these pages with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in protections {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The language of a page: `lang` of the query (`en` or `zh`), else what the header `accept-language` says.
pub(crate) fn language(query: Option<&str>, headers: &HeaderMap) -> Language {
    let named = query.and_then(named_language);
    named.unwrap_or_else(|| request_head::language(headers))
}

/// The language that a query names: `lang=en` or `lang=zh`.
pub(crate) fn named_language(query: &str) -> Option<Language> {
    let code = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="))?;
    Language::ALL
        .into_iter()
        .find(|language| language.code() == code)
}

/// Whether a form was sent by a page of this gateway, and not by another site.
///
/// A browser says so in `Sec-Fetch-Site`, or in `Origin` where the connection is not trusted. A request with neither comes
/// from no browser, so no other site can have made it with its user's cookie.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    let Some(origin) = text(header::ORIGIN) else {
        return true;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    let is_public = public_url.is_some_and(|url| url.trim_end_matches('/') == origin);
    is_public || (host.is_some() && host == text(header::HOST))
}

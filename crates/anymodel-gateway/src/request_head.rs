//! Request head: who asks, in which language, for which request id, by which path.

use anymodel_types::Language;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderMap, HeaderName, header};

use crate::refusal::language_of;
use crate::secret::random_hex;

/// The headers that may carry a key, beside `Authorization`.
const KEY_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];
/// The header of the request id.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest request id that is kept.
const LONGEST_ID: usize = 128;

/// The key of a request: in `Authorization: Bearer`, `x-api-key`, `api-key` or `x-goog-api-key`.
pub(crate) fn key_of(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    });
    let named = || {
        KEY_HEADERS
            .iter()
            .find_map(|name| headers.get(name)?.to_str().ok())
    };
    bearer.or_else(named)
}

/// The values of the cookies of this name, in order.
pub(crate) fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let texts = headers.get_all(header::COOKIE).into_iter();
    let pairs = texts
        .filter_map(|text| text.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.filter_map(move |(found, value)| (found == name).then_some(value))
}

/// The language that the caller reads.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    language_of(
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok()),
    )
}

/// The request id: the caller's own if it is short and plain, else a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> String {
    let sent = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        let usual = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(usual)
    };
    match sent.filter(plain) {
        Some(id) => id.to_owned(),
        None => format!("req_{}", random_hex(12).unwrap_or_default()),
    }
}

/// The same URI with the path in its usual form: `/x`, `/v1/v1/x`, `/api/v1/x`, doubled and trailing slashes mean `/v1/x`.
pub(crate) fn usual_path(uri: &Uri) -> Uri {
    const DOORS: [&str; 7] = [
        "chat",
        "completions",
        "responses",
        "messages",
        "embeddings",
        "models",
        "key",
    ];
    let mut parts: Vec<&str> = uri
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    if parts.starts_with(&["api", "v1"]) {
        parts.remove(0);
    }
    while parts.starts_with(&["v1", "v1"]) {
        parts.remove(0);
    }
    if parts.first().is_some_and(|first| DOORS.contains(first)) {
        parts.insert(0, "v1");
    }
    let mut path = format!("/{}", parts.join("/"));
    if let Some(query) = uri.query() {
        path = format!("{path}?{query}");
    }
    let mut changed = uri.clone().into_parts();
    match path.parse::<PathAndQuery>() {
        Ok(path) => changed.path_and_query = Some(path),
        Err(_) => return uri.clone(),
    }
    Uri::from_parts(changed).unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_base_url_reaches_the_same_route() {
        for path in [
            "/v1/chat/completions",
            "/chat/completions",
            "/v1/v1/chat/completions",
            "/api/v1/chat/completions",
            "//v1//chat/completions/",
            "/v1/chat/completions/",
        ] {
            assert_eq!(
                usual_path(&path.parse().unwrap()).path(),
                "/v1/chat/completions",
                "{path}"
            );
        }
        assert_eq!(
            usual_path(&"/api/keys?limit=2".parse().unwrap()),
            "/api/keys?limit=2"
        );
        assert_eq!(
            usual_path(&"/models/openai/gpt-4o".parse().unwrap()).path(),
            "/v1/models/openai/gpt-4o"
        );
    }

    #[test]
    fn a_request_id_that_could_forge_a_log_line_is_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, "abc-1".parse().unwrap());
        assert_eq!(request_id(&headers), "abc-1");
        headers.insert(REQUEST_ID, "a b\"c".parse().unwrap());
        assert!(request_id(&headers).starts_with("req_"));
    }
}

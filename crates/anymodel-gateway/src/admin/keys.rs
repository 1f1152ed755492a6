//! Keys in the admin API: made one by one or from a list of names, shown, changed, rotated, deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::key_operations::{self, described, find, make};
use super::{Answer, Params, list as json_list, read};
use crate::model::Key;
use crate::refusal::Refusal;
use crate::state::Gateway;
use crate::{cards, pages};

/// Rows of a page where the caller names no number.
const PAGE: usize = 100;

#[derive(Deserialize)]
struct NewKeyRequest {
    name: String,
    group: Option<String>,
    #[serde(flatten)]
    limits: Map<String, Value>,
}

#[derive(Deserialize)]
struct NewKeysRequest {
    names: Vec<String>,
    group: Option<String>,
    #[serde(flatten)]
    limits: Map<String, Value>,
}

/// Makes a key.
pub(super) async fn create(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let made = async {
        let wanted: NewKeyRequest = read(&body)?;
        let mut made = make(&gateway, vec![wanted.name], wanted.group, wanted.limits).await?;
        Ok((StatusCode::CREATED, made.pop().unwrap_or_default()))
    };
    Answer(made.await).response(&headers)
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BatchFormat {
    #[default]
    Json,
    Csv,
    Html,
}

#[derive(Deserialize)]
pub(super) struct BatchQuery {
    #[serde(default)]
    format: BatchFormat,
}

/// Makes a key for each name of a list, in its order, and answers JSON, CSV or a page of cards to print.
pub(super) async fn create_many(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    query: Result<Query<BatchQuery>, QueryRejection>,
    uri: Uri,
    body: Bytes,
) -> Response {
    let made = async {
        // Whatever can be wrong is found before keys are made: their secrets are shown in this answer alone.
        let Query(query) = query.map_err(|_| {
            let message = "`format` is one of `json`, `csv` and `html`.".to_owned();
            Refusal::Invalid(message, Some("format".to_owned()))
        })?;
        let address = match query.format {
            BatchFormat::Json => String::new(),
            _ => cards::address(&gateway.settings, &headers)?,
        };
        let wanted: NewKeysRequest = read(&body)?;
        let made = make(&gateway, wanted.names, wanted.group, wanted.limits).await?;
        Ok((query.format, address, made))
    };
    match made.await {
        Ok((BatchFormat::Csv, address, made)) => cards::csv(&address, &made),
        Ok((BatchFormat::Html, address, made)) => {
            let language = pages::language(uri.query(), &headers);
            cards::page(&gateway, language, &address, &made)
        }
        Ok((BatchFormat::Json, _, made)) => {
            Answer(Ok((StatusCode::CREATED, json_list(made, None::<()>)))).response(&headers)
        }
        Err(refusal) => Answer(Err(refusal)).response(&headers),
    }
}

#[derive(Deserialize)]
pub(super) struct PageQuery {
    limit: Option<usize>,
    after: Option<String>,
    group: Option<String>,
}

/// Lists keys by name.
pub(super) async fn list(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Params(page): Params<PageQuery>,
) -> Response {
    let found = async {
        let directory = gateway.directory();
        let ordered: BTreeMap<&String, &Arc<Key>> = directory.keys.iter().collect();
        let after = page.after.unwrap_or_default();
        let wanted = ordered
            .into_values()
            .filter(|key| page.group.is_none() || key.group == page.group);
        let mut wanted = wanted.filter(|key| key.id > after);
        let limit = page.limit.unwrap_or(PAGE).clamp(1, 1000);
        let mut rows = Vec::new();
        for key in wanted.by_ref().take(limit) {
            rows.push(described(&gateway, key, true).await?);
        }
        let last = rows
            .last()
            .and_then(|row| row["id"].as_str())
            .map(str::to_owned);
        let next = wanted.next().and(last);
        Ok((StatusCode::OK, json_list(rows, next)))
    };
    Answer(found.await).response(&headers)
}

/// Shows one key.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        let key = find(&gateway, &id)?;
        Ok((StatusCode::OK, described(&gateway, &key, true).await?))
    };
    Answer(found.await).response(&headers)
}

/// Changes the fields that are named: `null` takes a limit away.
pub(super) async fn change(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let changed = async { key_operations::change(&gateway, &id, &read(&body)?).await };
    Answer::of(changed.await).response(&headers)
}

/// Deletes a key.
pub(super) async fn delete(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    Answer::of(key_operations::delete(&gateway, &id).await).response(&headers)
}

/// Gives a key a new secret.
pub(super) async fn rotate(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    Answer::of(key_operations::rotate(&gateway, &id).await).response(&headers)
}

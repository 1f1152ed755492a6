//! The list of models: those that the holder may ask, in OpenAI's shape, or in Anthropic's for its clients.

use anymodel_catalog::model::{Model, catalogue};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::admin::Answer;
use crate::refusal::Refusal;
use crate::request_head::key_of;
use crate::state::{Gateway, Holder};

/// Lists the models.
pub(crate) async fn list(State(gateway): State<Gateway>, headers: HeaderMap) -> Response {
    let listed = async {
        let holder = gateway.identify(key_of(&headers))?;
        let models = models(&gateway, &holder).await?;
        let is_anthropic = headers.contains_key("anthropic-version");
        let rows: Vec<Value> = models
            .iter()
            .map(|model| row(model, is_anthropic))
            .collect();
        let body = match is_anthropic {
            false => json!({ "object": "list", "data": rows }),
            true => {
                let id = |row: Option<&Value>| row.map(|row| row["id"].clone());
                json!({ "first_id": id(rows.first()), "last_id": id(rows.last()), "has_more": false, "data": rows })
            }
        };
        Ok((StatusCode::OK, body))
    };
    Answer(listed.await).response(&headers)
}

/// Shows one model.
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let holder = gateway.identify(key_of(&headers))?;
        let models = models(&gateway, &holder).await?;
        let found = models.iter().find(|model| model.id == id);
        let near = || {
            catalogue()
                .nearest(&id, 3)
                .into_iter()
                .map(str::to_owned)
                .collect()
        };
        let found = found.ok_or_else(|| Refusal::ModelUnknown(id.clone(), near()))?;
        Ok((
            StatusCode::OK,
            row(found, headers.contains_key("anthropic-version")),
        ))
    };
    Answer(shown.await).response(&headers)
}

async fn models(gateway: &Gateway, holder: &Holder) -> Result<Vec<Model>, Refusal> {
    let all = gateway
        .client
        .models()
        .await
        .map_err(|error| Refusal::of_error(&error))?;
    let mut allowed: Vec<Model> = all
        .iter()
        .filter(|model| holder.may_ask(&[&model.id]))
        .cloned()
        .collect();
    allowed.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(allowed)
}

fn row(model: &Model, is_anthropic: bool) -> Value {
    match is_anthropic {
        true => {
            json!({ "type": "model", "id": model.id, "display_name": model.name, "created_at": "1970-01-01T00:00:00Z" })
        }
        false => {
            let owner = model.id.split('/').next().unwrap_or_default();
            json!({ "id": model.id, "object": "model", "created": 0, "owned_by": owner })
        }
    }
}

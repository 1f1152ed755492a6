//! Groups in the admin API: a pot and limits for all their keys, and the button that pauses them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::key_operations::{budget, changed_limits, flag, read_limits, text};
use super::{Answer, anew, audit_row, list as json_list, read};
use crate::model::Group;
use crate::refusal::Refusal;
use crate::secret;
use crate::state::Gateway;
use crate::store::AdminChange;

#[derive(Deserialize)]
pub(crate) struct NewGroupRequest {
    pub name: String,
    #[serde(default)]
    pub paused: bool,
    #[serde(flatten)]
    pub limits: Map<String, Value>,
}

/// Makes a group.
pub(super) async fn create(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let made = async {
        let made = create_group(&gateway, read(&body)?).await?;
        Ok((StatusCode::CREATED, made))
    };
    Answer(made.await).response(&headers)
}

/// Makes a group.
///
/// # Errors
/// [`Refusal::Invalid`] with the field.
pub(crate) async fn create_group(
    gateway: &Gateway,
    wanted: NewGroupRequest,
) -> Result<Value, Refusal> {
    let group = Group {
        id: format!("g{}", secret::random_hex(5).map_err(|_| Refusal::Internal)?),
        name: text(Value::String(wanted.name), "name")?,
        limits: read_limits(wanted.limits)?,
        paused: wanted.paused,
        created: gateway.now(),
    };
    let id = group.id.clone();
    let row = audit_row(gateway, "group.create", &id, Value::Null, audited(&group));
    gateway
        .apply(AdminChange::PutGroup(group), row, None)
        .await?;
    described(gateway, &*find(gateway, &id)?).await
}

/// Lists the groups by name.
pub(super) async fn list(State(gateway): State<Gateway>, headers: HeaderMap) -> Response {
    let found = async {
        let directory = gateway.directory();
        let mut groups: Vec<_> = directory.groups.values().collect();
        groups.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let mut rows = Vec::new();
        for group in groups {
            rows.push(described(&gateway, group).await?);
        }
        Ok((StatusCode::OK, json_list(rows, None::<()>)))
    };
    Answer(found.await).response(&headers)
}

/// Shows one group.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        Ok((
            StatusCode::OK,
            described(&gateway, &*find(&gateway, &id)?).await?,
        ))
    };
    Answer(found.await).response(&headers)
}

/// Changes the fields that are named, such as `{"paused": true}`.
pub(super) async fn change(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let changed = async { change_group(&gateway, &id, &read(&body)?).await };
    Answer::of(changed.await).response(&headers)
}

/// Deletes a group and its keys.
pub(super) async fn delete(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let deleted = anew(&gateway, async || {
        let seen = gateway.directory().revision;
        let before = find(&gateway, &id)?;
        let row = audit_row(&gateway, "group.delete", &id, audited(&before), Value::Null);
        gateway
            .apply(AdminChange::DeleteGroup(id.clone()), row, Some(seen))
            .await?;
        Ok((StatusCode::OK, json!({ "id": id, "deleted": true })))
    });
    Answer(deleted.await).response(&headers)
}

/// Changes the fields that are named, such as `{"paused": true}`.
///
/// # Errors
/// [`Refusal::NoSuchObject`], and [`Refusal::Invalid`] with the field.
pub(crate) async fn change_group(
    gateway: &Gateway,
    id: &str,
    fields: &Map<String, Value>,
) -> Result<Value, Refusal> {
    anew(gateway, async || {
        let seen = gateway.directory().revision;
        let mut fields = fields.clone();
        let before = find(gateway, id)?;
        let mut group = Group::clone(&before);
        if let Some(name) = fields.remove("name") {
            group.name = text(name, "name")?;
        }
        if let Some(paused) = fields.remove("paused") {
            group.paused = flag(&paused, "paused")?;
        }
        group.limits = changed_limits(&group.limits, fields)?;
        let action = match (before.paused, group.paused) {
            (false, true) => "group.pause",
            (true, false) => "group.resume",
            _ => "group.change",
        };
        let row = audit_row(gateway, action, id, audited(&before), audited(&group));
        gateway
            .apply(AdminChange::PutGroup(group), row, Some(seen))
            .await?;
        described(gateway, &*find(gateway, id)?).await
    })
    .await
}

fn find(gateway: &Gateway, id: &str) -> Result<Arc<Group>, Refusal> {
    let directory = gateway.directory();
    directory
        .groups
        .get(id)
        .cloned()
        .ok_or_else(|| Refusal::NoSuchObject(id.to_owned()))
}

fn audited(group: &Group) -> Value {
    json!({ "name": group.name, "paused": group.paused, "limits": group.limits })
}

async fn described(gateway: &Gateway, group: &Group) -> Result<Value, Refusal> {
    let limits = &group.limits;
    let budget = budget(gateway, &format!("group:{}", group.id), limits, true).await?;
    let keys = gateway
        .directory()
        .keys
        .values()
        .filter(|key| key.group.as_ref() == Some(&group.id))
        .count();
    Ok(json!({
        "id": group.id, "name": group.name, "keys": keys, "models": limits.models, "budget": budget,
        "requests_per_minute": limits.requests_per_minute, "tokens_per_minute": limits.tokens_per_minute,
        "parallel": limits.parallel, "not_before": limits.not_before, "expires": limits.expires,
        "hours": limits.hours, "paused": group.paused,
    }))
}

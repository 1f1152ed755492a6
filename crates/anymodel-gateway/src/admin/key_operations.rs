//! Changes of keys, for the admin API and the console: made, changed, rotated, deleted, and how they are shown.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{anew, audit_row};
use crate::calendar::Hours;
use crate::model::{Key, Limits};
use crate::refusal::Refusal;
use crate::secret;
use crate::state::Gateway;
use crate::store::AdminChange;

/// The most keys that one request makes.
const MOST_AT_ONCE: usize = 1000;

/// Makes a key for each name, in their order. Each has its text, which is shown this once, in `key`.
///
/// # Errors
/// [`Refusal::Invalid`] with the field.
pub(crate) async fn make(
    gateway: &Gateway,
    names: Vec<String>,
    group: Option<String>,
    limits: Map<String, Value>,
) -> Result<Vec<Value>, Refusal> {
    let names: Vec<String> = names
        .iter()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() || names.len() > MOST_AT_ONCE {
        let message = format!("From 1 to {MOST_AT_ONCE} names are needed.");
        return Err(Refusal::Invalid(message, Some("names".to_owned())));
    }
    let limits = read_limits(limits)?;
    known_group(gateway, group.as_deref())?;
    let (mut keys, mut shown) = (Vec::new(), Vec::new());
    for name in names {
        let new = secret::new_key(None).map_err(|_| Refusal::Internal)?;
        let key = Key {
            id: new.id,
            name,
            group: group.clone(),
            limits: limits.clone(),
            blocked: false,
            secret: new.hash,
            previous: None,
            created: gateway.now(),
            last_used: None,
        };
        let mut value = described(gateway, &Arc::new(key.clone()), false).await?;
        value["key"] = Value::String(new.text);
        shown.push(value);
        keys.push(key);
    }
    let object = match keys.as_slice() {
        [one] => one.id.clone(),
        many => format!("{} keys", many.len()),
    };
    let after = keys.iter().map(
        |key| json!({ "id": key.id, "name": key.name, "group": key.group, "limits": key.limits }),
    );
    let row = audit_row(gateway, "key.create", &object, Value::Null, after.collect());
    gateway.apply(AdminChange::PutKeys(keys), row, None).await?;
    Ok(shown)
}

/// Limits from the fields of a request.
///
/// # Errors
/// [`Refusal::Invalid`] with the field.
pub(crate) fn read_limits(fields: Map<String, Value>) -> Result<Limits, Refusal> {
    let limits: Limits = serde_json::from_value(Value::Object(fields))
        .map_err(|error| Refusal::Invalid(format!("The limits cannot be read: {error}"), None))?;
    for hours in &limits.hours {
        hours
            .parse::<Hours>()
            .map_err(|message| Refusal::Invalid(message, Some("hours".to_owned())))?;
    }
    Ok(limits)
}

fn known_group(gateway: &Gateway, group: Option<&str>) -> Result<(), Refusal> {
    match group.filter(|id| !gateway.directory().groups.contains_key(*id)) {
        Some(id) => Err(Refusal::Invalid(
            format!("There is no group `{id}`."),
            Some("group".to_owned()),
        )),
        None => Ok(()),
    }
}

/// Changes the fields that are named: `null` takes a limit away.
///
/// # Errors
/// [`Refusal::NoSuchObject`], and [`Refusal::Invalid`] with the field.
pub(crate) async fn change(
    gateway: &Gateway,
    id: &str,
    fields: &Map<String, Value>,
) -> Result<Value, Refusal> {
    anew(gateway, async || {
        let seen = gateway.directory().revision;
        let mut fields = fields.clone();
        let before = find(gateway, id)?;
        let mut key = Key::clone(&before);
        if let Some(name) = fields.remove("name") {
            key.name = text(name, "name")?;
        }
        if let Some(blocked) = fields.remove("blocked") {
            key.blocked = flag(&blocked, "blocked")?;
        }
        if let Some(group) = fields.remove("group") {
            key.group = match group {
                Value::Null => None,
                group => Some(text(group, "group")?),
            };
            known_group(gateway, key.group.as_deref())?;
        }
        key.limits = changed_limits(&key.limits, fields)?;
        let action = match (before.blocked, key.blocked) {
            (false, true) => "key.block",
            (true, false) => "key.unblock",
            _ => "key.change",
        };
        let row = audit_row(gateway, action, id, audited(&before), audited(&key));
        gateway
            .apply(AdminChange::PutKeys(vec![key]), row, Some(seen))
            .await?;
        let key = find(gateway, id)?;
        described(gateway, &key, true).await
    })
    .await
}

/// Deletes a key. What it has spent stays in the call log.
///
/// # Errors
/// [`Refusal::NoSuchObject`].
pub(crate) async fn delete(gateway: &Gateway, id: &str) -> Result<Value, Refusal> {
    anew(gateway, async || {
        let seen = gateway.directory().revision;
        let before = find(gateway, id)?;
        let row = audit_row(gateway, "key.delete", id, audited(&before), Value::Null);
        gateway
            .apply(AdminChange::DeleteKey(id.to_owned()), row, Some(seen))
            .await?;
        Ok(json!({ "id": id, "deleted": true }))
    })
    .await
}

/// Gives a key a new secret. The old one counts for `grace_seconds` more.
///
/// # Errors
/// [`Refusal::NoSuchObject`].
pub(crate) async fn rotate(gateway: &Gateway, id: &str) -> Result<Value, Refusal> {
    anew(gateway, async || {
        let seen = gateway.directory().revision;
        let before = find(gateway, id)?;
        let new = secret::new_key(Some(id)).map_err(|_| Refusal::Internal)?;
        let grace = i64::try_from(gateway.settings.grace_seconds).unwrap_or(i64::MAX);
        let until = gateway
            .now()
            .checked_add(SignedDuration::from_secs(grace))
            .unwrap_or(gateway.now());
        let key = Key {
            secret: new.hash,
            previous: Some((before.secret, until)),
            ..Key::clone(&before)
        };
        let row = audit_row(gateway, "key.rotate", id, Value::Null, Value::Null);
        gateway
            .apply(AdminChange::PutKeys(vec![key]), row, Some(seen))
            .await?;
        let key = find(gateway, id)?;
        let mut value = described(gateway, &key, true).await?;
        value["key"] = Value::String(new.text);
        value["previous_until"] = json!(until);
        Ok(value)
    })
    .await
}

/// A key by its id.
///
/// # Errors
/// [`Refusal::NoSuchObject`].
pub(crate) fn find(gateway: &Gateway, id: &str) -> Result<Arc<Key>, Refusal> {
    let directory = gateway.directory();
    directory
        .keys
        .get(id)
        .cloned()
        .ok_or_else(|| Refusal::NoSuchObject(id.to_owned()))
}

/// Limits with some fields changed.
///
/// # Errors
/// As [`read_limits`].
pub(super) fn changed_limits(
    limits: &Limits,
    fields: Map<String, Value>,
) -> Result<Limits, Refusal> {
    let mut all = match serde_json::to_value(limits) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    };
    for (name, value) in fields {
        match (name.as_str(), value) {
            // One window is raised without naming the others.
            ("budget", Value::Object(windows)) => {
                let mut budget = all
                    .remove("budget")
                    .and_then(|budget| budget.as_object().cloned())
                    .unwrap_or_default();
                for (window, limit) in windows {
                    match limit {
                        Value::Null => drop(budget.remove(&window)),
                        limit => drop(budget.insert(window, limit)),
                    }
                }
                all.insert(name, Value::Object(budget));
            }
            (_, Value::Null) => drop(all.remove(&name)),
            (_, value) => drop(all.insert(name, value)),
        }
    }
    read_limits(all)
}

pub(super) fn text(value: Value, field: &str) -> Result<String, Refusal> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        _ => Err(Refusal::Invalid(
            format!("`{field}` must be a text."),
            Some(field.to_owned()),
        )),
    }
}

pub(super) fn flag(value: &Value, field: &str) -> Result<bool, Refusal> {
    let wrong = || {
        Refusal::Invalid(
            format!("`{field}` must be true or false."),
            Some(field.to_owned()),
        )
    };
    value.as_bool().ok_or_else(wrong)
}

/// A key as the audit log keeps it.
fn audited(key: &Key) -> Value {
    json!({ "name": key.name, "group": key.group, "blocked": key.blocked, "limits": key.limits })
}

/// A key as it is shown: its limits, and what stands in its accounts.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn described(
    gateway: &Gateway,
    key: &Arc<Key>,
    is_stored: bool,
) -> Result<Value, Refusal> {
    let holder = gateway.holder(key);
    let owner = format!("key:{}", key.id);
    let budget = budget(gateway, &owner, &key.limits, is_stored).await?;
    let reason = match gateway.may_ask_now(&holder) {
        _ if key.blocked => Some("blocked".to_owned()),
        Ok(()) => None,
        Err(refusal) => Some(refusal.text(anymodel_types::Language::English)),
    };
    let limits = &key.limits;
    Ok(json!({
        "id": key.id, "name": key.name, "group": key.group, "models": limits.models, "budget": budget,
        "requests_per_minute": limits.requests_per_minute, "tokens_per_minute": limits.tokens_per_minute,
        "parallel": limits.parallel, "not_before": limits.not_before, "expires": limits.expires,
        "hours": limits.hours, "blocked": key.blocked,
        "paused": holder.group.as_ref().is_some_and(|group| group.paused), "reason": reason,
        "last_used": key.last_used,
    }))
}

/// The windows of a budget with what is spent, reserved and left in each.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn budget(
    gateway: &Gateway,
    owner: &str,
    limits: &Limits,
    is_stored: bool,
) -> Result<Value, Refusal> {
    let now = gateway.now();
    let accounts: Vec<_> = limits
        .budget
        .keys()
        .map(|window| gateway.account(owner, *window, now))
        .collect();
    let balances = match is_stored && !accounts.is_empty() {
        true => gateway
            .store
            .balances(accounts)
            .await
            .map_err(|_| Refusal::StoreFailed)?,
        false => vec![Default::default(); accounts.len()],
    };
    let rows = limits
        .budget
        .iter()
        .zip(balances)
        .map(|((window, limit), balance)| {
            let row = json!({
                "limit": limit, "spent": balance.spent, "reserved": balance.reserved,
                "left": balance.left(*limit), "resets_at": gateway.calendar.resets_at(*window, now),
            });
            (window.as_str().to_owned(), row)
        });
    Ok(Value::Object(rows.collect()))
}

//! Resolution of names: the model, chain or router that the caller named → the target of the client's call.

use anymodel_client::Target;
use anymodel_sandbox::protocol::Decoded;
use anymodel_types::Prefer;
use axum::http::HeaderMap;

use crate::refusal::Refusal;
use crate::state::{Gateway, Holder};

/// The header that names more models to try.
const FALLBACK: &str = "x-anymodel-fallback";

/// The target of a request. Models of a chain that the holder may not ask are left out.
///
/// # Errors
/// [`Refusal::Invalid`] where no model is named, and [`Refusal::ModelForbidden`] where none of them may be asked.
pub(super) fn target(
    gateway: &Gateway,
    holder: &Holder,
    decoded: &Decoded,
    headers: &HeaderMap,
) -> Result<Target, Refusal> {
    let more = headers
        .get(FALLBACK)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut names = decoded.names();
    for name in more
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let Some(first) = names.first().copied() else {
        return Err(Refusal::Invalid(
            "`model` is missing.".into(),
            Some("model".into()),
        ));
    };
    let names: Vec<String> = names
        .into_iter()
        .filter(|name| holder.may_ask(&[name, alias(gateway, name)]))
        .map(|name| alias(gateway, name).to_owned())
        .collect();
    if names.is_empty() {
        return Err(Refusal::ModelForbidden(first.to_owned(), holder.allowed()));
    }
    Ok(match names.as_slice() {
        [only] => preference(only).map_or_else(|| Target::from(client_name(only)), Target::from),
        chain => Target::Chain(chain.iter().map(|name| client_name(name)).collect()),
    })
}

/// The name that an alias stands for.
fn alias<'a>(gateway: &'a Gateway, name: &'a str) -> &'a str {
    gateway
        .settings
        .aliases
        .get(name)
        .map_or(name, String::as_str)
}

/// `platform:model` as the client writes it, `platform::model`. Other colons belong to the model, such as `:free`.
fn client_name(name: &str) -> String {
    match name.split_once(':') {
        Some((platform, model))
            if !model.starts_with(':')
                && anymodel_catalog::platform_spec::find(platform).is_some() =>
        {
            format!("{platform}::{model}")
        }
        _ => name.to_owned(),
    }
}

/// The preference that `auto` and `auto:…` stand for.
fn preference(name: &str) -> Option<Prefer> {
    match name {
        "auto" | "auto:best" => Some(Prefer::Best),
        "auto:cheapest" => Some(Prefer::Cheapest),
        "auto:fastest" => Some(Prefer::Fastest),
        _ => None,
    }
}

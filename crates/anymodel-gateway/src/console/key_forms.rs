//! Forms of one key: its budget raised, blocked and unblocked, a new secret, deleted after a question.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::key_state::{badge, least_left};
use super::now::left_text;
use super::visit::{Form, Visit, notice, redirect};
use crate::admin::key_operations;
use crate::cards;
use crate::model::{Key, Window};
use crate::refusal::Refusal;
use crate::state::Gateway;

/// Shows the forms of a key.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
) -> Response {
    page(&gateway, &visit, &id, None).await
}

async fn page(gateway: &Gateway, visit: &Visit, id: &str, refusal: Option<&Refusal>) -> Response {
    let words = visit.words;
    let found = async {
        let key = key_operations::find(gateway, id)?;
        let owner = [(format!("key:{id}"), &key.limits)];
        let left = least_left(gateway, &owner).await?.pop().flatten();
        Ok((key.clone(), left))
    };
    let (key, left) = match found.await {
        Ok(found) => found,
        Err(refusal) => return visit.refused(&refusal),
    };
    let status = refusal.map_or(200, Refusal::status);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = html! {
        h1 { (key.name) }
        @if let Some(refusal) = refusal {
            (notice(status, &format!("{} {}", refusal.text(words.0), words.nothing_changed())))
        }
        p { (badge(gateway, words, &key)) " " code { (key.id) } " · " (words.left()) ": " (left_text(visit, left)) }
        div.tiles {
            (budget_form(visit, &key))
            section.card {
                h2 { (words.state()) }
                form method="post" {
                    (visit.csrf())
                    input type="hidden" name="blocked" value=(!key.blocked);
                    @if key.blocked { button { (words.unblock()) } } @else { button.quiet { (words.block()) } }
                }
            }
            section.card {
                h2 { (words.rotate()) }
                form method="post" action={ "/keys/" (key.id) "/rotate" } {
                    (visit.csrf())
                    p.hint { (words.rotate_hint(&gateway.settings.grace_seconds)) }
                    button.quiet { (words.rotate()) }
                }
            }
            section.card {
                h2 { (words.delete()) }
                p.hint { (words.delete_why()) }
                a.button.quiet href={ "/keys/" (key.id) "/delete" } { (words.delete_key()) }
            }
        }
        p { a href="/keys" { (words.all_keys()) } " · " a href={ "/calls?key=" (key.id) } { (words.calls()) } }
    };
    visit.page(status, &key.name, body)
}

fn budget_form(visit: &Visit, key: &Key) -> Markup {
    let words = visit.words;
    let mut budget = key.limits.budget.clone();
    let none = budget.is_empty();
    if none {
        budget.insert(Window::Total, Default::default());
    }
    html! {
        section.card {
            h2 { (words.budget()) }
            form method="post" {
                (visit.csrf())
                @for (window, limit) in &budget {
                    @let id = format!("budget-{}", window.as_str());
                    label for=(id) { (words.limit_of(&visit.window(*window))) }
                    input id=(id) name=(id) inputmode="decimal" autocomplete="off" value=[(!none).then_some(limit)];
                }
                p.hint { (words.budget_hint()) }
                button { (words.save()) }
            }
        }
    }
}

/// Changes a key: the windows of its budget that the form names, and whether it is blocked.
pub(super) async fn change(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
    Extension(form): Extension<Form>,
    Path(id): Path<String>,
) -> Response {
    match key_operations::change(&gateway, &id, &changes(&form)).await {
        Ok(_) if form.get("from") == "table" => redirect("/keys"),
        Ok(_) => redirect(&format!("/keys/{id}")),
        Err(refusal) => page(&gateway, &visit, &id, Some(&refusal)).await,
    }
}

fn changes(form: &Form) -> Map<String, Value> {
    let mut fields = Map::new();
    if let Some(blocked) = form.some("blocked") {
        fields.insert("blocked".to_owned(), Value::Bool(blocked == "true"));
    }
    let mut budget = Map::new();
    for window in Window::ALL {
        let field = format!("budget-{}", window.as_str());
        if form.has(&field) {
            // Without an amount the limit goes away.
            let limit = form
                .some(&field)
                .map(|usd| usd.trim_start_matches('$').to_owned());
            budget.insert(window.as_str().to_owned(), json!(limit));
        }
    }
    if !budget.is_empty() {
        fields.insert("budget".to_owned(), Value::Object(budget));
    }
    fields
}

/// Gives a key a new secret, and shows its card.
pub(super) async fn rotate(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let rotated = async {
        let address = cards::address(&gateway.settings, &headers)?;
        let made = key_operations::rotate(&gateway, &id).await?;
        Ok(cards::page(&gateway, visit.words.0, &address, &[made]))
    };
    let rotated: Result<Response, Refusal> = rotated.await;
    rotated.unwrap_or_else(|refusal| visit.refused(&refusal))
}

/// Asks whether a key is to be deleted.
pub(super) async fn ask_to_delete(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
) -> Response {
    let words = visit.words;
    let key = match key_operations::find(&gateway, &id) {
        Ok(key) => key,
        Err(refusal) => return visit.refused(&refusal),
    };
    let title = words.delete_question(&key.name);
    let body = html! {
        h1 { (title) }
        p { (words.delete_why()) }
        form.row method="post" {
            (visit.csrf())
            a.button.quiet href={ "/keys/" (key.id) } { (words.keep_it()) }
            button { (words.delete_it()) }
        }
    };
    visit.page(StatusCode::OK, &title, body)
}

/// Deletes a key.
pub(super) async fn delete(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
) -> Response {
    match key_operations::delete(&gateway, &id).await {
        Ok(_) => redirect("/keys"),
        Err(refusal) => visit.refused(&refusal),
    }
}

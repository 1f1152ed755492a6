//! Keys: from a pasted list of names to cards, and the table of all keys.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::key_state::{badge, by_group, least_left};
use super::now::left_text;
use super::visit::{Form, Visit, notice};
use super::words::Words;
use crate::admin::groups::{NewGroupRequest, create_group};
use crate::admin::key_operations::{make, read_limits};
use crate::cards;
use crate::model::{Key, Window};
use crate::refusal::Refusal;
use crate::state::Gateway;

/// Shows the form and the table.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
) -> Response {
    page(&gateway, &visit, &Form::default(), None).await
}

/// The page, after a refusal with what was filled in.
async fn page(
    gateway: &Gateway,
    visit: &Visit,
    filled: &Form,
    refusal: Option<&Refusal>,
) -> Response {
    let words = visit.words;
    let status = refusal.map_or(200, Refusal::status);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let table = match table(gateway, visit).await {
        Ok(table) => table,
        Err(refusal) => return visit.refused(&refusal),
    };
    let body = html! {
        h1 { (words.keys()) }
        @if let Some(refusal) = refusal {
            (notice(status, &format!("{} {}", refusal.text(words.0), words.nothing_changed())))
        }
        (new_keys_form(gateway, visit, filled))
        (table)
    };
    visit.page(status, words.keys(), body)
}

fn new_keys_form(gateway: &Gateway, visit: &Visit, filled: &Form) -> Markup {
    let words = visit.words;
    let directory = gateway.directory();
    let groups: Vec<_> = by_group(&directory)
        .into_iter()
        .filter_map(|(group, _)| group)
        .collect();
    html! {
        section.card {
            h2 { (words.new_keys()) }
            form.fields method="post" action="/keys/batch" {
                (visit.csrf())
                div.wide {
                    label for="names" { (words.names()) }
                    textarea #names name="names" rows="6" required aria-describedby="names-hint" { (filled.get("names")) }
                    p.hint #names-hint { (words.names_hint()) }
                }
                div {
                    label for="group" { (words.group()) }
                    select #group name="group" {
                        option value="" { (words.no_group()) }
                        @for group in &groups {
                            option value=(group.id) selected[filled.get("group") == group.id] { (group.name) }
                        }
                    }
                }
                (field(filled, "new_group", words.new_group(), words.new_group_hint()))
                (field(filled, "budget", words.budget_of_each(), words.budget_hint()))
                div {
                    label for="window" { (words.for_each()) }
                    (window_select(words, filled.get("window")))
                }
                (field(filled, "hours", words.hours(), words.hours_hint()))
                (field(filled, "models", words.models(), words.models_hint()))
                div.wide { button { (words.make_the_keys()) } }
            }
        }
    }
}

/// A field for a line of text, with its label and hint.
fn field(filled: &Form, name: &str, label: &str, hint: &str) -> Markup {
    let hint_id = format!("{name}-hint");
    html! {
        div {
            label for=(name) { (label) }
            input id=(name) name=(name) value=(filled.get(name)) autocomplete="off" aria-describedby=(hint_id);
            p.hint id=(hint_id) { (hint) }
        }
    }
}

fn window_select(words: Words, chosen: &str) -> Markup {
    let name = |window| match window {
        Window::Hour => words.each_hour(),
        Window::Day => words.each_day(),
        Window::Week => words.each_week(),
        Window::Month => words.each_month(),
        Window::Total => words.each_total(),
    };
    let chosen = if chosen.is_empty() { "total" } else { chosen };
    html! {
        select #window name="window" {
            @for window in Window::ALL {
                option value=(window.as_str()) selected[window.as_str() == chosen] { (name(window)) }
            }
        }
    }
}

async fn table(gateway: &Gateway, visit: &Visit) -> Result<Markup, Refusal> {
    let words = visit.words;
    let directory = gateway.directory();
    let all = by_group(&directory);
    let keys = all
        .iter()
        .flat_map(|(group, keys)| keys.iter().map(move |key| (group, key)));
    let keys: Vec<_> = keys.collect();
    let owners = keys
        .iter()
        .map(|(_, key)| (format!("key:{}", key.id), &key.limits));
    let left = least_left(gateway, &owners.collect::<Vec<_>>()).await?;
    if keys.is_empty() {
        return Ok(html! { p { (words.no_keys_yet()) } });
    }
    Ok(html! {
        section.card {
            h2 { (words.all_keys()) }
            div.scroll tabindex="0" role="region" aria-label=(words.all_keys()) {
                table {
                    thead {
                        tr {
                            th scope="col" { (words.name()) }
                            th scope="col" { (words.group()) }
                            th scope="col" { (words.state()) }
                            th scope="col" { (words.left()) }
                            th scope="col" { (words.last_used()) }
                            th scope="col" { (words.change()) }
                        }
                    }
                    tbody {
                        @for ((group, key), left) in keys.iter().zip(left) {
                            tr {
                                th scope="row" { (key.name) br; code.muted { (key.id) } }
                                td { (group.as_ref().map_or(words.none(), |group| group.name.as_str())) }
                                td { (badge(gateway, words, key)) }
                                td { (left_text(visit, left)) }
                                td {
                                    @match key.last_used {
                                        Some(at) => { (visit.time(gateway, at)) }
                                        None => { (words.never()) }
                                    }
                                }
                                td {
                                    div.buttons {
                                        (block_button(visit, key))
                                        a.button.quiet href={ "/keys/" (key.id) } aria-label=(words.change_key(&key.name)) { (words.change()) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

fn block_button(visit: &Visit, key: &Key) -> Markup {
    let words = visit.words;
    let (text, label) = match key.blocked {
        true => (words.unblock(), words.unblock_key(&key.name)),
        false => (words.block(), words.block_key(&key.name)),
    };
    html! {
        form method="post" action={ "/keys/" (key.id) } {
            (visit.csrf())
            input type="hidden" name="blocked" value=(!key.blocked);
            input type="hidden" name="from" value="table";
            button.quiet aria-label=(label) { (text) }
        }
    }
}

/// Makes a key for each name, and shows the cards.
pub(super) async fn create(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
    Extension(form): Extension<Form>,
    headers: HeaderMap,
) -> Response {
    let made = async {
        let address = cards::address(&gateway.settings, &headers)?;
        let made = made(&gateway, &form).await?;
        Ok(cards::page(&gateway, visit.words.0, &address, &made))
    };
    match made.await {
        Ok(cards) => cards,
        Err(refusal) => page(&gateway, &visit, &form, Some(&refusal)).await,
    }
}

async fn made(gateway: &Gateway, form: &Form) -> Result<Vec<Value>, Refusal> {
    let names = form.get("names").lines().map(str::to_owned).collect();
    let limits = limits(form);
    // Before a new group is made, so that a wrong field leaves none behind.
    read_limits(limits.clone())?;
    let group = match form.some("new_group") {
        Some(name) => Some(group_of_name(gateway, name).await?),
        None => form.some("group"),
    };
    make(gateway, names, group, limits).await
}

/// The id of the group with this name, which is made when there is none.
async fn group_of_name(gateway: &Gateway, name: String) -> Result<String, Refusal> {
    let directory = gateway.directory();
    if let Some(group) = directory.groups.values().find(|group| group.name == name) {
        return Ok(group.id.clone());
    }
    let wanted = NewGroupRequest {
        name,
        paused: false,
        limits: Map::new(),
    };
    let made = create_group(gateway, wanted).await?;
    Ok(made["id"].as_str().unwrap_or_default().to_owned())
}

/// The limits of a form, as the admin API reads them.
fn limits(form: &Form) -> Map<String, Value> {
    let list = |name: &str, separators: &[char]| -> Vec<String> {
        let parts = form.get(name).split(separators).map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut limits = Map::new();
    let window = form.some("window").unwrap_or_else(|| "total".to_owned());
    if let Some(budget) = form.some("budget") {
        let budget = budget.trim_start_matches('$').to_owned();
        limits.insert("budget".to_owned(), json!({ window: budget }));
    }
    let hours = list("hours", &[';', '；', '\n']);
    if !hours.is_empty() {
        limits.insert("hours".to_owned(), json!(hours));
    }
    let models = list("models", &[',', '，', '、', '\n']);
    if !models.is_empty() {
        limits.insert("models".to_owned(), json!(models));
    }
    limits
}

//! Now: one tile a key, by groups, with what it did today; and the buttons that pause.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::key_state::{Left, badge, by_group, least_left};
use super::visit::{Form, Visit, redirect};
use crate::admin::groups::change_group;
use crate::model::{Call, Group, Key, Window};
use crate::refusal::Refusal;
use crate::state::Gateway;
use crate::store::{CallFilter, UsageBy, UsageRow};

/// The failed calls of today in which the last of each key is looked for.
const FAILED_CALLS: usize = 1000;

/// What happened today.
struct Today {
    sums: HashMap<String, UsageRow>,
    failed: HashMap<String, Call>,
}

/// Shows the tiles.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    Extension(mut visit): Extension<Visit>,
) -> Response {
    visit.refreshes = visit.query.get("hold").is_empty();
    match tiles(&gateway, &visit).await {
        Ok(body) => visit.page(StatusCode::OK, visit.words.now(), body),
        Err(refusal) => visit.refused(&refusal),
    }
}

async fn today(gateway: &Gateway) -> Result<Today, Refusal> {
    let from = gateway.calendar.began(Window::Day, gateway.now());
    let sums = gateway
        .store
        .spend(UsageBy::Key, Some(from), None, gateway.zone());
    let sums = sums.await.map_err(|_| Refusal::StoreFailed)?;
    let filter = CallFilter {
        only_failed: true,
        from: Some(from),
        limit: FAILED_CALLS,
        ..CallFilter::default()
    };
    let page = gateway.store.calls(filter).await;
    let calls = page.map_err(|_| Refusal::StoreFailed)?.rows;
    let mut failed = HashMap::new();
    // The newest come first.
    for call in calls {
        failed.entry(call.key.clone()).or_insert(call);
    }
    let sums = sums
        .into_iter()
        .map(|row| (row.name.clone(), row))
        .collect();
    Ok(Today { sums, failed })
}

async fn tiles(gateway: &Gateway, visit: &Visit) -> Result<Markup, Refusal> {
    let words = visit.words;
    let directory = gateway.directory();
    let today = today(gateway).await?;
    let groups = by_group(&directory);
    let mut sections = Vec::new();
    for (group, keys) in &groups {
        let owners = keys
            .iter()
            .map(|key| (format!("key:{}", key.id), &key.limits));
        let pot = group
            .iter()
            .map(|group| (format!("group:{}", group.id), &group.limits));
        let owners: Vec<_> = owners.chain(pot).collect();
        let left = least_left(gateway, &owners).await?;
        let tiles = keys.iter().zip(&left);
        let tiles: Vec<_> = tiles
            .map(|(key, left)| tile(gateway, visit, &today, key, *left))
            .collect();
        let pot = left.get(keys.len()).copied().flatten();
        sections.push(section(visit, group.as_ref(), &tiles, pot));
    }
    let has_groups = groups.iter().any(|(group, _)| group.is_some());
    Ok(html! {
        div.row {
            h1 { (words.now()) }
            @if has_groups {
                div.buttons {
                    (pause_button(visit, "", true, words.pause_all()))
                    (pause_button(visit, "", false, words.resume_all()))
                }
            }
        }
        p.muted {
            @if visit.refreshes {
                (words.refreshes()) " " a href="/?hold=1" { (words.stop_refreshing()) }
            } @else {
                @let zoned = gateway.now().to_zoned_datetime(gateway.calendar.zone.clone());
                (words.refresh_stopped(&zoned.strftime("%H:%M:%S"))) " " a href="/" { (words.start_refreshing()) }
            }
        }
        @if directory.keys.is_empty() {
            p.card { (words.no_keys_yet()) " " a href="/keys" { (words.make_keys()) } }
        }
        @for section in &sections { (section) }
    })
}

fn section(
    visit: &Visit,
    group: Option<&Arc<Group>>,
    tiles: &[Markup],
    pot: Option<Left>,
) -> Markup {
    let words = visit.words;
    html! {
        section {
            div.row {
                @match group {
                    Some(group) => {
                        h2 {
                            (group.name)
                            @if group.paused { " " span.badge.warn { (words.paused()) } }
                        }
                        @let text = match group.paused {
                            true => words.resume_group(&group.name),
                            false => words.pause_group(&group.name),
                        };
                        (pause_button(visit, &group.id, !group.paused, &text))
                    }
                    None => { h2 { (words.without_group()) } }
                }
            }
            @if let Some(pot) = pot { p { (words.group_left()) ": " (left_text(visit, Some(pot))) } }
            @if group.is_none() { p.hint { (words.without_group_hint()) } }
            div.tiles { @for tile in tiles { (tile) } }
        }
    }
}

fn tile(
    gateway: &Gateway,
    visit: &Visit,
    today: &Today,
    key: &Arc<Key>,
    left: Option<Left>,
) -> Markup {
    let words = visit.words;
    let sums = today.sums.get(&key.id);
    html! {
        article.card {
            h3 { a href={ "/calls?key=" (key.id) } { (key.name) } }
            p { (badge(gateway, words, key)) }
            dl {
                dt { (words.calls_today()) } dd { (sums.map_or(0, |sums| sums.calls)) }
                dt { (words.cost_today()) } dd { "$" (sums.map(|sums| sums.cost).unwrap_or_default()) }
                dt { (words.left()) } dd { (left_text(visit, left)) }
                dt { (words.last_error()) }
                dd {
                    @match today.failed.get(&key.id) {
                        Some(call) => { (visit.time(gateway, call.at)) " " (error_text(visit, call)) }
                        None => { (words.none()) }
                    }
                }
            }
        }
    }
}

/// What is left of a budget, in words.
pub(super) fn left_text(visit: &Visit, left: Option<Left>) -> String {
    match left {
        Some(left) => visit
            .words
            .left_of(&left.left, &left.limit, &visit.window(left.window)),
        None => visit.words.no_budget().to_owned(),
    }
}

/// Why a call has no whole answer.
pub(super) fn error_text(visit: &Visit, call: &Call) -> Markup {
    let code = call.code.as_deref().unwrap_or(call.outcome.as_str());
    html! {
        @if let Some(text) = visit.words.error(code) { (text) " " }
        code { (call.status) " " (code) }
    }
}

fn pause_button(visit: &Visit, group: &str, paused: bool, text: &str) -> Markup {
    html! {
        form method="post" action="/pause" {
            (visit.csrf())
            input type="hidden" name="group" value=(group);
            input type="hidden" name="paused" value=(paused);
            button.quiet[!paused] { (text) }
        }
    }
}

/// Pauses or resumes one group, or all where none is named.
pub(super) async fn pause(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
    Extension(form): Extension<Form>,
) -> Response {
    let paused = form.get("paused") == "true";
    let fields = Map::from_iter([("paused".to_owned(), Value::Bool(paused))]);
    let groups: Vec<String> = match form.some("group") {
        Some(group) => vec![group],
        None => {
            let directory = gateway.directory();
            let others = directory
                .groups
                .values()
                .filter(|group| group.paused != paused);
            others.map(|group| group.id.clone()).collect()
        }
    };
    for group in groups {
        match change_group(&gateway, &group, &fields).await {
            Ok(_) => {}
            // Deleted in between: there is nothing to pause.
            Err(Refusal::NoSuchObject(_)) if form.some("group").is_none() => {}
            Err(refusal) => return visit.refused(&refusal),
        }
    }
    redirect("/")
}

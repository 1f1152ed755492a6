//! Calls: the call log by key, model and status, page by page.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::key_state::by_group;
use super::now::error_text;
use super::visit::Visit;
use super::words::Words;
use crate::model::{Call, Outcome};
use crate::refusal::Refusal;
use crate::state::{Directory, Gateway};
use crate::store::{CallFilter, Page};

/// Rows of a page.
const ROWS: usize = 50;

/// Shows one page of the log.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
) -> Response {
    let words = visit.words;
    let query = &visit.query;
    let filter = CallFilter {
        key: query.some("key"),
        model: query.some("model"),
        status: query.get("status").parse().ok(),
        only_failed: query.get("failed") == "1",
        after: query.get("after").parse().ok(),
        limit: ROWS,
        ..CallFilter::default()
    };
    let Ok(page) = gateway.store.calls(filter).await else {
        return visit.refused(&Refusal::StoreFailed);
    };
    let directory = gateway.directory();
    let body = html! {
        h1 { (words.calls()) }
        (filter_form(&visit, &directory))
        @if page.rows.is_empty() { p { (words.no_calls()) } }
        @else { (table(&gateway, &visit, &directory, &page)) }
        p.row {
            @if !query.get("after").is_empty() { a href=(link(&visit, None)) { (words.newest_calls()) } }
            @if page.next.is_some() { a href=(link(&visit, page.next)) { (words.older_calls()) } }
        }
    };
    visit.page(StatusCode::OK, words.calls(), body)
}

/// The address of another page with the same filter.
fn link(visit: &Visit, after: Option<i64>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for name in ["key", "model", "status", "failed"] {
        if let Some(value) = visit.query.some(name) {
            pairs.append_pair(name, &value);
        }
    }
    if let Some(after) = after {
        pairs.append_pair("after", &after.to_string());
    }
    format!("/calls?{}", pairs.finish())
}

fn filter_form(visit: &Visit, directory: &Directory) -> Markup {
    let (words, query) = (visit.words, &visit.query);
    html! {
        form.card.fields method="get" action="/calls" {
            div {
                label for="key" { (words.key()) }
                select #key name="key" {
                    option value="" { (words.all()) }
                    @for key in by_group(directory).iter().flat_map(|(_, keys)| keys) {
                        option value=(key.id) selected[query.get("key") == key.id] { (key.name) " (" (key.id) ")" }
                    }
                }
            }
            div {
                label for="model" { (words.model()) }
                input #model name="model" value=(query.get("model")) autocomplete="off";
            }
            div {
                label for="status" { (words.status()) }
                input #status name="status" inputmode="numeric" pattern="[1-5][0-9][0-9]" value=(query.get("status")) autocomplete="off" aria-describedby="status-hint";
                p.hint #status-hint { (words.status_hint()) }
            }
            div {
                label for="failed" { (words.outcome()) }
                select #failed name="failed" {
                    option value="" { (words.all()) }
                    option value="1" selected[query.get("failed") == "1"] { (words.all_failed()) }
                }
            }
            div.wide { button { (words.filter()) } }
        }
    }
}

fn table(gateway: &Gateway, visit: &Visit, directory: &Directory, page: &Page<Call>) -> Markup {
    let words = visit.words;
    html! {
        div.scroll.card tabindex="0" role="region" aria-label=(words.calls()) {
            table {
                thead {
                    tr {
                        th scope="col" { (words.time()) }
                        th scope="col" { (words.name()) }
                        th scope="col" { (words.model()) }
                        th scope="col" { (words.outcome()) }
                        th.number scope="col" { (words.tokens()) }
                        th.number scope="col" { (words.cost()) }
                        th.number scope="col" { (words.seconds()) }
                    }
                }
                tbody {
                    @for call in &page.rows {
                        tr {
                            td { (visit.time(gateway, call.at)) }
                            th scope="row" { (key_name(words, directory, &call.key)) }
                            td { (call.model) }
                            td {
                                @match call.outcome {
                                    Outcome::Ok => { (words.outcome_ok()) }
                                    outcome => { (outcome_text(words, outcome)) ": " (error_text(visit, call)) }
                                }
                            }
                            td.number { (call.prompt_tokens) " + " (call.completion_tokens) }
                            td.number { "$" (call.cost) }
                            td.number { (format!("{:.2}", call.seconds)) }
                        }
                    }
                }
            }
        }
    }
}

fn outcome_text(words: Words, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => words.outcome_ok(),
        Outcome::Refused => words.outcome_refused(),
        Outcome::Failed => words.outcome_failed(),
        Outcome::Cut => words.outcome_cut(),
        Outcome::Cancelled => words.outcome_cancelled(),
    }
}

/// The name of a key, or its id when it was deleted.
pub(super) fn key_name(words: Words, directory: &Directory, id: &str) -> String {
    match directory.keys.get(id) {
        Some(key) => key.name.clone(),
        None => format!("{id} ({})", words.deleted_key()),
    }
}

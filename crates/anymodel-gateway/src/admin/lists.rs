//! Lists of the admin API: the call log, its sums, the audit log.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Answer, Params, list};
use crate::refusal::Refusal;
use crate::state::Gateway;
use crate::store::{CallFilter, UsageBy, UsageRow};

#[derive(Deserialize)]
pub(super) struct CallsQuery {
    key: Option<String>,
    model: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    limit: usize,
    after: Option<i64>,
}

/// One page of the call log, the newest first.
pub(super) async fn calls(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Params(query): Params<CallsQuery>,
) -> Response {
    let CallsQuery {
        key,
        model,
        status,
        limit,
        after,
    } = query;
    let page = gateway
        .store
        .calls(CallFilter {
            key,
            model,
            status,
            after,
            limit,
            ..CallFilter::default()
        })
        .await;
    let page = page.map_err(|_| Refusal::StoreFailed);
    Answer(page.map(|page| (StatusCode::OK, list(page.rows, page.next)))).response(&headers)
}

#[derive(Deserialize)]
pub(super) struct SpendQuery {
    by: Option<UsageBy>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    format: Option<String>,
}

/// Sums of the call log, as JSON or as CSV.
pub(super) async fn spend(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Params(query): Params<SpendQuery>,
) -> Response {
    let by = query.by.unwrap_or(UsageBy::Key);
    let spend = gateway
        .store
        .spend(by, query.from, query.to, gateway.zone());
    match spend.await {
        Err(_) => Answer(Err(Refusal::StoreFailed)).response(&headers),
        Ok(rows) if query.format.as_deref() == Some("csv") => csv(&rows),
        Ok(rows) => Answer::ok(list(rows, None::<()>)).response(&headers),
    }
}

pub(crate) fn csv(rows: &[UsageRow]) -> Response {
    let mut text = "name,calls,prompt_tokens,completion_tokens,cost\n".to_owned();
    for UsageRow {
        name,
        calls,
        prompt_tokens,
        completion_tokens,
        cost,
    } in rows
    {
        text += &format!(
            "{},{calls},{prompt_tokens},{completion_tokens},{cost}\n",
            csv_cell(name)
        );
    }
    let mut response = Response::new(Body::from(text));
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// A cell of CSV. A spreadsheet would run a text that begins as a formula.
pub(crate) fn csv_cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    match text.contains(['"', ',', '\n', '\r']) || !guard.is_empty() {
        true => format!("\"{guard}{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[derive(Deserialize)]
pub(super) struct AuditQuery {
    after: Option<i64>,
    #[serde(default)]
    limit: usize,
}

/// One page of the audit log, the newest first.
pub(super) async fn audit(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    Params(query): Params<AuditQuery>,
) -> Response {
    let limit = if query.limit == 0 { 100 } else { query.limit };
    let page = gateway
        .store
        .audit(query.after, limit)
        .await
        .map_err(|_| Refusal::StoreFailed);
    Answer(page.map(|page| (StatusCode::OK, list(page.rows, page.next)))).response(&headers)
}

#[cfg(test)]
mod tests {
    use super::csv_cell;

    #[test]
    fn a_name_that_is_a_formula_stays_a_name_in_a_spreadsheet() {
        assert_eq!(csv_cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(csv_cell("Li, \"Ann\""), "\"Li, \"\"Ann\"\"\"");
        assert_eq!(csv_cell("李雷"), "李雷");
    }
}

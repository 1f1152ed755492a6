//! Spend: sums of the call log by key, group, model or day, as a chart, a table and CSV.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use maud::{Markup, html};
use rust_decimal::prelude::ToPrimitive;

use super::calls::key_name;
use super::visit::Visit;
use crate::admin::lists;
use crate::model::Window;
use crate::money::Usd;
use crate::refusal::Refusal;
use crate::state::Gateway;
use crate::store::{UsageBy, UsageRow};

/// The most bars of a chart.
const MOST_BARS: usize = 40;
/// Width of the chart, and of its parts for names and for bars, in its own units.
const WIDTH: f64 = 640.0;
const NAMES: f64 = 180.0;
const BARS: f64 = 320.0;
/// Height of a row of the chart.
const ROW: f64 = 28.0;

const GROUPINGS: [UsageBy; 4] = [UsageBy::Key, UsageBy::Group, UsageBy::Model, UsageBy::Day];

/// What was asked for, in the words of the query.
fn asked(visit: &Visit) -> (UsageBy, Window) {
    let by = GROUPINGS
        .into_iter()
        .find(|by| by_name(*by) == visit.query.get("by"));
    let period = Window::ALL
        .into_iter()
        .find(|window| window.as_str() == visit.query.get("period"));
    (by.unwrap_or(UsageBy::Key), period.unwrap_or(Window::Total))
}

fn by_name(by: UsageBy) -> &'static str {
    match by {
        UsageBy::Key => "key",
        UsageBy::Group => "group",
        UsageBy::Model => "model",
        UsageBy::Day => "day",
    }
}

/// The sums, with the names of keys and groups in place of their ids.
async fn sums(gateway: &Gateway, visit: &Visit) -> Result<Vec<UsageRow>, Refusal> {
    let (by, period) = asked(visit);
    let from = gateway.calendar.began(period, gateway.now());
    let rows = gateway.store.spend(by, Some(from), None, gateway.zone());
    let mut rows = rows.await.map_err(|_| Refusal::StoreFailed)?;
    let directory = gateway.directory();
    for row in &mut rows {
        row.name = match by {
            UsageBy::Key => key_name(visit.words, &directory, &row.name),
            UsageBy::Group if row.name.is_empty() => visit.words.without_group().to_owned(),
            UsageBy::Group => match directory.groups.get(&row.name) {
                Some(group) => group.name.clone(),
                None => format!("{} ({})", row.name, visit.words.deleted_key()),
            },
            UsageBy::Model | UsageBy::Day => std::mem::take(&mut row.name),
        };
    }
    if by != UsageBy::Day {
        rows.sort_by(|one, other| (other.cost, &one.name).cmp(&(one.cost, &other.name)));
    }
    Ok(rows)
}

/// Shows the sums.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
) -> Response {
    let words = visit.words;
    let rows = match sums(&gateway, &visit).await {
        Ok(rows) => rows,
        Err(refusal) => return visit.refused(&refusal),
    };
    let (by, period) = asked(&visit);
    let csv = format!("/spend.csv?by={}&period={}", by_name(by), period.as_str());
    let cost: Usd = rows.iter().map(|row| row.cost).sum();
    let calls: u64 = rows.iter().map(|row| row.calls).sum();
    let body = html! {
        h1 { (words.spend()) }
        (choice(&visit))
        @if rows.is_empty() { p { (words.nothing_spent()) } } @else {
            p.figure { (words.sum(&cost, &calls)) }
            section.card { (chart(&visit, by, &rows)) }
            section.card { (table(&visit, by, &rows)) p { a href=(csv) { (words.download_csv()) } } }
        }
    };
    visit.page(StatusCode::OK, words.spend(), body)
}

/// The same as CSV.
pub(super) async fn csv(
    State(gateway): State<Gateway>,
    Extension(visit): Extension<Visit>,
) -> Response {
    match sums(&gateway, &visit).await {
        Ok(rows) => {
            let mut response = lists::csv(&rows);
            let name = HeaderValue::from_static("attachment; filename=\"spend.csv\"");
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_DISPOSITION, name);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(refusal) => visit.refused(&refusal),
    }
}

fn choice(visit: &Visit) -> Markup {
    let words = visit.words;
    let (chosen, period) = asked(visit);
    let period_text = |window| match window {
        Window::Total => words.period_total(),
        window => visit.window(window),
    };
    html! {
        form.card.fields method="get" action="/spend" {
            div {
                label for="by" { (words.by()) }
                select #by name="by" {
                    @for by in GROUPINGS {
                        option value=(by_name(by)) selected[by == chosen] { (by_text(visit, by)) }
                    }
                }
            }
            div {
                label for="period" { (words.period()) }
                select #period name="period" {
                    @for window in Window::ALL.into_iter().rev() {
                        option value=(window.as_str()) selected[window == period] { (period_text(window)) }
                    }
                }
            }
            div.wide { button { (words.show()) } }
        }
    }
}

fn by_text(visit: &Visit, by: UsageBy) -> &'static str {
    match by {
        UsageBy::Key => visit.words.by_key(),
        UsageBy::Group => visit.words.by_group(),
        UsageBy::Model => visit.words.by_model(),
        UsageBy::Day => visit.words.by_day(),
    }
}

/// A chart of bars, each with its name and its amount as text. The table beside it says the same.
fn chart(visit: &Visit, by: UsageBy, rows: &[UsageRow]) -> Markup {
    let words = visit.words;
    // Of many days the last are shown; of all else the costliest, which come first.
    let shown = match by {
        UsageBy::Day => &rows[rows.len().saturating_sub(MOST_BARS)..],
        _ => &rows[..rows.len().min(MOST_BARS)],
    };
    let most = shown.iter().map(|row| row.cost).max().unwrap_or_default();
    let most = most.to_decimal().to_f64().unwrap_or(0.0);
    let height = ROW * f64::from(u16::try_from(shown.len()).unwrap_or(u16::MAX));
    let title = words.spend_chart(&by_text(visit, by));
    html! {
        h2 { (title) }
        div.scroll tabindex="0" role="region" aria-label=(title) {
            svg.chart viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(title) {
                @for (row, at) in shown.iter().zip(0_u16..) {
                    @let top = ROW * f64::from(at);
                    @let cost = row.cost.to_decimal().to_f64().unwrap_or(0.0);
                    @let length = if most > 0.0 { BARS * cost / most } else { 0.0 };
                    @let baseline = top + ROW * 0.65;
                    text x=(NAMES - 10.0) y=(baseline) text-anchor="end" { (shortened(&row.name)) }
                    rect x=(NAMES) y=(top + 4.0) width=(format!("{:.1}", length.max(1.0))) height=(ROW - 8.0) rx="3" {}
                    text x=(format!("{:.1}", NAMES + length + 8.0)) y=(baseline) { "$" (row.cost) }
                }
            }
        }
        @if shown.len() < rows.len() && by != UsageBy::Day { p.hint { (words.chart_shows(&shown.len())) } }
    }
}

/// A name that fits beside its bar. A Chinese character is as wide as two letters.
fn shortened(name: &str) -> String {
    let mut width = 0;
    let mut short = String::new();
    for c in name.chars() {
        width += if c.is_ascii() { 1 } else { 2 };
        if width > 18 {
            short.push('…');
            break;
        }
        short.push(c);
    }
    short
}

fn table(visit: &Visit, by: UsageBy, rows: &[UsageRow]) -> Markup {
    let words = visit.words;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(words.spend()) {
            table {
                thead {
                    tr {
                        th scope="col" { (by_text(visit, by)) }
                        th.number scope="col" { (words.calls()) }
                        th.number scope="col" { (words.prompt_tokens()) }
                        th.number scope="col" { (words.completion_tokens()) }
                        th.number scope="col" { (words.cost()) }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.name) }
                            td.number { (row.calls) }
                            td.number { (row.prompt_tokens) }
                            td.number { (row.completion_tokens) }
                            td.number { "$" (row.cost) }
                        }
                    }
                }
            }
        }
    }
}

//! The HTML of the page for the holder of a key.

use anymodel_types::Language;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::words::{self, Words};
use super::{Overview, resets_at};
use crate::model::{Call, Outcome};
use crate::money::Usd;
use crate::pages::{page, page_with_status};
use crate::state::{Gateway, Holder};
use crate::store::{Balance, BudgetAccount};
use crate::windows;

/// The form that asks for the key, with what was wrong with the last one.
pub(super) fn form(status: StatusCode, language: Language, wrong: Option<&str>) -> Response {
    let words = Words::of(language);
    let body = html! {
        h1 { (words.title) }
        @if let Some(wrong) = wrong { p.notice.bad role="alert" { (wrong) } }
        form.card method="post" action=(action("/me", language)) {
            label for="key" { (words.your_key) }
            input #key name="key" type="password" required autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="key-hint";
            p.hint #key-hint { (words.key_hint) }
            button #open type="submit" { (words.open) }
        }
        script src="/assets/me.js" defer {}
    };
    page_with_status(status, language, words.title, body)
}

/// The answer to a form of another site.
pub(super) fn foreign_form(language: Language) -> Response {
    let words = Words::of(language);
    let body = html! {
        h1 { (words.title) }
        p.notice.bad role="alert" { (words.foreign_form) }
        p { a.button href=(action("/me", language)) { (words.open) } }
    };
    page_with_status(StatusCode::FORBIDDEN, language, words.title, body)
}

fn action(path: &str, language: Language) -> String {
    format!("{path}?lang={}", language.code())
}

/// The page of a holder.
pub(super) fn overview(gateway: &Gateway, language: Language, overview: &Overview) -> Response {
    let words = Words::of(language);
    let Overview {
        holder,
        accounts,
        calls,
    } = overview;
    let body = html! {
        div.row {
            h1 { (holder.key.name) }
            form method="post" action=(action("/me/sign-out", language)) {
                button.quiet type="submit" { (words.sign_out) }
            }
        }
        @match gateway.may_ask_now(holder) {
            Ok(()) => p { span.badge.good { (words.may_ask) } },
            Err(refusal) => p.notice.warn role="status" { (refusal.text(language)) },
        }
        section aria-labelledby="money" {
            h2 #money { (words.money) }
            @if accounts.is_empty() { p.card { (words.no_budget) } }
            div.tiles {
                @for (account, limit, balance) in accounts {
                    (tile(gateway, language, account, *limit, balance))
                }
            }
        }
        section.card aria-labelledby="limits" {
            h2 #limits { (words.limits) }
            (limits(gateway, language, holder))
        }
        section.card aria-labelledby="calls" {
            h2 #calls { (words.calls) }
            @if calls.is_empty() { p { (words.no_calls) } } @else { (table(gateway, language, calls)) }
        }
    };
    page(language, &holder.key.name, body)
}

fn tile(
    gateway: &Gateway,
    language: Language,
    account: &BudgetAccount,
    limit: Usd,
    balance: &Balance,
) -> Markup {
    let words = Words::of(language);
    let left = balance.left(limit);
    let window = windows::current(account.window, language);
    let label = format!("{window}: {}", words.left);
    html! {
        div.card {
            h3 {
                (window)
                @if account.owner.starts_with("group:") { " " span.badge { (words.of_group) } }
            }
            p { span.figure { (windows::left(left)) } " " (words.left) " " span.muted { (words.of) " " (windows::spent(limit)) } }
            @if limit > Usd::ZERO {
                meter min="0" max=(limit.units()) low=(limit.units() / 5) optimum=(limit.units()) value=(left.units()) aria-label=(label) { (windows::left(left)) }
            }
            p.hint {
                (words.spent) " " (windows::spent(balance.spent))
                @if balance.reserved > Usd::ZERO { " · " (words.reserved) " " (windows::spent(balance.reserved)) }
                br;
                @match resets_at(gateway, account.window) {
                    Some(at) => { (words.begins_anew) " " (time(gateway, at)) }
                    None => (words.never_anew),
                }
            }
        }
    }
}

fn limits(gateway: &Gateway, language: Language, holder: &Holder) -> Markup {
    let words = Words::of(language);
    let is_limited = |models: &Option<Vec<String>>| {
        models
            .as_ref()
            .is_some_and(|models| !models.iter().any(|model| model == "*"))
    };
    let owners = holder.owners();
    let allowed = holder.allowed();
    html! {
        dl {
            @if let Some(group) = &holder.group { dt { (words.group) } dd { (group.name) } }
            dt { (words.models) }
            dd {
                @if !owners.iter().any(|(_, limits)| is_limited(&limits.models)) { (words.all_models) }
                @else if allowed.is_empty() { (words.no_models) }
                @else { @for (index, model) in allowed.iter().enumerate() { @if index > 0 { ", " } code { (model) } } }
            }
            @for (owner, limits) in &owners {
                @let left = gateway.rates.remaining(owner, limits);
                @let whose = if owner.starts_with("group:") { words.group_suffix } else { "" };
                @if let Some((most, left, _)) = left.requests { dt { (words.requests) (whose) } dd { (left) " / " (most) } }
                @if let Some((most, left, _)) = left.tokens { dt { (words.tokens_a_minute) (whose) } dd { (left) " / " (most) } }
                @if let Some(most) = limits.parallel { dt { (words.parallel) (whose) } dd { (most) } }
                @if !limits.hours.is_empty() { dt { (words.hours) (whose) } dd { (limits.hours.join(", ")) } }
                @if let Some(from) = limits.not_before { dt { (words.not_before) (whose) } dd { (time(gateway, from)) } }
                @if let Some(until) = limits.expires { dt { (words.expires) (whose) } dd { (time(gateway, until)) } }
            }
            dt { (words.zone) }
            dd { (gateway.calendar.zone.iana_name().unwrap_or("UTC")) }
        }
    }
}

fn table(gateway: &Gateway, language: Language, calls: &[Call]) -> Markup {
    let words = Words::of(language);
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="calls" {
            table {
                thead {
                    tr {
                        th scope="col" { (words.time) }
                        th scope="col" { (words.result) }
                        th scope="col" { (words.model) }
                        th.number scope="col" { (words.tokens) }
                        th.number scope="col" { (words.cost) }
                    }
                }
                tbody { @for call in calls { (row(gateway, language, call)) } }
            }
        }
    }
}

fn row(gateway: &Gateway, language: Language, call: &Call) -> Markup {
    let (badge, kind) = match call.outcome {
        Outcome::Ok => ("badge good", words::outcome(call.outcome, language)),
        Outcome::Refused | Outcome::Cancelled | Outcome::Cut => {
            ("badge warn", words::outcome(call.outcome, language))
        }
        Outcome::Failed => ("badge bad", words::outcome(call.outcome, language)),
    };
    html! {
        tr {
            td { (time(gateway, call.at)) }
            td.result {
                span class=(badge) { (kind) }
                @if let Some(reason) = words::reason(call, language) { div { (reason) } }
            }
            td { code { (call.model) } }
            td.number { (call.prompt_tokens) " + " (call.completion_tokens) }
            td.number { (windows::spent(call.cost)) }
        }
    }
}

/// A time in the gateway's zone, to the minute.
fn time(gateway: &Gateway, at: Timestamp) -> Markup {
    let here = at.to_zoned_datetime(gateway.calendar.zone.clone());
    html! { time datetime=(at) { (here.strftime("%Y-%m-%d %H:%M")) } }
}

//! Account checks: key, network, credit, limits, and one call.

use anymodel::{Auth, Protocol, Settings, Source};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::call::{call, catalogue_free, free_model};
use super::network::{self, Response};
use super::place::{ConfiguredPlatform, PlatformChoice};
use super::report::{DoctorReport, Finding, State};

/// The key prefixes of vendors that have one.
const MARKS: [(&str, &str); 4] = [
    ("sk-or-", "openrouter"),
    ("sk-ant-", "anthropic"),
    ("AIza", "gemini"),
    ("sk-proj-", "openai"),
];
/// Runs all checks of the platform. A check is skipped when an earlier one made it pointless.
pub async fn examine(settings: &Settings, report: &mut DoctorReport) -> anyhow::Result<()> {
    match ConfiguredPlatform::of(settings) {
        PlatformChoice::Sandbox(because) => sandbox(settings, &because, report).await,
        PlatformChoice::Unknown(name, hint) => {
            report.add(Finding::bad(
                "platform",
                format!("the address of {name} is not known"),
                hint,
            ))?;
            Ok(())
        }
        PlatformChoice::Platform(place) => platform(settings, &place, report).await,
    }
}

/// Checks of the sandbox: key, network, credit and limits are not needed.
async fn sandbox(
    settings: &Settings,
    because: &str,
    report: &mut DoctorReport,
) -> anyhow::Result<()> {
    report.add(Finding::skipped("key", format!("{because}: the built-in sandbox answers, simulated and free")).hint(
        "for real models: a key from https://openrouter.ai/keys, as OPENROUTER_API_KEY in the environment or in .env",
    ))?;
    skip(
        report,
        &["network", "key accepted", "credit", "limits"],
        "the sandbox needs none",
    )?;
    report.add(
        call(
            settings,
            catalogue_free().unwrap_or("openai/gpt-4o-mini"),
            "simulated",
        )
        .await,
    )?;
    Ok(())
}

async fn platform(
    settings: &Settings,
    place: &ConfiguredPlatform,
    report: &mut DoctorReport,
) -> anyhow::Result<()> {
    let key = report.add(key(settings, place))?;
    if report.add(network::reach(place).await)? == State::Bad {
        return skip(
            report,
            &["key accepted", "credit", "limits", "call"],
            "the network comes first",
        );
    }
    if key == State::Bad {
        return skip(
            report,
            &["key accepted", "credit", "limits", "call"],
            "the key comes first",
        );
    }
    let http = network::http(place)?;
    let (accepted, about) = accepted(&http, place).await;
    if report.add(accepted)? == State::Bad {
        return skip(
            report,
            &["credit", "limits", "call"],
            "the line above comes first",
        );
    }
    let has_credit = report.add(credit(place, about.as_ref()))?;
    report.add(limits(place, about.as_ref()))?;
    if has_credit == State::Bad {
        return skip(report, &["call"], "there is no credit for one");
    }
    let asked = matches!(settings.source("model"), Source::CommandLine(_));
    let model = match &settings.model {
        Some(model) if asked => Some((model.clone(), "as you asked for")),
        _ => free_model(&http, place, settings).await,
    };
    report.add(match model {
        Some((model, kind)) => call(settings, &model, kind).await,
        None => Finding::skipped(
            "call",
            format!("not made: on {} it would cost money", place.name),
        )
        .hint("--model NAME makes one"),
    })?;
    Ok(())
}

fn skip(report: &mut DoctorReport, names: &[&str], because: &str) -> anyhow::Result<()> {
    for name in names {
        report.add(Finding::skipped(name, because))?;
    }
    Ok(())
}

/// Checks that there is a key in the platform's form.
fn key(settings: &Settings, place: &ConfiguredPlatform) -> Finding {
    const NAME: &str = "key";
    let variable = &place.key_variable;
    let Some(key) = &place.key else {
        return match place.auth {
            _ if place.is_local() => {
                Finding::skipped(NAME, "none is set, and a server on this machine needs none")
            }
            Auth::Aws | Auth::Google => Finding::skipped(
                NAME,
                format!(
                    "{variable} is not set; other ways to prove who asks are not looked at here"
                ),
            ),
            _ if place.is_elsewhere => Finding::skipped(
                NAME,
                format!("none is set ({variable}); not every server needs one"),
            ),
            _ => Finding::bad(
                NAME,
                format!("{variable} is not set"),
                "put the key into the environment or into .env; without a key, LLM=sandbox gives simulated answers",
            ),
        };
    };
    let key = key.expose_secret();
    let set = format!(
        "set, {} characters, from {}",
        key.chars().count(),
        settings.source("key")
    );
    let own = place.name.split('-').next().unwrap_or_default();
    let mark = MARKS.iter().find(|(start, _)| key.starts_with(start));
    match mark {
        Some((start, maker)) if *maker != own && !place.is_elsewhere => Finding::bad(
            NAME,
            format!("{set}; it begins with {start}, as keys of {maker} do"),
            format!(
                "set {variable} to a key of {own}, or choose the platform {maker}: LLM={maker}"
            ),
        ),
        None if own == "openrouter" && !place.is_elsewhere => Finding::good(NAME, set)
            .hint("OpenRouter's keys begin with sk-or-; if it is refused below, copy it once more"),
        _ => Finding::good(NAME, set),
    }
}

/// Asks the platform whether it accepts the key; also returns its data about the key where it sends any.
async fn accepted(http: &reqwest::Client, place: &ConfiguredPlatform) -> (Finding, Option<Value>) {
    const NAME: &str = "key accepted";
    if matches!(place.auth, Auth::Aws | Auth::Google) {
        let finding =
            Finding::skipped(NAME, "only a call proves it here").hint("--model NAME makes one");
        return (finding, None);
    }
    let mut answer = Err("nobody was asked".to_owned());
    let mut path = "/models";
    if place.protocol == Protocol::OpenRouter {
        path = "/key";
        answer = network::get(http, place, &format!("{}/key", place.base_url)).await;
    }
    // A server that speaks OpenRouter's protocol may lack its endpoint about keys.
    if !matches!(&answer, Ok(response) if ![404, 405].contains(&response.status)) {
        path = "/models";
        answer = network::get(http, place, &place.models_url()).await;
    }
    match answer {
        Ok(Response {
            status: 200..=299,
            body,
        }) => {
            let what = match (&place.key, path) {
                (None, _) => "the server answers, without a key".to_owned(),
                (Some(_), "/key") => "yes".to_owned(),
                (Some(_), _) => "yes, or it is not asked for before a call".to_owned(),
            };
            (
                Finding::good(NAME, what),
                Some(body).filter(|_| path == "/key"),
            )
        }
        Ok(Response { status, body }) => (refusal(place, status, &body), None),
        Err(why) => (
            Finding::bad(
                NAME,
                format!("{path} gave no answer: {why}"),
                "try again in a while; is the base URL right?",
            ),
            None,
        ),
    }
}

fn refusal(place: &ConfiguredPlatform, status: u16, body: &Value) -> Finding {
    const NAME: &str = "key accepted";
    let words = body["error"]["message"].as_str().unwrap_or_default();
    let words: String = words
        .chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect();
    let said = match words.is_empty() {
        true => format!("HTTP {status}"),
        false => format!("HTTP {status}: {words}"),
    };
    let (what, hint) = match status {
        401 | 403 => (
            format!("{} refuses it ({said})", place.name),
            format!(
                "copy the key once more, whole, or make a new one; it is read from {}",
                place.key_variable
            ),
        ),
        402 => (
            format!("{} says there is no credit ({said})", place.name),
            "buy credit on the platform's page; LLM=sandbox works without".to_owned(),
        ),
        429 => (
            format!("{} says there were too many requests ({said})", place.name),
            "wait a minute, then try again".to_owned(),
        ),
        404 | 405 => (
            format!("no list of models is at {} ({said})", place.models_url()),
            "check the base URL: it usually ends in /v1".to_owned(),
        ),
        _ => (
            format!("{} cannot tell ({said})", place.name),
            "try again in a while".to_owned(),
        ),
    };
    Finding::bad(NAME, what, hint)
}

/// The credit, from `GET /key`.
fn credit(place: &ConfiguredPlatform, about: Option<&Value>) -> Finding {
    const NAME: &str = "credit";
    let Some(data) = about.map(|about| &about["data"]) else {
        return Finding::skipped(NAME, format!("{} does not tell it here", place.name));
    };
    let (limit, left) = (data["limit"].as_f64(), data["limit_remaining"].as_f64());
    if let Some(left) = left.filter(|left| *left <= 0.0) {
        let again = match data["limit_reset"].as_str() {
            Some(reset) => format!("; it begins anew {reset}"),
            None => String::new(),
        };
        return Finding::bad(
            NAME,
            format!(
                "the key's own limit of ${} is used up (${left} left{again})",
                limit.unwrap_or_default()
            ),
            "raise the limit at https://openrouter.ai/settings/keys, or make another key",
        );
    }
    let used = data["usage"]
        .as_f64()
        .map_or_else(String::new, |used| format!(", ${used} used"));
    if data["is_free_tier"].as_bool() == Some(true) {
        return Finding::good(
            NAME,
            format!("none was ever bought{used}: the free models answer"),
        );
    }
    match (left, limit) {
        (Some(left), Some(limit)) => {
            Finding::good(NAME, format!("${left} of the key's ${limit} left{used}"))
        }
        _ => Finding::good(NAME, format!("the key has no limit of its own{used}")),
    }
}

/// The rate limits.
fn limits(place: &ConfiguredPlatform, about: Option<&Value>) -> Finding {
    const NAME: &str = "limits";
    let Some(data) = about.map(|about| &about["data"]) else {
        return Finding::skipped(NAME, format!("{} does not tell them here", place.name));
    };
    let a_day = match data["is_free_tier"].as_bool() {
        Some(true) => "50 a day (1000 once 10 credits were bought)",
        _ => "50 a day, or 1000 if 10 credits were ever bought",
    };
    let end = match data["expires_at"].as_str() {
        Some(end) => format!("; the key expires at {end}"),
        None => String::new(),
    };
    Finding::good(
        NAME,
        format!("free models: 20 requests a minute, {a_day}{end}"),
    )
}

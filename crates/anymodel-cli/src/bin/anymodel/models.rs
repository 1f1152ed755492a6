//! `anymodel models`: the list of models, filtered by price, capability and use case.

mod json;

use std::process::ExitCode;

use anymodel::model::{Capability, ListOrigin, Models, UseCase};
use anymodel::{Client, ClientBuilder, course, platform_specs};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::config::CliOverrides;
use crate::terminal::print;

/// List models: prices, context, abilities; recommend some, or check that those of the lessons are there
///
/// With a key the list is the platform's own. It is kept on disk for six hours and also serves when there is no network;
/// without a key it is the one that is built in. The line above the table says which it is. Retired models are left out
/// unless --retired asks for them, routers are no models, and prices are US dollars for a million tokens.
///
/// Examples: `anymodel models --free --can vision,tools`, `anymodel models --for programming --limit 5`,
/// `anymodel models --sort price --chart --search qwen`, `anymodel models --check`.
///
/// Exit status: 0; 1 when no model is left, or --check misses one; 2 when the command line cannot be read.
#[derive(Args)]
pub struct Arguments {
    /// Only models that cost nothing
    #[arg(long)]
    free: bool,
    /// Only models that can all of these: reasoning, vision, tools, schema
    #[arg(long, value_name = "ABILITIES", value_delimiter = ',', value_parser = ability)]
    can: Vec<Capability>,
    /// Only models that read at least so many tokens (100000, 100k, 1m)
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    context: Option<u64>,
    /// Only models of one family, such as Claude, GPT, Gemini, Llama, Mistral, Cohere
    #[arg(long, value_name = "NAME")]
    family: Option<String>,
    /// Only models with these words in their name or description
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Recommend for a use, best first, with reasons: general, reasoning, programming, conversation, quick
    #[arg(long = "for", value_name = "USE", value_parser = wanted, conflicts_with = "sort")]
    wanted: Option<UseCase>,
    /// The order: cheapest, longest context, or soonest to begin (as the platform measures it)
    #[arg(long)]
    sort: Option<Sort>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Retired models too
    #[arg(long)]
    retired: bool,
    /// Draw what a million tokens cost
    #[arg(long, conflicts_with_all = ["json", "statistics"])]
    chart: bool,
    /// Say how many there are, of whom, what they can, and how prices are spread
    #[arg(long, conflicts_with = "json")]
    statistics: bool,
    /// Print a table of uses, each with the best model and the best free one
    #[arg(long, conflicts_with_all = ["json", "chart", "statistics", "wanted"])]
    tasks: bool,
    /// Check that the models that the lessons name are there, and these NAMES, and say what to take instead
    #[arg(long, value_name = "NAMES", value_delimiter = ',', num_args = 0.., conflicts_with_all = ["chart", "statistics", "tasks", "wanted", "sort"])]
    check: Option<Vec<String>>,
    /// List the hosts that serve this model now, with their prices and speed
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["json", "chart", "statistics", "tasks", "wanted", "sort", "check"])]
    hosts: Option<String>,
    /// Ask the platform now, even if the kept list is young
    #[arg(long)]
    refresh: bool,
    /// Print one JSON object: origin, platform, as_of, note, models (or checks)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    over: CliOverrides,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    Price,
    Context,
    Latency,
}

fn ability(word: &str) -> Result<Capability, String> {
    word.parse().map_err(|error| told(&error))
}

fn wanted(word: &str) -> Result<UseCase, String> {
    word.parse().map_err(|error| told(&error))
}

fn told(error: &anymodel::Error) -> String {
    format!("{error}: {}", error.hint().unwrap_or_default())
}

/// Parses a number of tokens: `128000`, `128k`, `1m`.
fn tokens(text: &str) -> Result<u64, String> {
    let text = text.trim().to_lowercase();
    let (digits, times) = match (text.strip_suffix('k'), text.strip_suffix('m')) {
        (Some(digits), _) => (digits, 1000),
        (_, Some(digits)) => (digits, 1_000_000),
        _ => (&*text, 1),
    };
    let number: Option<u64> = digits.parse().ok();
    number
        .and_then(|number| number.checked_mul(times))
        .ok_or_else(|| "this is no number of tokens: write 128000, 128k or 1m".to_owned())
}

/// Runs the command: lists, recommends or checks.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = match arguments.over.settings() {
        Ok(settings) => settings,
        Err(error) => return failed(&error),
    };
    let named = settings.platform.clone();
    let client = match ClientBuilder::from(settings).or_sandbox().build() {
        Ok(client) => client,
        Err(error) => return failed(&error),
    };
    if let Some(model) = &arguments.hosts {
        return match client.hosts(model).await {
            Ok(hosts) => print(&format!("{hosts}\n")).map(|()| ExitCode::SUCCESS),
            Err(error) => failed(&error),
        };
    }
    let listed = match list(&client, &arguments).await {
        Ok(models) => models,
        Err(error) => return failed(&error),
    };
    if let Some(names) = &arguments.check {
        return check(&listed, names, named.as_deref(), arguments.json);
    }
    let models = chosen(&listed, &arguments);
    if models.is_empty() {
        eprintln!(
            "no model is left of {}: {}",
            listed.len(),
            listed.provenance()
        );
        eprintln!("hint: leave out one of the conditions");
        return Ok(ExitCode::FAILURE);
    }
    print(&match (arguments.wanted, arguments.json) {
        (_, true) => format!(
            "{:#}\n",
            json::listed(&models, arguments.wanted, arguments.limit)
        ),
        _ if arguments.tasks => format!("{}\n", models.tasks()),
        _ if arguments.statistics => format!("{}\n", models.statistics()),
        (Some(wanted), _) => {
            let found = models.recommend(wanted).first(most(&arguments));
            if found.is_empty() {
                eprintln!("none of {} models is for {}", models.len(), wanted.title());
                return Ok(ExitCode::FAILURE);
            }
            format!("{found}\n")
        }
        _ if arguments.chart => format!("{}\n", models.first(most(&arguments)).price_chart()),
        _ => format!("{}\n", models.first(most(&arguments))),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn most(arguments: &Arguments) -> usize {
    arguments.limit.unwrap_or(usize::MAX)
}

fn failed(error: &anymodel::Error) -> anyhow::Result<ExitCode> {
    eprintln!("error: {error:?}");
    Ok(ExitCode::FAILURE)
}

/// The platform's list. An old list is updated now, because a short-lived program cannot do it in the background.
async fn list(client: &Client, arguments: &Arguments) -> anymodel::Result<Models> {
    /// The age at which the library updates a list.
    const OLD: std::time::Duration = std::time::Duration::from_secs(6 * 3600);
    if matches!(arguments.sort, Some(Sort::Latency)) {
        return client.models().lowest_latency_first().await;
    }
    if arguments.refresh {
        return client.models().fresh().await;
    }
    let models = client.models().await?;
    match models.origin() {
        ListOrigin::Kept if models.age() > OLD => client.models().fresh().await,
        _ => Ok(models),
    }
}

/// The models that match the filters, in the requested order.
fn chosen(listed: &Models, arguments: &Arguments) -> Models {
    let mut models = listed.filter(|model| !model.is_router());
    if !arguments.retired {
        models = models.not_retired();
    }
    if arguments.free {
        models = models.free();
    }
    for ability in &arguments.can {
        models = models.that_can(*ability);
    }
    if let Some(least) = arguments.context {
        models = models.with_context(least);
    }
    if let Some(family) = &arguments.family {
        models = models.of_family(family);
    }
    if let Some(words) = &arguments.search {
        models = models.search(words);
    }
    match arguments.sort {
        Some(Sort::Price) => models.cheapest_first(),
        Some(Sort::Context) => models.largest_context_first(),
        Some(Sort::Latency) | None => models,
    }
}

/// Checks the models of the lessons and the named ones. The lessons name OpenRouter's models; on another platform only
/// the named ones are checked.
fn check(
    models: &Models,
    more: &[String],
    platform: Option<&str>,
    in_json: bool,
) -> anyhow::Result<ExitCode> {
    let platform = platform.unwrap_or("openrouter");
    let is_openrouter = platform == "sandbox" || platform.starts_with("openrouter");
    let mut names: Vec<&str> = more
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
        .collect();
    if is_openrouter {
        let is_elsewhere = |name: &str| {
            let place = name.split_once(':').map_or("", |(place, _)| place);
            platform_specs().iter().any(|preset| preset.name == place)
        };
        names.extend(
            course::names()
                .into_iter()
                .filter(|name| !is_elsewhere(name)),
        );
    }
    if names.is_empty() {
        eprintln!(
            "error: there is nothing to check: the lessons name OpenRouter's models, and {platform} has its own"
        );
        eprintln!("hint: name some: anymodel models --check=NAME,NAME");
        return Ok(ExitCode::FAILURE);
    }
    let checks = models.check(names);
    if in_json {
        let rows: Vec<Value> = checks.iter().map(json::checked).collect();
        let mut report = json::head(models);
        report["checks"] = rows.into();
        print(&format!("{report:#}\n"))?;
    } else {
        print(&format!("{checks}\n"))?;
    }
    Ok(match checks.all_there() {
        true => ExitCode::SUCCESS,
        false => {
            eprintln!(
                "a model that a lesson names cannot be asked any more; the names stand in crates/anymodel-course/src/models.rs"
            );
            ExitCode::FAILURE
        }
    })
}

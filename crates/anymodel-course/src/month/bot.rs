//! The help desk bot: runs one month through one client, and records the outcome.
//!
//! Cost is the client's own total, a cache hit is in the reply, and a repeat is in the client's own count of duplicates. The
//! simulation itself checks whether a cached answer is right: the sandbox repeats the question in its answer, so a cached
//! answer shows which question it was written for.

use std::time::Duration;

use anymodel_cache::Cache;
use anymodel_catalog::model::catalogue;
use anymodel_client::{Budget, Client, Fingerprint, Router, Target};
use anymodel_types::{Cached, Reply};
use futures_util::future::join_all;
use rust_decimal::Decimal;

use super::options::ModelPair;
use super::outcome::{Outcome, Wrong};
use super::traffic::{Call, FEATURE_ASKS, Kind, Month};

const STANDING_ORDERS: &str = "You are the help desk of a company whose product is an online workspace for projects, files \
and working time, with apps for computers and phones, an API, and a badge reader as its only hardware. There are four plans: \
Basic, Team, Business and Enterprise. Answer in the language of the question, in at most six sentences, from the knowledge \
base alone; name the menu where something is found. If the knowledge base has no answer, say so and offer a ticket. Never \
promise refunds, dates or legal effects. For a request that needs several steps, number them. For a question about one \
customer's own order, invoice or ticket, look at that record first.";

/// Phrases of a help desk whose answers change from hour to hour, besides the built-in bypass rules.
const CHANGES_HERE: [&str; 10] = [
    "down",
    "outage/outages",
    "disturbance",
    "maintenance",
    "waiting time",
    "挂了",
    "故障",
    "维护",
    "停服",
    "排队",
];

/// The number of concurrent requests, where their order does not matter.
const AT_ONCE: usize = 64;
/// The article's `cost_limit_per_call`, in US dollars.
const PER_CALL: f64 = 0.05;

/// The share of calls for a suspicious question: one that is paid for so often on several days in a row is investigated,
/// because so many people do not type the same text to the last letter.
const SUSPICIOUS: f64 = 0.05;
const DAYS_IN_A_ROW: usize = 3;

/// The features that the bot uses in a month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub router: bool,
    pub cache: bool,
    pub metering: bool,
}

/// Answers all calls of a month.
pub(super) async fn run(month: &Month, way: Way, models: &ModelPair) -> Result<Outcome, String> {
    let mut builder = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .budget(Budget::new().per_call(PER_CALL));
    if way.metering {
        builder = builder.count_duplicates().keep_questions(true);
    }
    if way.cache {
        builder = builder.cache(Cache::semantic().bypass_when(CHANGES_HERE));
    }
    let client = builder.build().map_err(|error| error.to_string())?;
    let target = match way.router {
        true => Target::from(Router::by_difficulty(
            models.cheap.as_str(),
            models.strong.as_str(),
        )),
        false => Target::from(models.strong.as_str()),
    };

    let mut outcome = Outcome::default();
    let mut meter = Meter::default();
    for (day, calls) in month.days.iter().enumerate() {
        let calls: Vec<&Call> = calls
            .iter()
            .filter(|call| call.kind != Kind::Feature || outcome.found.is_none())
            .collect();
        // With a cache, only calls of the same second run concurrently, as on a real day. Without one the order has no
        // effect, and more concurrency is faster.
        let groups: Vec<&[&Call]> = match way.cache {
            true => calls
                .chunk_by(|one, next| one.second == next.second)
                .collect(),
            false => calls.chunks(AT_ONCE).collect(),
        };
        for group in groups {
            let asked = group.iter().map(|call| {
                let chat = client.chat(target.clone()).system(STANDING_ORDERS);
                chat.user(&call.text).send()
            });
            for (call, reply) in group.iter().zip(join_all(asked).await) {
                let reply = reply.map_err(|error| format!("{}: {error}", call.text))?;
                note(&mut outcome, month, models, call, &reply)?;
            }
        }
        outcome.end_day();
        if way.metering && outcome.found.is_none() {
            // The text shows that no person asks this, and which feature does.
            let found = meter.finds(&client, calls.len());
            if found.as_deref() == Some(FEATURE_ASKS) {
                outcome.found = Some(day + 1);
            }
        }
    }
    let stats = client.stats();
    outcome.bill = stats.cost.amount;
    match outcome.bill == outcome.replies {
        true => Ok(outcome),
        false => Err(format!(
            "the client's books say {}, its replies {}",
            outcome.bill, outcome.replies
        )),
    }
}

/// Reads the count of duplicates every evening.
#[derive(Debug, Default)]
struct Meter {
    /// The most expensive duplicate, its count until yesterday, and the number of suspicious days.
    worst: Option<(Fingerprint, u64, usize)>,
}

impl Meter {
    /// The text of a question that was paid for too often for several days.
    fn finds(&mut self, client: &Client, calls: usize) -> Option<String> {
        let repeats = client.duplicates();
        let worst = repeats.questions.first()?;
        let (before, days) = match self.worst {
            Some((same, times, days)) if same == worst.fingerprint => (times, days),
            _ => (0, 0),
        };
        let too_often = (worst.times - before) as f64 > calls as f64 * SUSPICIOUS;
        let days = if too_often { days + 1 } else { 0 };
        self.worst = Some((worst.fingerprint, worst.times, days));
        (days >= DAYS_IN_A_ROW).then(|| worst.question.clone().unwrap_or_default())
    }
}

/// Records one answer.
fn note(
    outcome: &mut Outcome,
    month: &Month,
    models: &ModelPair,
    call: &Call,
    reply: &Reply,
) -> Result<(), String> {
    let cost = reply.cost.ok_or("an answer without a cost")?;
    outcome.replies += cost;
    outcome.calls += 1;
    // The feature always asks the same question, so its calls would improve every rate.
    if call.kind == Kind::Feature {
        return Ok(());
    }
    outcome.people += 1;
    let weak = reply.model == models.cheap;
    match (call.hard, weak) {
        (true, true) => outcome.hard_to_weak += 1,
        (false, false) => outcome.easy_to_strong += 1,
        _ => {}
    }
    outcome.hard += usize::from(call.hard);
    let hit = match &reply.cached {
        None => {
            outcome.times.push(simulated(reply)?);
            return Ok(());
        }
        Some(Cached::Coalesced) => {
            outcome.in_flight += 1;
            outcome.times.push(simulated(reply)?);
            "in flight"
        }
        Some(Cached::Semantic { .. }) => {
            outcome.semantic += 1;
            outcome.times.push(reply.latency);
            "semantic"
        }
        Some(_) => {
            outcome.exact += 1;
            outcome.times.push(reply.latency);
            "exact"
        }
    };
    if cost != Decimal::ZERO || !reply.trail.is_empty() {
        return Err(format!("a hit that cost {cost}"));
    }
    let answers = quoted(&reply.text).ok_or_else(|| format!("no question in {:?}", reply.text))?;
    if month.wants.get(answers) != Some(&call.wants) {
        outcome.wrong.push(Wrong {
            hit,
            kind: call.kind,
            asked: call.text.clone(),
            answers: answers.to_owned(),
        });
    }
    Ok(())
}

/// The question in a sandbox's answer: the text between the outermost quotation marks.
fn quoted(text: &str) -> Option<&str> {
    let marks = ['"', '“', '”'];
    let (_, rest) = text.split_once(marks)?;
    let end = rest.rfind(marks)?;
    rest.get(..end)
}

/// The simulated duration of an answer, by the sandbox's own rule: the time to the first token, then the tokens at the speed
/// of the model's first host.
fn simulated(reply: &Reply) -> Result<Duration, String> {
    let unknown = || format!("the catalogue has no host of {}", reply.model);
    let host = catalogue()
        .get(&reply.model)
        .and_then(|model| model.hosts.first());
    let host = host.ok_or_else(unknown)?;
    let tokens = reply.usage.map_or(0, |usage| usage.completion_tokens);
    let each = Duration::from_micros(1_000_000 / host.tokens_per_second.max(1));
    let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
    Ok(Duration::from_millis(host.ttft_ms) + each.saturating_mul(tokens))
}

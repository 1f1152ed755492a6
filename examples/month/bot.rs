//! The help desk's bot: one month through one client, and what came of it.
//!
//! Money is what the client's own books say, a hit is what the reply says, and a repeat is what the client's own count of
//! repeats says. Whether an answer is the right one is judged here, by the words of the answer: the sandbox repeats the
//! question that it was asked, so a kept answer tells which question it was given to.

use std::time::Duration;

use anymodel::model::catalogue;
use anymodel::prelude::*;
use anymodel::{Budget, Cache, Cached, Fingerprint, Router};
use futures_util::future::join_all;
use rust_decimal::Decimal;

use crate::outcome::{Outcome, Wrong};
use crate::traffic::{Call, FEATURE_ASKS, Kind, Month};

const STANDING_ORDERS: &str = "You are the help desk of a company whose product is an online workspace for projects, files \
and working time, with apps for computers and phones, an API, and a badge reader as its only hardware. There are four plans: \
Basic, Team, Business and Enterprise. Answer in the language of the question, in at most six sentences, from the knowledge \
base alone; name the menu where something is found. If the knowledge base has no answer, say so and offer a ticket. Never \
promise refunds, dates or legal effects. For a request that needs several steps, number them. For a question about one \
customer's own order, invoice or ticket, look at that record first.";

/// What a help desk knows to change from hour to hour, beside what is never cached anyway.
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

/// So many requests at once, where their order makes no difference.
const AT_ONCE: usize = 64;
/// The article's `cost_limit_per_call`, in US dollars.
const PER_CALL: f64 = 0.05;

/// A question that is paid for so often in a day, on so many days in a row, is looked into: so many people do not ask the
/// same to the last letter.
const SUSPICIOUS: f64 = 0.05;
const DAYS_IN_A_ROW: usize = 3;

/// How the bot works in a month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    pub router: bool,
    pub cache: bool,
    pub metering: bool,
}

/// The models at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Models {
    pub strong: String,
    pub cheap: String,
}

impl Models {
    pub fn new(strong: &str, cheap: &str) -> Self {
        Models {
            strong: strong.to_owned(),
            cheap: cheap.to_owned(),
        }
    }
}

/// Answers a whole month.
pub async fn run(month: &Month, way: &Way, models: &Models) -> Result<Outcome, String> {
    let mut builder = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .budget(Budget::new().per_call(PER_CALL));
    if way.metering {
        builder = builder.count_duplicates().keep_questions(true);
    }
    if way.cache {
        builder = builder.cache(Cache::semantic().never(CHANGES_HERE));
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
        // With a cache, only what comes in the same second is under way at once, as on a real day. Without one nobody
        // notices, and it goes faster.
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
            // Whoever reads it knows at once that no person asks that, and which feature does.
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

/// Reads the count of repeats every evening.
#[derive(Debug, Default)]
struct Meter {
    /// The question that was paid for again most dearly, how often until yesterday, and for how many days too often.
    worst: Option<(Fingerprint, u64, usize)>,
}

impl Meter {
    /// The question that was paid for far too often for days, in words.
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

/// Books one answer.
fn note(
    outcome: &mut Outcome,
    month: &Month,
    models: &Models,
    call: &Call,
    reply: &Reply,
) -> Result<(), String> {
    let cost = reply.cost.ok_or("an answer without a cost")?;
    outcome.replies += cost;
    outcome.calls += 1;
    // The feature's calls would flatter every rate: it always asks the same.
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
        Some(Cached::InFlight) => {
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

/// The question in a sandbox's answer: it stands between its outermost quotation marks.
fn quoted(text: &str) -> Option<&str> {
    let marks = ['"', '“', '”'];
    let (_, rest) = text.split_once(marks)?;
    let end = rest.rfind(marks)?;
    rest.get(..end)
}

/// How long the answer would have taken at the catalogue's speed, by the sandbox's own rule: the time to the first token,
/// and then token after token at the model's first host.
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

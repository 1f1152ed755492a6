//! The sixteen faults with the rules of failoverbench's catalogue, and their marks.
//!
//! - pass: rescued (S13: refused cleanly), and every check holds
//! - partial: rescued, but an advisory check does not hold
//! - safe: not rescued, but a clean error in time, and every required check holds
//! - fail: anything else
//!
//! Everybody gets the same allowance there: two retries, 30 s of silence, one fallback model.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anymodel::prelude::*;
use futures_util::future::join_all;

use super::provider::{End, OK, OK_WITHOUT_PREFILL, Provider, Seen, text};

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `.stream().final_reply()`, through `reqwest`.
    Streamed,
    /// The same through `async-openai`.
    Compatible,
    /// `.send()`.
    Plain,
}

pub const WAYS: [Way; 3] = [Way::Streamed, Way::Compatible, Way::Plain];

/// Real spans, or shorter ones.
#[derive(Clone, Copy)]
pub struct Timing {
    pub name: &'static str,
    pub scale: f64,
    /// Seconds until the first word, before they are shortened; ten are the default.
    pub first_word: f64,
    /// Added to the limits of shortened spans, as a back-off is never shortened and machines are busy.
    pub slack: f64,
    /// Of S15: seconds of outage, between calls, and until the first model has to be used again.
    pub outage: f64,
    pub every: f64,
    pub back_within: f64,
}

pub const REAL: Timing = Timing {
    name: "real timing",
    first_word: 10.0,
    scale: 1.0,
    slack: 0.0,
    outage: 60.0,
    every: 4.0,
    back_within: 30.0,
};

/// The circuit's times are real ones: an outage of 3 s is noticed after five calls, and the first probe is 5 s later.
pub const QUICK: Timing = Timing {
    name: "spans shortened to a tenth",
    first_word: 10.0,
    scale: 0.1,
    slack: 1.0,
    outage: 3.0,
    every: 0.45,
    back_within: 6.0,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Pass,
    Partial,
    Safe,
    Fail,
}

enum Check {
    AttemptsMin(usize),
    AttemptsMax(usize),
    Attempts(usize),
    /// Seconds between the first two.
    FirstGap(f64),
    /// At most so many in the first seconds.
    Within(f64, usize),
    Wall(f64),
    Complete,
    Usage,
    FallbackModel,
    FallbackUsed,
    NoPrefillMasking,
}
use Check::*;

struct Scenario {
    id: &'static str,
    fallback: &'static str,
    /// The ideal end is an error.
    refused: bool,
    max_wall: f64,
    required: &'static [Check],
    advisory: &'static [Check],
}

const fn scenario(
    id: &'static str,
    max_wall: f64,
    required: &'static [Check],
    advisory: &'static [Check],
) -> Scenario {
    Scenario {
        id,
        fallback: OK,
        refused: false,
        max_wall,
        required,
        advisory,
    }
}

const SCENARIOS: [Scenario; 15] = [
    scenario(
        "s01",
        20.0,
        &[Within(1.5, 2)],
        &[AttemptsMin(2), FirstGap(1.8)],
    ),
    scenario("s02", 40.0, &[Within(3.0, 4), AttemptsMax(6)], &[]),
    scenario("s03", 20.0, &[], &[AttemptsMin(2)]),
    scenario("s04", 40.0, &[AttemptsMax(6)], &[]),
    scenario("s05", 20.0, &[], &[]),
    scenario(
        "s06",
        130.0,
        &[Wall(100.0)],
        &[AttemptsMax(1), FallbackUsed],
    ),
    scenario("s07", 60.0, &[], &[Wall(15.0), FallbackUsed]),
    scenario("s08", 40.0, &[], &[]),
    scenario("s09", 70.0, &[Wall(45.0)], &[]),
    scenario("s10", 30.0, &[], &[Complete]),
    scenario("s11", 30.0, &[Wall(8.0)], &[Usage, AttemptsMax(1)]),
    scenario("s12", 20.0, &[Attempts(1)], &[]),
    Scenario {
        refused: true,
        ..scenario("s13", 20.0, &[Attempts(1)], &[])
    },
    Scenario {
        fallback: OK_WITHOUT_PREFILL,
        ..scenario("s14", 40.0, &[NoPrefillMasking], &[])
    },
    scenario("s16", 40.0, &[FallbackModel, AttemptsMax(6)], &[Usage]),
];

/// One line of the scorecard.
pub struct Line {
    pub id: &'static str,
    pub mark: Mark,
    wall: Duration,
    attempts: (usize, usize),
    notes: String,
}

impl Line {
    pub fn is_pass(&self) -> bool {
        self.mark == Mark::Pass
    }
}

fn client(provider: &Provider, way: Way, timing: Timing) -> Client {
    let mut builder = Client::builder();
    if way == Way::Compatible {
        builder = builder.platform("openai");
    }
    let builder = builder
        .base_url(provider.url())
        .key("sk-or-v1-test0123456789")
        .retries(2)
        .idle_timeout(Duration::from_secs_f64(30.0 * timing.scale));
    let first_word = Duration::from_secs_f64(timing.first_word * timing.scale);
    match first_word == Duration::from_secs(10) {
        // The default; what is not said has to do.
        true => builder,
        false => builder.timeout(first_word),
    }
    .build()
    .unwrap()
}

async fn ask(client: &Client, way: Way, models: [String; 2]) -> anymodel::Result<Reply> {
    let chat = client.chat(models).user("Why is a gateway trusted?");
    match way {
        Way::Plain => chat.send().await,
        _ => chat.stream().final_reply().await,
    }
}

/// Plays all sixteen, each with a client of its own.
pub async fn play(way: Way, timing: Timing, end: End) -> Vec<Line> {
    let provider = Provider::start(timing.scale, timing.outage, end);
    let one = async |scenario: &Scenario| {
        let client = client(&provider, way, timing);
        let model = format!("acme/{}", scenario.id);
        let start = Instant::now();
        let asked = [model.clone(), scenario.fallback.to_owned()];
        let limit = scenario.max_wall * timing.scale + timing.slack;
        let ended = tokio::time::timeout(Duration::from_secs_f64(limit), ask(&client, way, asked));
        let result = ended.await.ok();
        let wall = start.elapsed();
        let healthy = is_healthy(&client, way).await;
        let seen = provider.seen(&model);
        judge(scenario, result, wall, &seen, healthy, &provider, timing)
    };
    let (mut lines, flapping) = tokio::join!(
        join_all(SCENARIOS.iter().map(one)),
        outage(&provider, way, timing)
    );
    lines.insert(14, flapping);
    lines
}

/// Whether a call to a healthy model succeeds within ten seconds.
async fn is_healthy(client: &Client, way: Way) -> bool {
    let healthy = ask(client, way, [OK.to_owned(), OK.to_owned()]);
    let healthy = tokio::time::timeout(Duration::from_secs(10), healthy).await;
    matches!(healthy, Ok(Ok(reply)) if reply.text == text())
}

#[allow(clippy::too_many_arguments)]
fn judge(
    scenario: &Scenario,
    result: Option<anymodel::Result<Reply>>,
    wall: Duration,
    seen: &[Seen],
    healthy: bool,
    provider: &Provider,
    timing: Timing,
) -> Line {
    let mut notes = String::new();
    let id = scenario.id;
    let whole = matches!(&result, Some(Ok(reply)) if reply.text == text());
    let rescued = match scenario.refused {
        true => matches!(&result, Some(Err(error)) if error.kind() == ErrorKind::ContentRefused
            && error.to_string().contains("violence")),
        false => whole,
    };
    let fallback_used = match &result {
        Some(Ok(reply)) => reply
            .trail
            .iter()
            .any(|one| one.model_asked == scenario.fallback),
        Some(Err(error)) => error
            .trail()
            .iter()
            .any(|one| one.model_asked == scenario.fallback),
        None => false,
    };
    let since = |seen: &Seen, first: &Seen| seen.at.duration_since(first.at).as_secs_f64();
    let holds = |check: &Check| match check {
        AttemptsMin(least) => seen.len() >= *least,
        AttemptsMax(most) => seen.len() <= *most,
        Attempts(exactly) => seen.len() == *exactly,
        FirstGap(least) => seen.len() > 1 && since(&seen[1], &seen[0]) >= least * timing.scale,
        Within(span, most) => {
            let early = |one: &&Seen| since(one, &seen[0]) <= span * timing.scale;
            seen.iter().filter(early).count() <= *most
        }
        Wall(most) => wall.as_secs_f64() <= most * timing.scale + timing.slack,
        Complete => whole,
        Usage => matches!(&result, Some(Ok(reply)) if reply.usage.is_some()),
        FallbackModel => matches!(&result, Some(Ok(reply)) if reply.model == scenario.fallback
            && reply.trail.iter().all(|one| one.failure.is_none() || (one.usage.is_none() && one.cost.is_none()))),
        FallbackUsed => fallback_used,
        NoPrefillMasking => !provider
            .seen(OK_WITHOUT_PREFILL)
            .iter()
            .any(|one| one.refused_prefill),
    };
    let required = scenario.required.iter().all(&holds);
    let advised = scenario.advisory.iter().all(&holds);
    let truncated = matches!(&result, Some(Ok(reply)) if reply.text != text());
    if !healthy {
        notes.push_str("a healthy call afterwards failed; ");
    }
    match &result {
        None => notes.push_str("hang; "),
        Some(Err(error)) => _ = write!(notes, "{}; ", error.kind()),
        Some(Ok(reply)) => _ = write!(notes, "answered by {}; ", reply.model),
    }
    let mark = match () {
        () if result.is_none() || truncated && !scenario.refused || !required || !healthy => {
            Mark::Fail
        }
        () if rescued && advised => Mark::Pass,
        () if rescued || scenario.refused && whole => Mark::Partial,
        () => Mark::Safe,
    };
    let others = match &result {
        Some(Ok(reply)) => reply.trail.len().saturating_sub(seen.len()),
        _ => 0,
    };
    Line {
        id,
        mark,
        wall,
        attempts: (seen.len(), others),
        notes,
    }
}

/// S15: one client, twenty calls at regular times, while the first model is down and then well again.
async fn outage(provider: &Provider, way: Way, timing: Timing) -> Line {
    let client = client(provider, way, timing);
    let start = Instant::now();
    let calls = (0..20).map(|n| {
        let client = &client;
        async move {
            tokio::time::sleep(Duration::from_secs_f64(f64::from(n) * timing.every)).await;
            let asked = ["acme/s15".to_owned(), OK.to_owned()];
            let result =
                tokio::time::timeout(Duration::from_secs(30), ask(client, way, asked)).await;
            (start.elapsed().as_secs_f64(), result)
        }
    });
    let ends = join_all(calls).await;
    let seen = provider.seen("acme/s15");
    let down = |one: &&Seen| one.at.duration_since(seen[0].at).as_secs_f64() < timing.outage;
    let while_down = seen.iter().filter(down).count();
    let answered = ends
        .iter()
        .all(|(_, result)| matches!(result, Ok(Ok(reply)) if reply.text == text()));
    let hung = ends.iter().any(|(_, result)| result.is_err());
    let back_after = ends
        .iter()
        .find(|(_, result)| matches!(result, Ok(Ok(reply)) if reply.model == "acme/s15"))
        .map(|(at, _)| at - timing.outage);
    let back = back_after.is_some_and(|after| after <= timing.back_within);
    // Once back, it stays.
    let last = ends
        .last()
        .is_some_and(|(_, result)| matches!(result, Ok(Ok(reply)) if reply.model == "acme/s15"));
    // A probe now and then; the rest of the time it is left alone.
    let told = ends.iter().any(|(_, result)| {
        matches!(result, Ok(Ok(reply)) if !reply.trail.skipped().is_empty() && reply.trail.len() == 1)
    });
    let healthy = is_healthy(&client, way).await;
    Line {
        id: "s15",
        mark: match () {
            () if hung || !answered || !back || !healthy => Mark::Fail,
            () if last && told && while_down <= 9 => Mark::Pass,
            () => Mark::Partial,
        },
        wall: start.elapsed(),
        attempts: (seen.len(), 0),
        notes: format!(
            "{while_down} requests while down, back {:.1} s after the outage",
            back_after.unwrap_or(f64::NAN)
        ),
    }
}

/// The scorecard, for people to read; the first lines of several rounds, with the spread of their times.
pub fn scorecard(title: &str, rounds: &[Vec<Line>]) -> String {
    let mut card = format!("\n{title}\n");
    for at in 0..16 {
        let lines: Vec<&Line> = rounds.iter().map(|round| &round[at]).collect();
        let walls: Vec<f64> = lines.iter().map(|line| line.wall.as_secs_f64()).collect();
        let least = walls.iter().copied().fold(f64::INFINITY, f64::min);
        let most = walls.iter().copied().fold(0.0, f64::max);
        let worst = lines
            .iter()
            .find(|line| !line.is_pass())
            .unwrap_or(&lines[0]);
        let _ = writeln!(
            card,
            "{}  {:<8} {least:>6.2} to {most:>6.2} s  {} on the first model, {} on the second; {}",
            worst.id.to_uppercase(),
            format!("{:?}", worst.mark).to_lowercase(),
            worst.attempts.0,
            worst.attempts.1,
            worst.notes.trim_end_matches("; ")
        );
    }
    let count = |mark| {
        rounds
            .iter()
            .flatten()
            .filter(|line| line.mark == mark)
            .count()
    };
    let _ = writeln!(
        card,
        "of {} in {} rounds: {} pass, {} partial, {} safe, {} fail",
        16 * rounds.len(),
        rounds.len(),
        count(Mark::Pass),
        count(Mark::Partial),
        count(Mark::Safe),
        count(Mark::Fail)
    );
    card
}

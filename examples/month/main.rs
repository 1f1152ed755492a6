//! cargo run --release --example month
//!
//! A help desk's month, 2,000 calls a day. The output shows what metering, routing and caches save, alone and together, how
//! many cached answers are wrong, and how many hard questions a router sends to the weak model. The last line is the
//! summary. It tests the claim of an article on gateways (35 % by the cache, 15 % by routing, 10 % by metering): every call
//! goes through the client, its router, its cache and its usage metrics, and over loopback to the sandbox.
//!
//! - [`corpus`]: the questions, from the text files beside this one; [`dress`]: typing variants
//! - [`traffic`]: a month of calls, with the share of each kind; [`chance`]: the random numbers, from one seed
//! - [`bot`]: one month through one client; [`outcome`]: its results
//! - [`report`]: the figures; [`options`]: the command line

mod bot;
mod chance;
mod corpus;
mod dress;
mod options;
mod outcome;
mod report;
mod traffic;

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use bot::{Models, Way};
use corpus::Corpus;
use options::Options;
use outcome::Outcome;
use report::Figures;
use traffic::{KNOWN, Month, Wanted, month};

fn main() -> ExitCode {
    match options::read(std::env::args().skip(1)) {
        Ok(None) => println!("{}", options::HELP),
        Ok(Some(options)) => {
            if let Err(error) = simulate(&options) {
                eprintln!("month: {error}");
                return ExitCode::FAILURE;
            }
        }
        Err(error) => {
            eprintln!("month: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn simulate(options: &Options) -> Result<(), String> {
    let begun = Instant::now();
    let corpus = Corpus::read()?;
    let wanted = Wanted {
        seed: options.seed,
        days: options.days,
        calls: options.calls,
        tongues: options.tongues.clone(),
        known: KNOWN,
    };
    // The comparisons run over fewer days, because that takes less time.
    let short = (options.days / 5).max(1);
    let (whole, first, half) = (
        month(&corpus, &wanted),
        month(
            &corpus,
            &Wanted {
                days: short,
                ..wanted.clone()
            },
        ),
        month(
            &corpus,
            &Wanted {
                days: short,
                known: KNOWN / 2.0,
                ..wanted
            },
        ),
    );
    let own = &options.models;
    // A pair of models with a smaller price difference.
    let other = &Models::new("anthropic/claude-sonnet-4.6", "anthropic/claude-haiku-4.5");

    let nothing = Way::default();
    let all = Way {
        router: true,
        cache: true,
        metering: true,
    };
    let outcomes = run_all(&[
        (&whole, nothing.clone(), own),
        (
            &whole,
            Way {
                metering: true,
                ..nothing.clone()
            },
            own,
        ),
        (
            &whole,
            Way {
                router: true,
                ..nothing.clone()
            },
            own,
        ),
        (
            &whole,
            Way {
                cache: true,
                ..nothing.clone()
            },
            own,
        ),
        (&whole, all.clone(), own),
        (&half, nothing.clone(), own),
        (&half, all.clone(), own),
        (&first, nothing, other),
        (&first, all, other),
    ])?;
    let [
        nothing,
        metering,
        routing,
        caches,
        all,
        half @ ..,
        other_nothing,
        other_all,
    ] = &outcomes;
    let figures = Figures {
        columns: [
            ("nothing", nothing),
            ("metering", metering),
            ("routing", routing),
            ("caches", caches),
            ("all", all),
        ],
        short,
        half: half.each_ref(),
        other: (other, [other_nothing, other_all]),
    };
    if options.json {
        println!("{:#}", report::json(&figures, options, &whole));
    } else {
        report::print(&figures, options, &corpus, &whole);
        println!("All that took {:.0} s.", begun.elapsed().as_secs_f64());
        println!("{}", figures.verdict());
    }
    Ok(())
}

/// One run: a month, the features of the bot, and its models.
type Run<'a> = (&'a Month, Way, &'a Models);

/// Runs on as many threads as there are processors. The runs are independent: each has its own client, cache and sandbox.
fn run_all<const N: usize>(runs: &[Run<'_>; N]) -> Result<[Outcome; N], String> {
    // The longest first: whole months, and with a cache.
    let mut order: Vec<usize> = (0..N).collect();
    order.sort_by_key(|at| (runs[*at].0.days.len(), runs[*at].1.cache));
    let waiting: Mutex<Vec<usize>> = Mutex::new(order);
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop());
    let one = |at: usize| {
        let (month, way, models) = &runs[at];
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime
            .map_err(|error| error.to_string())?
            .block_on(bot::run(month, way, models))
    };
    let workers = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(N);
    let mut done: Vec<(usize, Result<Outcome, String>)> = thread::scope(|scope| {
        let work = || {
            let mut own = Vec::new();
            while let Some(at) = next() {
                own.push((at, one(at)));
            }
            own
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .flatten()
            .collect()
    });
    done.sort_by_key(|(at, _)| *at);
    let outcomes: Result<Vec<Outcome>, String> =
        done.into_iter().map(|(_, outcome)| outcome).collect();
    outcomes?
        .try_into()
        .map_err(|_| "a month did not end".to_owned())
}

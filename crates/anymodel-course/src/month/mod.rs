//! Simulation of a help desk's month: what metering, routing and caches save, alone and together, and what they spoil.
//!
//! It tests the claim of an article on gateways (35 % by the cache, 15 % by routing, 10 % by metering): every call goes
//! through the client, its router, its cache and its usage metrics, and over loopback to the sandbox, so nothing is paid. The
//! example `month` is a command line around it.
//!
//! - `options`: the parameters; `corpus`: the questions, from the text files beside it; `dress`: typing variants
//! - `traffic`: a month of calls, with the share of each kind; `chance`: the random numbers, from one seed
//! - `bot`: one month through one client; `outcome`: its results
//! - `report`: the figures; `report_text`: the same for a reader
//!
//! ```no_run
//! use anymodel_course::month::{Options, simulate};
//!
//! let report = simulate(&Options { days: 5, calls: 100, ..Options::default() })?;
//! println!("{}", report.verdict()); // saved 72.5 %, wrong answers 0.00 %
//! # Ok::<(), String>(())
//! ```

mod bot;
mod chance;
mod corpus;
mod dress;
mod options;
mod outcome;
mod report;
mod report_text;
mod traffic;

use std::sync::Mutex;
use std::thread;

use bot::Way;
use corpus::Corpus;
pub use corpus::Tongue;
pub use options::{ModelPair, Options};
use outcome::Outcome;
pub use report::Report;
use traffic::{KNOWN, Month, TrafficSettings, month};

/// Simulates a month nine times: without any saving, with each alone, with all, and twice with other traffic and other models.
///
/// It runs on all processors and blocks until the last run ends: half a minute for the default options in a release build.
/// An error is what [`Options::check`] refuses, or a call that failed.
pub fn simulate(options: &Options) -> Result<Report, String> {
    options.check()?;
    let corpus = Corpus::read()?;
    // The comparisons run over fewer days, because that takes less time.
    let short = (options.days / 5).max(1);
    let drawn = |days: usize, known: f64| {
        let settings = TrafficSettings {
            seed: options.seed,
            days,
            calls: options.calls,
            tongues: options.tongues.clone(),
            known,
        };
        month(&corpus, &settings)
    };
    let whole = drawn(options.days, KNOWN);
    let first = drawn(short, KNOWN);
    let half = drawn(short, KNOWN / 2.0);
    let own = &options.models;
    // A pair of models with a smaller price difference.
    let other = ModelPair::new("anthropic/claude-sonnet-4.6", "anthropic/claude-haiku-4.5");

    let way = |metering, router, cache| Way {
        metering,
        router,
        cache,
    };
    let (nothing, all) = (way(false, false, false), way(true, true, true));
    let [
        nothing,
        metering,
        routing,
        caches,
        all,
        half @ ..,
        other_nothing,
        other_all,
    ] = run_all(&[
        (&whole, nothing, own),
        (&whole, way(true, false, false), own),
        (&whole, way(false, true, false), own),
        (&whole, way(false, false, true), own),
        (&whole, all, own),
        (&half, nothing, own),
        (&half, all, own),
        (&first, nothing, &other),
        (&first, all, &other),
    ])?;
    Ok(Report {
        options: options.clone(),
        written: corpus.written,
        drawn: report::drawn(&whole),
        columns: [
            ("nothing", nothing),
            ("metering", metering),
            ("routing", routing),
            ("caches", caches),
            ("all", all),
        ],
        short,
        half,
        other: (other, [other_nothing, other_all]),
    })
}

/// One run: a month, the features of the bot, and its models.
type Run<'a> = (&'a Month, Way, &'a ModelPair);

/// Runs on as many threads as there are processors. The runs are independent: each has its own client, cache and sandbox.
fn run_all<const N: usize>(runs: &[Run<'_>; N]) -> Result<[Outcome; N], String> {
    // The longest first: whole months, and with a cache.
    let mut order: Vec<usize> = (0..N).collect();
    order.sort_by_key(|at| (runs[*at].0.days.len(), runs[*at].1.cache));
    let waiting: Mutex<Vec<usize>> = Mutex::new(order);
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop());
    let one = |at: usize| {
        let (month, way, models) = runs[at];
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

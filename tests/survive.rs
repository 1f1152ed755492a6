//! Calls that survive: whatever a provider does, a call ends in a whole answer or in an error that says so, in time.
//!
//! `cargo test --test survive` plays everything with shortened spans. With real ones, which takes about two minutes:
//! `cargo test --test survive -- --ignored --nocapture`

#[path = "survive/breaker.rs"]
mod breaker;
#[path = "survive/bytes.rs"]
mod bytes;
#[path = "survive/cancel.rs"]
mod cancel;
#[path = "survive/limits.rs"]
mod limits;
#[path = "survive/pace.rs"]
mod pace;
#[path = "survive/provider.rs"]
mod provider;
#[path = "survive/scenarios.rs"]
mod scenarios;
#[path = "survive/script.rs"]
mod script;
#[path = "survive/wire.rs"]
mod wire;

use futures_util::future::join_all;
use scenarios::{Line, QUICK, REAL, WAYS, play, scorecard};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sixteen_faults_are_survived_with_shortened_spans() {
    for way in WAYS {
        let rounds = [play(way, QUICK).await];
        let card = scorecard(&format!("{way:?}, spans shortened to a tenth"), &rounds);
        println!("{card}");
        assert!(rounds[0].iter().all(Line::is_pass), "{card}");
    }
}

/// Three rounds of each way at the same time: they wait, they do not compute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes about two minutes, with real spans"]
async fn all_sixteen_faults_are_survived_with_their_real_timing() {
    let played = WAYS.map(async |way| join_all((0..3).map(|_| play(way, REAL))).await);
    for (way, rounds) in WAYS.iter().zip(join_all(played).await) {
        let card = scorecard(&format!("{way:?}, real timing"), &rounds);
        println!("{card}");
        assert!(rounds.iter().flatten().all(Line::is_pass), "{card}");
    }
}

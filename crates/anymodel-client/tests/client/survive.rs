//! Calls that survive: whatever a provider does, a call ends in a whole answer or in an error that says so, in time.
//!
//! `cargo test -p anymodel-client --test client survive` plays everything with shortened spans. With real ones, which takes
//! about two minutes: `.ci/slow survive`

mod breaker;
mod bytes;
mod cancel;
mod limits;
mod pace;
mod provider;
mod scenarios;
mod script;
mod wire;

use std::time::Duration;

use futures_util::future::join_all;
use provider::End;
use scenarios::{Line, Mark, QUICK, REAL, Timing, WAYS, Way, play, scorecard};

/// All ways at the same time: they wait, they do not compute.
async fn play_all(timing: Timing, rounds: usize, end: End) {
    let played = WAYS.map(async |way| join_all((0..rounds).map(|_| play(way, timing, end))).await);
    for (way, rounds) in WAYS.iter().zip(join_all(played).await) {
        let card = scorecard(&format!("{way:?}, {}, {end:?}", timing.name), &rounds);
        println!("{card}");
        assert!(rounds.iter().flatten().all(Line::is_pass), "{card}");
    }
}

/// A stream that breaks off may end by FIN, by RST, or cleanly without a finish reason. All but one of the faults are over
/// within two seconds; then the next end begins, so that the calls of four ends do not begin at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sixteen_faults_are_survived_however_a_broken_stream_ends() {
    let ends = [End::AsInTheCatalogue, End::Fin, End::Rst, End::Clean];
    let played = (0..).zip(ends).map(async |(number, end)| {
        tokio::time::sleep(Duration::from_secs(2 * number)).await;
        play_all(QUICK, 1, end).await;
    });
    join_all(played).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes about two minutes, with real spans"]
async fn all_sixteen_faults_are_survived_with_their_real_timing() {
    play_all(REAL, 3, End::AsInTheCatalogue).await;
}

/// As other systems are set in the public benchmark: one limit of 30 s for every silence. Nothing is lost; a first word
/// after 20 s is waited for, which the rules mark as partial.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes about two minutes, with real spans"]
async fn one_long_limit_for_every_silence_loses_nothing_either() {
    let timing = Timing {
        name: "real timing, one limit of 30 s",
        first_word: 30.0,
        ..REAL
    };
    let rounds = [play(Way::Streamed, timing, End::AsInTheCatalogue).await];
    let card = scorecard(timing.name, &rounds);
    println!("{card}");
    let lost = rounds[0].iter().filter(|line| !line.is_pass());
    assert_eq!(
        lost.map(|line| line.id).collect::<Vec<_>>(),
        ["s07"],
        "{card}"
    );
    assert!(
        rounds[0]
            .iter()
            .all(|line| matches!(line.mark, Mark::Pass | Mark::Partial)),
        "{card}"
    );
}

//! Steps that take a while, shown to the person who waits.
//!
//! Each says its name, how long it usually takes, how far it is, and at the end how long it took. On a terminal that is
//! one moving line; elsewhere (a log, continuous integration) plain lines. `NO_COLOR` takes the colours away.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::notebook::Result;

const TICK: Duration = Duration::from_millis(120);
const WHEEL: [&str; 4] = ["◐", "◓", "◑", "◒"];

/// Somebody pressed Ctrl-C while a step was running.
#[derive(Debug, Clone, Copy)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Shows steps on standard error, and listens for whoever wants to end them.
///
/// It listens from its making on, so that a Ctrl-C between two steps is not lost. Must be made inside a tokio runtime.
#[derive(Debug, Clone)]
pub struct StepProgress {
    moving: bool,
    coloured: bool,
    told: watch::Receiver<bool>,
}

impl Default for StepProgress {
    fn default() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let moving = std::io::stderr().is_terminal() && !dumb;
        StepProgress {
            moving,
            coloured: moving && !set("NO_COLOR"),
            told: listen(),
        }
    }
}

impl StepProgress {
    /// Does `work`, which usually takes as long as `usual` says, and shows how far it is; `done` tells it in percent
    /// where it can.
    ///
    /// # Errors
    /// What the work fails with, or [`Interrupted`]; the work is dropped then.
    pub async fn run<T>(
        &self,
        name: &str,
        usual: &str,
        done: impl Fn() -> Option<u8>,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let started = Instant::now();
        if !self.moving {
            eprintln!("{name} (usually {usual})");
        }
        let mut work = std::pin::pin!(work);
        let mut interrupted = std::pin::pin!(self.told_to_end());
        let mut ticks = tokio::time::interval(TICK);
        let mut said = 0;
        let outcome = loop {
            tokio::select! {
                outcome = &mut work => break outcome,
                () = &mut interrupted => break Err(Interrupted.into()),
                _ = ticks.tick() => said = self.tell(name, usual, started, done(), said),
            }
        };
        let took = seconds(started.elapsed());
        self.clear();
        match &outcome {
            Ok(_) => eprintln!("{} {name}: {took}", self.paint("✓", 32)),
            Err(_) => eprintln!("{} {name}: failed after {took}", self.paint("✗", 31)),
        }
        outcome
    }

    /// Waits until somebody asks this process to end: Ctrl-C, a closed terminal, a polite kill. Returns at once when
    /// that was before.
    pub async fn told_to_end(&self) {
        if self.told.clone().wait_for(|told| *told).await.is_err() {
            // No signal can be listened for, so none will come.
            std::future::pending().await
        }
    }

    /// Says that a step has nothing to do.
    pub fn skip(&self, name: &str, why: &str) {
        eprintln!("{} {name}: {why}", self.paint("✓", 32));
    }

    /// Says something that does not stop the work, in the parts that an error has.
    pub fn warn(&self, missing: &super::preflight::Missing) {
        eprintln!("{} {missing}", self.paint("warning:", 33));
    }

    /// Moves the line on, or writes one for each further quarter; returns the percentage that was said last.
    fn tell(&self, name: &str, usual: &str, started: Instant, percent: Option<u8>, said: u8) -> u8 {
        let now = percent.unwrap_or(0).min(99);
        if !self.moving {
            if now / 25 > said / 25 {
                eprintln!("  {now} %");
                return now;
            }
            return said;
        }
        let elapsed = started.elapsed();
        let turn = (elapsed.as_millis() / TICK.as_millis().max(1)) as usize % WHEEL.len();
        let far = percent.map(|_| format!(" {now} %")).unwrap_or_default();
        let wheel = self.paint(WHEEL[turn], 36);
        let line = format!(
            "{wheel} {name}:{far} {} (usually {usual})",
            seconds(elapsed)
        );
        eprint!("\r\u{1b}[2K{line}");
        let _ = std::io::stderr().flush();
        now
    }

    fn clear(&self) {
        if self.moving {
            eprint!("\r\u{1b}[2K");
        }
    }

    fn paint(&self, text: &str, colour: u8) -> String {
        if self.coloured {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Listens for the rest of the process. The signals are taken over before this returns.
fn listen() -> watch::Receiver<bool> {
    let (told, listening) = watch::channel(false);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        for mut signal in kinds.into_iter().filter_map(|kind| signal(kind).ok()) {
            let told = told.clone();
            tokio::spawn(async move {
                while signal.recv().await.is_some() {
                    told.send_replace(true);
                }
            });
        }
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        told.send_replace(true);
    });
    listening
}

/// A time for people: `0.4 s`, `12 s`, `3 min 20 s`.
pub fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        whole @ 10..120 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

/// How long ago something was made, for people.
pub fn age(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0..60 => format!("{minutes} min old"),
        60..2880 => format!("{} h old", minutes / 60),
        _ => format!("{} days old", minutes / 1440),
    }
}

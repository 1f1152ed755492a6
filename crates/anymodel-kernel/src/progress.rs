//! Terminal progress of long steps.
//!
//! Each step shows its name, its usual duration, its progress, and at the end how long it took. On a terminal that is
//! one line that is redrawn and cut at the width (`indicatif`); elsewhere (a log, continuous integration) plain lines.
//! `NO_COLOR` switches colours off.

use std::fmt;
use std::time::{Duration, Instant};

use console::style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use crate::notebook::Result;

const TICK: Duration = Duration::from_millis(120);
const WHEEL: &str = "◐◓◑◒ ";

/// Ctrl-C was pressed while a step was running.
#[derive(Debug, Clone, Copy)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Shows steps on standard error, and listens for signals that end them.
///
/// It listens from its creation on, so a Ctrl-C between two steps is not lost. Must be created inside a tokio runtime.
#[derive(Debug, Clone)]
pub struct StepProgress {
    moving: bool,
    told: watch::Receiver<bool>,
}

impl Default for StepProgress {
    fn default() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        StepProgress {
            moving: console::user_attended_stderr() && !dumb,
            told: listen(),
        }
    }
}

impl StepProgress {
    /// Runs `work` and shows its progress. `usual` is how long it usually takes; `done` returns the progress in percent
    /// where it is known.
    ///
    /// # Errors
    /// The error of the work, or [`Interrupted`]; then the work is dropped.
    pub async fn run<T>(
        &self,
        name: &str,
        usual: &str,
        done: impl Fn() -> Option<u8>,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let started = Instant::now();
        let line = self.line();
        let shown = format!("{name} (usually {usual})");
        if line.is_hidden() {
            eprintln!("{shown}");
        }
        let mut work = std::pin::pin!(work);
        let mut interrupted = std::pin::pin!(self.told_to_end());
        let mut ticks = tokio::time::interval(TICK);
        let mut said = 0;
        let outcome = loop {
            tokio::select! {
                outcome = &mut work => break outcome,
                () = &mut interrupted => break Err(Interrupted.into()),
                _ = ticks.tick() => said = tell(&line, &shown, started.elapsed(), done(), said),
            }
        };
        let took = seconds(started.elapsed());
        line.finish_and_clear();
        match &outcome {
            Ok(_) => eprintln!("{} {name}: {took}", style("✓").for_stderr().green()),
            Err(_) => eprintln!(
                "{} {name}: failed after {took}",
                style("✗").for_stderr().red()
            ),
        }
        outcome
    }

    /// Waits for a signal that asks this process to end: Ctrl-C, a closed terminal, SIGTERM. Returns at once when one
    /// came before.
    pub async fn told_to_end(&self) {
        if self.told.clone().wait_for(|told| *told).await.is_err() {
            // Without a listener no signal can arrive.
            std::future::pending().await
        }
    }

    /// Says that a step has nothing to do.
    pub fn skip(&self, name: &str, why: &str) {
        eprintln!("{} {name}: {why}", style("✓").for_stderr().green());
    }

    /// Shows a warning that does not stop the work, in the parts that an error has.
    pub fn warn(&self, missing: &super::preflight::Missing) {
        eprintln!("{} {missing}", style("warning:").for_stderr().yellow());
    }

    /// The progress line; hidden where lines cannot be redrawn.
    fn line(&self) -> ProgressBar {
        let target = if self.moving {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let look = ProgressStyle::with_template("{spinner:.cyan} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let line = ProgressBar::with_draw_target(None, target);
        line.set_style(look.tick_chars(WHEEL));
        line
    }
}

/// Updates the line, or prints one for each further quarter; returns the percentage that was printed last.
fn tell(line: &ProgressBar, shown: &str, elapsed: Duration, percent: Option<u8>, said: u8) -> u8 {
    let now = percent.unwrap_or(0).min(99);
    if !line.is_hidden() {
        let far = percent.map(|_| format!(", {now} %")).unwrap_or_default();
        // The changing part comes first, so that a narrow terminal shows it too.
        line.set_message(format!("{}{far}: {shown}", seconds(elapsed)));
        line.tick();
    } else if now / 25 > said / 25 {
        eprintln!("  {now} %");
        return now;
    }
    said
}

/// Listens until the process ends. The signal handlers are installed before this returns.
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

/// Formats a duration: `0.4 s`, `12 s`, `3 min 20 s`.
pub fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        whole @ 10..120 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

/// Formats an age.
pub fn age(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0..60 => format!("{minutes} min old"),
        60..2880 => format!("{} h old", minutes / 60),
        _ => format!("{} days old", minutes / 1440),
    }
}

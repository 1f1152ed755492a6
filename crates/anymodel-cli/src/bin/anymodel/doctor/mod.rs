//! `anymodel doctor`: diagnosis of the set-up that the lessons need.
//!
//! - this file: the command, and the order of the checks
//! - [`machine`]: Rust, kernel, Jupyter
//! - [`place`]: the platform of the settings: address, key, protocol
//! - [`network`]: whether its host can be reached, and through which proxy
//! - [`account`]: the key, credit and limits
//! - [`call`]: one call that costs nothing
//! - [`local`]: local model servers
//! - [`report`]: the report

mod account;
mod call;
mod local;
mod machine;
mod network;
mod place;
mod report;

use std::process::ExitCode;

use anymodel::{ErrorKind, Settings};
use clap::Args;

use crate::config::CliOverrides;
use report::{DoctorReport, Finding};

/// The exit status after Ctrl-C, as shells define it.
const INTERRUPTED: u8 = 130;

/// Check the set-up step by step, and say what to do about what is broken
///
/// ✓ works, ✗ is broken (the line below says what to do), – is not there, not needed, or cannot be known. It looks at the
/// settings, Rust, the kernel, Jupyter, the key, the network, what the platform says of the key, its credit and its
/// limits, makes one call that is free, and looks for models on this machine. Without a key nothing is broken: the
/// built-in sandbox answers. Keys are never shown.
///
/// Exit status: 0 when nothing is broken, 1 otherwise. NO_COLOR switches colours off.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    over: CliOverrides,
    /// Print one JSON object: ok, good, bad, skipped, checks (check, state, message, hint)
    #[arg(long)]
    json: bool,
}

/// Runs all checks, until Ctrl-C.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    tokio::select! {
        all_well = examine(&arguments) => Ok(if all_well? {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }),
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            eprintln!("stopped");
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

async fn examine(arguments: &Arguments) -> anyhow::Result<bool> {
    let mut report = DoctorReport::new(arguments.json);
    let settings = settings(&arguments.over, &mut report)?;
    report.add(machine::rust().await)?;
    report.add(machine::kernel())?;
    report.add(machine::jupyter().await)?;
    match &settings {
        Some(settings) => account::examine(settings, &mut report).await?,
        None => {
            report.add(Finding::skipped(
                "platform",
                "not looked at: the settings do not say which",
            ))?;
        }
    }
    for finding in local::servers(settings.as_ref()).await {
        report.add(finding)?;
    }
    report.end()
}

/// The settings, when they are valid.
fn settings(over: &CliOverrides, report: &mut DoctorReport) -> anyhow::Result<Option<Settings>> {
    match over.settings() {
        Ok(settings) => {
            let file = settings.configuration_file().map_or_else(
                || "no configuration file".to_owned(),
                |file| file.display().to_string(),
            );
            let what = format!("{file}, `.env` and environment can be used");
            report.add(Finding::good("settings", what))?;
            Ok(Some(settings))
        }
        Err(error) => {
            let name = match error.kind() {
                ErrorKind::KeyMalformed => "key",
                _ => "settings",
            };
            let hint = error.hint().unwrap_or_default();
            report.add(Finding::bad(name, error.to_string(), hint))?;
            Ok(None)
        }
    }
}

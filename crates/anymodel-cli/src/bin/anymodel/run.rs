//! `anymodel run`: runs notebooks without a browser.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anymodel_kernel::notebook::{
    compare,
    run::{self, INTERRUPTED, RunFailure, RunReport, RunSettings, RunStep},
};
use clap::Args;

use crate::terminal;

/// Run notebooks without a browser and say which passed
///
/// Each notebook gets a kernel of its own, started in the notebook's folder. Its code cells run one
/// after another up to the first failure: a panic, a `?` that returned early, code that does not
/// compile, a cell that takes too long, a kernel that died. The last code cell must carry the tag
/// `end-of-lesson` and show something. A cell with the tag `raises-exception` may fail.
///
/// The exit status is 0 when all passed, 1 when one failed, 130 after Ctrl-C.
#[derive(Args)]
pub struct Arguments {
    /// The notebooks
    #[arg(required = true, value_name = "NOTEBOOK")]
    notebooks: Vec<PathBuf>,
    /// The kernel to use instead of the one each notebook names
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
    /// Store the outputs in the notebooks that pass
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Compare the outputs with the stored ones and fail when they differ
    #[arg(long)]
    check: bool,
    /// How many seconds one cell may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
    /// How many seconds the kernel may take to start
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    startup_timeout: u64,
    /// Say how long the kernel and each cell took
    #[arg(long)]
    times: bool,
}

/// Runs all notebooks and prints a line for each and a summary.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = RunSettings {
        kernel: arguments.kernel.clone(),
        cell: Duration::from_secs(arguments.timeout),
        startup: Duration::from_secs(arguments.startup_timeout),
    };
    let (mut passed, mut failed, mut interrupted) = (0, 0, false);
    for path in &arguments.notebooks {
        let started = Instant::now();
        let result = run_one(path, &settings, &arguments).await;
        terminal::show_progress("");
        let seconds = started.elapsed().as_secs_f64();
        match result {
            Ok(cells) => {
                passed += 1;
                println!(
                    "✓ {} passed: {cells} code cells, {seconds:.1} s",
                    path.display()
                );
            }
            Err(failure) => {
                failed += 1;
                println!("✗ {} failed: {failure} ({seconds:.1} s)", path.display());
                print_details(&failure);
                if failure.what == INTERRUPTED {
                    interrupted = true;
                    break;
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(match (interrupted, failed) {
        (true, _) => ExitCode::from(130),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::FAILURE,
    })
}

async fn run_one(
    path: &Path,
    settings: &RunSettings,
    arguments: &Arguments,
) -> Result<usize, RunFailure> {
    let name = path.display().to_string();
    terminal::show_progress(&format!("{name}: starting the kernel"));
    let mut progress = |step| match step {
        RunStep::Cell { count, total } => {
            terminal::show_progress(&format!("{name}: cell {count} of {total}"));
        }
        RunStep::Ready(took) if arguments.times => {
            eprintln!("  kernel {:7.2} s", took.as_secs_f64())
        }
        RunStep::Done(took) if arguments.times => {
            eprintln!("  cell   {:7.2} s", took.as_secs_f64())
        }
        RunStep::Ready(_) | RunStep::Done(_) => {}
    };
    let RunReport { document, cells } = run::run(path, settings, &mut progress).await?;
    if arguments.write {
        document
            .save()
            .map_err(|error| failure(format!("{error:#}")))?;
    }
    if arguments.check {
        let difference =
            compare::with_stored(&document).map_err(|error| failure(format!("{error:#}")))?;
        if let Some(details) = difference {
            return Err(RunFailure {
                details,
                ..failure(
                    "the outputs are not the stored ones (`--write` stores new ones)".to_owned(),
                )
            });
        }
    }
    Ok(cells)
}

fn failure(what: String) -> RunFailure {
    RunFailure {
        cell: None,
        what,
        details: String::new(),
    }
}

/// Prints the failing cell's first lines and the kernel's message, indented below the summary line.
fn print_details(failure: &RunFailure) {
    if let Some((_, source)) = &failure.cell {
        for line in source.lines() {
            println!("    | {line}");
        }
    }
    for line in terminal::plain_or_coloured(&failure.details).lines() {
        println!("    {line}");
    }
}

//! Check of the lab without a browser: JupyterLab's kernels and lessons, and a run of every notebook.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use jupyter_zmq_client::KernelspecDir;

use super::lessons;
use super::server::Server;
use anymodel::Language;
use anymodel_kernel::kernelspec;
use anymodel_kernel::notebook::run::{self, RunSettings, RunStep};
use anymodel_kernel::notebook::{Result, compare};
use anymodel_kernel::progress::StepProgress;

/// The variables with which a notebook would ask real models.
const LIVE: [&str; 5] = [
    "OPENROUTER_API_KEY",
    "ZENMUX_API_KEY",
    "OPENROUTER_BASE_URL",
    "OPENROUTER_MODEL",
    "LLM",
];

/// The result for one notebook.
#[derive(Debug, Clone)]
pub struct CheckRow {
    /// The notebook, relative to the crate's folder.
    pub notebook: PathBuf,
    /// The number of code cells, when all of them ran.
    pub cells: usize,
    /// The duration, including the kernel's start.
    pub took: Duration,
    /// Why it failed.
    pub failure: Option<FailedCheck>,
}

/// The failure of a notebook in the check.
#[derive(Debug, Clone)]
pub struct FailedCheck {
    /// The reason in one line.
    pub what: String,
    /// More details, in lines; may be empty.
    pub details: String,
}

impl fmt::Display for FailedCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for FailedCheck {}

/// Checks that a running JupyterLab offers the kernel and the lessons in `folder`.
///
/// # Errors
/// When one of them is missing.
pub async fn offers(server: &Server, folder: &Path, language: Language) -> Result<()> {
    let kernels = server.api().kernels().await?;
    if !kernels.iter().any(|name| name == kernelspec::NAME) {
        bail!(
            "JupyterLab does not list the kernel `{}`, only: {}",
            kernelspec::NAME,
            kernels.join(", ")
        );
    }
    let listed = server.api().notebooks(language.code()).await?;
    let there = lessons::list(folder, language)?;
    for notebook in &there {
        let name = notebook.file_name().unwrap_or_default().to_string_lossy();
        if !listed.iter().any(|listed| *listed == name) {
            bail!("JupyterLab does not list the lesson {}", notebook.display());
        }
    }
    Ok(())
}

/// Runs the crate's notebooks on the kernel in `kernel`, compares their outputs with the stored ones, and shows the
/// progress.
///
/// # Errors
/// When there is no such kernel or no notebook, or after Ctrl-C; a notebook that fails is a [`CheckRow`].
pub async fn notebooks(
    root: &Path,
    kernel: &Path,
    languages: &[Language],
    steps: &StepProgress,
) -> Result<Vec<CheckRow>> {
    let mut kernel = read_kernel(kernel).await?;
    // The stored outputs come from the sandbox, and a check must cost nothing. An empty value counts as unset, and hides
    // the value in a file `.env`.
    let env = kernel.kernelspec.env.get_or_insert_default();
    env.extend(LIVE.map(|name| (name.to_owned(), String::new())));
    let settings = RunSettings {
        kernel: None,
        cell: Duration::from_secs(300),
        startup: Duration::from_secs(120),
    };
    let mut rows = Vec::new();
    for language in languages {
        for path in lessons::list(&root.join(lessons::ORIGINALS), *language)? {
            let shown = path.strip_prefix(root).unwrap_or(&path).to_owned();
            let started = Instant::now();
            let done = std::cell::Cell::new(None);
            let mut progress = |step| {
                if let RunStep::Cell { count, total } = step {
                    let percent = (count - 1) * 100 / total.max(1);
                    done.set(u8::try_from(percent).ok());
                }
            };
            let work = one(kernel.clone(), &path, &settings, &mut progress);
            let name = shown.display().to_string();
            let result = steps.run(&name, "5 s", || done.get(), work).await;
            let (cells, failure) = match result {
                Ok(cells) => (cells, None),
                // Any other error is an interrupt by Ctrl-C.
                Err(error) => (0, Some(error.downcast::<FailedCheck>()?)),
            };
            rows.push(CheckRow {
                notebook: shown,
                cells,
                took: started.elapsed(),
                failure,
            });
        }
    }
    Ok(rows)
}

async fn one(
    kernel: KernelspecDir,
    path: &Path,
    settings: &RunSettings,
    progress: run::RunProgress<'_>,
) -> Result<usize> {
    let finished = run::run_on(kernel, path, settings, progress)
        .await
        .map_err(|failure| FailedCheck {
            what: failure.to_string(),
            details: failure.details,
        })?;
    let failed = match compare::with_stored(&finished.document) {
        Ok(None) => return Ok(finished.cells),
        Ok(Some(details)) => FailedCheck {
            what: "the outputs are not the stored ones".to_owned(),
            details,
        },
        Err(error) => FailedCheck {
            what: format!("{error:#}"),
            details: String::new(),
        },
    };
    Err(failed.into())
}

/// Reads the kernelspec in this folder.
async fn read_kernel(dir: &Path) -> Result<KernelspecDir> {
    let kernelspecs = dir.parent().and_then(Path::parent).unwrap_or(dir);
    let known = jupyter_zmq_client::read_kernelspec_jsons(kernelspecs).await;
    known
        .into_iter()
        .find(|spec| Some(spec.kernel_name.as_ref()) == dir.file_name())
        .with_context(|| format!("there is no kernel in {}", dir.display()))
}

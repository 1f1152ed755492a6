//! The lessons in a JupyterLab of their own: what `cargo lab` does.
//!
//! A learner has a Rust toolchain and a Python; everything else is made here, once, in this program's cache folder, so
//! that nothing of the user's own Python or Jupyter is touched:
//!
//! - [`python`]: a Python that is new enough and can make environments
//! - [`environment`]: the environment with JupyterLab, at the versions of `requirements.txt`; whole or not there
//! - [`lessons`]: the learner's own copy of the lessons
//! - [`server`]: JupyterLab itself, its settings, its port, its end; [`api`] is what it answers
//! - [`check`]: everything but the browser, and every notebook run
//!
//! The kernel is installed into the environment by [`anymodel_kernel::install`].

pub mod api;
pub mod check;
pub mod environment;
mod instance_dir;
pub mod lessons;
pub mod python;
pub mod server;

use std::path::{Path, PathBuf};

use anymodel_kernel::install::{self, InstallOptions, Program};
use anymodel_kernel::notebook::Result;
use anymodel_kernel::preflight;
use anymodel_kernel::progress::StepProgress;
use anymodel_kernel::{kernelspec, paths};
use environment::Environment;
use python::Python;

/// An environment with JupyterLab in it and the kernel installed.
#[derive(Debug)]
pub struct LabEnvironment {
    /// The environment.
    pub environment: Environment,
    /// The kernelspec's folder in it.
    pub kernel: PathBuf,
}

/// Makes what the lessons in the crate at `root` need, as far as it is not there; `python` names a Python to use.
///
/// # Errors
/// What is missing, before anything long is begun; else what failed.
pub async fn prepare(
    root: &Path,
    python: Option<&Path>,
    steps: &StepProgress,
) -> Result<LabEnvironment> {
    preflight::supported()?;
    let program = Program::running()?;
    let environment = Environment::of(Python::find(python)?)?;
    environment.room()?;
    install::template(root, false, steps).await?;
    environment.make(steps).await?;
    let kernel = install::place(&InstallOptions {
        name: kernelspec::NAME.to_owned(),
        kernelspecs: paths::kernelspecs_dir(Some(environment.dir()))?,
        root: root.to_owned(),
        program,
        program_dir: None,
        rebuild: false,
    })?;
    Ok(LabEnvironment {
        environment,
        kernel,
    })
}

//! The lab: the lessons in a private JupyterLab, which `cargo lab` opens.
//!
//! A learner has a Rust toolchain and a Python. Everything else is created once, in this program's cache folder, so
//! that the user's own Python and Jupyter are not changed:
//!
//! - [`python`]: finds a Python that is new enough and can create environments
//! - [`environment`]: the environment with JupyterLab, at the versions of `requirements.txt`
//! - [`lessons`]: the learner's working copies of the lessons
//! - [`server`]: the JupyterLab process: settings, port, shutdown; [`api`] is its HTTP API
//! - [`check`]: the check without a browser, which runs every notebook
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

use anymodel_kernel::{
    install::{self, InstallOptions, Program},
    kernelspec,
    notebook::Result,
    paths, preflight,
    progress::StepProgress,
};
use environment::Environment;
use python::Python;

/// A Python environment with JupyterLab and the kernel installed.
#[derive(Debug)]
pub struct LabEnvironment {
    /// The environment.
    pub environment: Environment,
    /// The kernelspec's folder in it.
    pub kernel: PathBuf,
}

/// Creates what is missing for the lessons in the crate at `root`; `python` names a Python to use.
///
/// # Errors
/// When a requirement is missing, before any long step begins; or when a step fails.
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

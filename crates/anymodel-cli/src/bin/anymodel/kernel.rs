//! `anymodel kernel`: installation, status and start of the course's Jupyter kernel.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anymodel_cli::lab;
use anymodel_kernel::{
    crate_source,
    install::{self, InstallOptions, Program, Removed, shared},
    kernelspec, launch, paths,
    prebuilt_deps::{PrebuiltDeps, TemplateState},
    preflight::disk::{megabytes, size},
    progress::{StepProgress, age},
};
use clap::{Args, Subcommand};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the kernel's template and tell Jupyter about the kernel
    ///
    /// The template holds everything that a lesson depends on, compiled, so that no notebook waits for it
    /// again. The first time this takes some minutes. The program is copied too: a later build in the
    /// target folder does not disturb an installed kernel.
    Install(Install),
    /// Take the kernel away: from Jupyter, its program, its templates, and what `cargo lab` made
    ///
    /// With `--prefix` or `--system` only what was installed there.
    Uninstall(Place),
    /// Say what is installed, how old and how large it is, and what would be built again, and why
    Status(Place),
    /// What the kernelspec starts
    #[command(hide = true)]
    Start(Start),
}

#[derive(Args)]
struct Place {
    /// The kernel's name in Jupyter
    #[arg(long, default_value = kernelspec::NAME)]
    name: String,
    /// For this user (the default)
    #[arg(long, conflicts_with_all = ["prefix", "system"])]
    user: bool,
    /// For all users of this machine: one read-only template below /usr/local, or below `--prefix`
    #[arg(long)]
    system: bool,
    /// For the installation below this folder, such as a virtual environment
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
}

impl Place {
    /// The prefix of an installation for all users, when it is one.
    fn shared_prefix(&self) -> Option<PathBuf> {
        let usual = || PathBuf::from(paths::SHARED_PREFIX);
        self.system
            .then(|| self.prefix.clone().unwrap_or_else(usual))
    }

    fn kernelspecs(&self) -> anyhow::Result<PathBuf> {
        paths::kernelspecs_dir(self.shared_prefix().as_deref().or(self.prefix.as_deref()))
    }
}

#[derive(Args)]
struct Install {
    #[command(flatten)]
    place: Place,
    /// The folder of the crate anymodel [default: found from the current folder, else the published crate]
    #[arg(long, value_name = "DIR")]
    crate_path: Option<PathBuf>,
    /// Build the template anew even when it is up to date
    #[arg(long)]
    rebuild: bool,
}

#[derive(Args)]
struct Start {
    #[arg(long)]
    crate_path: Option<PathBuf>,
    #[arg(long = "control_file")]
    control_file: PathBuf,
}

/// Runs one of the subcommands.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Install(install) => self::install_kernel(install).await,
        Command::Uninstall(place) => uninstall(&place),
        Command::Status(place) => status(&place),
        Command::Start(start) => {
            launch::start(start.crate_path.as_deref(), &start.control_file).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn install_kernel(install: Install) -> anyhow::Result<ExitCode> {
    let place = install.place;
    let root = crate_source::find(install.crate_path.as_deref())?;
    if crate_source::is_stand_in(&root) {
        let version = crate_source::VERSION;
        eprintln!(
            "No checkout here: cells are compiled against the published crate anymodel {version}."
        );
    }
    let order = InstallOptions {
        name: place.name.clone(),
        kernelspecs: place.kernelspecs()?,
        root,
        program: Program::running()?,
        program_dir: None,
        rebuild: install.rebuild,
    };
    let steps = StepProgress::default();
    let own = match place.shared_prefix() {
        Some(prefix) => {
            let prefix = std::path::absolute(prefix)?;
            shared::install(&prefix, order, &steps).await?
        }
        None => install::install(&order, &steps).await?,
    };
    println!("installed the kernel `{}` in {}", place.name, own.display());
    Ok(ExitCode::SUCCESS)
}

fn uninstall(place: &Place) -> anyhow::Result<ExitCode> {
    let dir = place.kernelspecs()?;
    let mut removed = Vec::new();
    if let Some(prefix) = place.shared_prefix() {
        removed = shared::uninstall(&std::path::absolute(prefix)?, &place.name)?;
    } else {
        if place.prefix.is_none() {
            let running = launch::count_running()?;
            anyhow::ensure!(
                running == 0,
                "{running} kernels are running, and they need their template\n\
                 hint: close their notebooks, then try again"
            );
        }
        removed.extend(install::uninstall(&dir, &place.name)?.map(|(removed, _)| removed));
        if place.prefix.is_none() && place.name == kernelspec::NAME {
            removed.extend(lab::environment::remove_all()?);
            removed.extend(install::remove_templates()?);
        }
    }
    if removed.is_empty() {
        println!("there is no kernel `{}` in {}", place.name, dir.display());
    }
    for Removed { what, path, bytes } in removed {
        println!("removed: {what}, {} ({})", path.display(), megabytes(bytes));
    }
    Ok(ExitCode::SUCCESS)
}

fn status(place: &Place) -> anyhow::Result<ExitCode> {
    let is_usual = place.prefix.is_none() && !place.system;
    let dir = place.kernelspecs()?;
    let well = match kernelspec::installed(&dir, &place.name) {
        Some(kernel) => installed(&place.name, &kernel)?,
        None => {
            println!(
                "kernel: `{}` is not installed in {}",
                place.name,
                dir.display()
            );
            println!("next: `anymodel kernel install`");
            false
        }
    };
    if is_usual {
        lab_status()?;
    }
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the state of an installed kernel, and returns whether it is fine.
fn installed(name: &str, kernel: &kernelspec::Installed) -> anyhow::Result<bool> {
    println!("kernel: `{name}` in {}", kernel.dir.display());
    let program = match std::fs::metadata(&kernel.program) {
        Ok(about) => {
            let old = about.modified().ok().and_then(|time| time.elapsed().ok());
            let old = old
                .map(|time| format!(", {}", age(time)))
                .unwrap_or_default();
            format!("({}{old})", megabytes(about.len()))
        }
        Err(_) => "(missing)".to_owned(),
    };
    println!("program: {} {program}", kernel.program.display());
    println!("crate: {}", kernel.root.display());
    println!("running: {}", launch::count_running()?);
    let is_fresh = describe(&PrebuiltDeps::of(&kernel.root)?, &kernel.root);
    if is_fresh && kernel.program.exists() {
        return Ok(true);
    }
    println!("next: `anymodel kernel install`");
    Ok(false)
}

/// Prints the state of the prebuilt dependencies and returns whether they are fine.
fn describe(template: &PrebuiltDeps, root: &Path) -> bool {
    let built = || {
        let old = template
            .age()
            .map(|time| format!(", {}", age(time)))
            .unwrap_or_default();
        format!(
            "{}, {}{old}",
            template.dir().display(),
            megabytes(template.size())
        )
    };
    match template.state() {
        TemplateState::Missing => {
            println!("template: none for {}; it would be built", root.display());
            false
        }
        TemplateState::Fresh => {
            println!("template: up to date ({})", built());
            true
        }
        TemplateState::Stale(changes) => {
            println!(
                "template: out of date ({}); it would be built again, because",
                built()
            );
            for change in changes {
                println!("  {change}");
            }
            false
        }
    }
}

/// Prints the environments of `cargo lab`, which do not belong to an installed kernel.
fn lab_status() -> anyhow::Result<()> {
    let kept = lab::environment::kept()?;
    if kept.is_empty() {
        println!("lab: none; `cargo lab` makes it");
    }
    for environment in kept {
        let old = age(environment.age);
        let now = if environment.is_current {
            "up to date"
        } else {
            "not the one that `cargo lab` would use now, which makes a new one"
        };
        let dir = environment.dir;
        println!(
            "lab: {now} ({}, {}, {old})",
            dir.display(),
            megabytes(size(&dir))
        );
        println!(
            "  JupyterLab {} on Python {}",
            environment.jupyterlab, environment.python
        );
        let specs = paths::kernelspecs_dir(Some(&dir))?;
        if let Some(kernel) = kernelspec::installed(&specs, kernelspec::NAME) {
            describe(&PrebuiltDeps::of(&kernel.root)?, &kernel.root);
        }
    }
    Ok(())
}

//! `anymodel kernel`: the course's Jupyter kernel.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anymodel::kernel::template::{State, Template};
use anymodel::kernel::{launch, places, preflight, spec};
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
    /// The template is a folder in which everything that a lesson depends on is compiled, so that no
    /// notebook waits for it again. The first time this takes some minutes.
    Install(Install),
    /// Take the kernel away from Jupyter, and its template from the disk
    Uninstall(Place),
    /// Say whether the kernel is installed and its template up to date
    Status(Place),
    /// What the kernelspec starts
    #[command(hide = true)]
    Start(Start),
}

#[derive(Args)]
struct Place {
    /// The kernel's name in Jupyter
    #[arg(long, default_value = spec::NAME)]
    name: String,
    /// For this user (the default)
    #[arg(long, conflicts_with = "prefix")]
    user: bool,
    /// For the installation below this folder, such as a virtual environment
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
}

#[derive(Args)]
struct Install {
    #[command(flatten)]
    place: Place,
    /// The folder of the crate anymodel [default: found from the current folder]
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

/// Runs one of the commands.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Install(install) => self::install(install).await,
        Command::Uninstall(place) => uninstall(&place),
        Command::Status(place) => status(&place),
        Command::Start(start) => {
            let root = places::crate_root(start.crate_path.as_deref())?;
            launch::start(&root, &start.control_file).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn install(install: Install) -> anyhow::Result<ExitCode> {
    let root = places::crate_root(install.crate_path.as_deref())?;
    // Asked before the long build: a program that is replaced meanwhile loses its own path.
    let program = std::env::current_exe()?;
    preflight::check()?;
    let template = Template::of(&root)?;
    if !install.rebuild && matches!(template.state(), State::Fresh) {
        eprintln!("the template is up to date");
    } else {
        eprintln!(
            "building the template for {} (the first time takes some minutes)",
            root.display()
        );
        let started = Instant::now();
        template
            .build(&mut |what, part| match part {
                Some((done, all)) => eprintln!("  {done} of {all}: {what}"),
                None => eprintln!("  {what}"),
            })
            .await?;
        eprintln!(
            "the template is built ({} s, {})",
            started.elapsed().as_secs(),
            megabytes(template.size())
        );
    }
    let dir = places::kernelspecs_dir(install.place.prefix.as_deref())?;
    let own = spec::install(&dir, &install.place.name, &program, &root)?;
    println!(
        "installed the kernel `{}` in {}",
        install.place.name,
        own.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn uninstall(place: &Place) -> anyhow::Result<ExitCode> {
    let dir = places::kernelspecs_dir(place.prefix.as_deref())?;
    let Some(kernel) = spec::installed(&dir, &place.name) else {
        // An error, not a success, when the kernel of that name is another program's.
        spec::uninstall(&dir, &place.name)?;
        println!("there is no kernel `{}` in {}", place.name, dir.display());
        return Ok(ExitCode::SUCCESS);
    };
    spec::uninstall(&dir, &place.name)?;
    println!(
        "removed the kernel `{}` from {}",
        place.name,
        kernel.dir.display()
    );
    let template = Template::of(&kernel.root)?;
    if template.remove()? {
        println!("removed the template {}", template.dir().display());
    }
    Ok(ExitCode::SUCCESS)
}

fn status(place: &Place) -> anyhow::Result<ExitCode> {
    let dir = places::kernelspecs_dir(place.prefix.as_deref())?;
    let Some(kernel) = spec::installed(&dir, &place.name) else {
        println!(
            "kernel: `{}` is not installed in {}",
            place.name,
            dir.display()
        );
        println!("next: `anymodel kernel install`");
        return Ok(ExitCode::FAILURE);
    };
    println!("kernel: `{}` in {}", place.name, kernel.dir.display());
    let has_program = kernel.program.exists();
    let program = kernel.program.display();
    println!(
        "program: {program}{}",
        if has_program { "" } else { " (missing)" }
    );
    println!("crate: {}", kernel.root.display());
    println!("running: {}", launch::count_running()?);
    let is_fresh = describe(&Template::of(&kernel.root)?, &kernel.root);
    if is_fresh && has_program {
        return Ok(ExitCode::SUCCESS);
    }
    println!("next: `anymodel kernel install`");
    Ok(ExitCode::FAILURE)
}

/// Prints how the template stands and returns whether all is well with it.
fn describe(template: &Template, root: &Path) -> bool {
    let built = || {
        let age = template.age().map(ago).unwrap_or_default();
        format!(
            "{}, {}{age}",
            template.dir().display(),
            megabytes(template.size())
        )
    };
    match template.state() {
        State::Missing => {
            println!(
                "template: none for {}; the first cell of a notebook takes minutes",
                root.display()
            );
            false
        }
        State::Fresh => {
            println!("template: up to date ({})", built());
            true
        }
        State::Stale(changes) => {
            println!(
                "template: out of date ({}); the first cell of a notebook is slower",
                built()
            );
            for change in changes {
                println!("  {change}");
            }
            false
        }
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

fn ago(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    match minutes {
        0..60 => format!(", {minutes} min old"),
        60..2880 => format!(", {} h old", minutes / 60),
        _ => format!(", {} days old", minutes / 1440),
    }
}

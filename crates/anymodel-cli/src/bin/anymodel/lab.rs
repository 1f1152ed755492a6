//! `anymodel lab`, which `cargo lab` calls: the lessons in JupyterLab.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anymodel::{Language, Table};
use anymodel_cli::lab::check::{self, CheckRow};
use anymodel_cli::lab::lessons;
use anymodel_cli::lab::server::{Server, ServerOptions, free_port};
use anymodel_cli::lab::{LabEnvironment, prepare};
use anymodel_kernel::crate_source;
use anymodel_kernel::progress::{Interrupted, StepProgress, seconds};
use clap::{Args, ValueEnum};

use crate::terminal;

/// Open the lessons in JupyterLab, with everything they need
///
/// The first run makes a Python environment with JupyterLab, and builds the kernel and what the lessons
/// link; that takes some minutes and a network. Later runs start in seconds and need none. Your own Python
/// and Jupyter are left alone; `anymodel kernel uninstall` removes all of it.
///
/// You work on copies of the lessons, in the folder `my-lessons`, which git ignores. A copy that you
/// changed is never overwritten; delete it to get the lesson anew. Ctrl-C ends JupyterLab and its kernels.
#[derive(Args)]
pub struct Arguments {
    /// Do everything but open the browser, run every notebook, and print a table
    #[arg(long)]
    check: bool,
    /// The language of the lessons and of JupyterLab [default: as the environment says, else en]
    #[arg(long)]
    language: Option<Lang>,
    /// The port JupyterLab listens on [default: 8888, or the next free one]
    #[arg(long)]
    port: Option<u16>,
    /// Print the address and leave the browser alone
    #[arg(long)]
    no_browser: bool,
    /// Open the lessons themselves instead of copies, to change them for everybody
    #[arg(long, conflicts_with = "check")]
    edit: bool,
    /// Let the lessons ask for a key when none is set, instead of using the sandbox
    #[arg(long, conflicts_with = "check")]
    ask_key: bool,
    /// The Python to use [default: python3 on the PATH]
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// The folder of the crate anymodel [default: found from the current folder]
    #[arg(long, value_name = "DIR")]
    crate_path: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    En,
    Zh,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Language {
        match lang {
            Lang::En => Language::English,
            Lang::Zh => Language::Chinese,
        }
    }
}

/// Prepares everything and opens the lessons, or checks them.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match run_all(arguments).await {
        Err(error) if error.is::<Interrupted>() => {
            eprintln!("interrupted");
            Ok(ExitCode::from(130))
        }
        outcome => outcome,
    }
}

async fn run_all(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let root = crate_source::checkout(arguments.crate_path.as_deref())?;
    // Checked before any long step.
    free_port(arguments.port)?;
    let steps = StepProgress::default();
    let ready = prepare(&root, arguments.python.as_deref(), &steps).await?;
    if arguments.check {
        check_all(&root, &ready, &arguments, &steps).await
    } else {
        open(&root, &ready, &arguments, &steps).await
    }
}

fn wish(
    folder: PathBuf,
    language: Language,
    arguments: &Arguments,
) -> anyhow::Result<ServerOptions> {
    let first = lessons::list(&folder, language)?.swap_remove(0);
    let first = first.strip_prefix(&folder)?.display().to_string();
    Ok(ServerOptions {
        folder,
        first,
        language,
        port: arguments.port,
        browser: !arguments.no_browser && !arguments.check,
        sandbox: !arguments.ask_key && is_unconfigured(&anymodel::Settings::from_env()?),
    })
}

async fn open(
    root: &Path,
    ready: &LabEnvironment,
    arguments: &Arguments,
    steps: &StepProgress,
) -> anyhow::Result<ExitCode> {
    let language = arguments
        .language
        .map_or_else(Language::of_environment, Into::into);
    let folder = if arguments.edit {
        root.join(lessons::ORIGINALS)
    } else {
        copy(root, steps)?
    };
    let wish = wish(folder, language, arguments)?;
    let mut server = Server::start(&ready.environment, &wish, steps).await?;
    println!("{}", server.url());
    let shown = wish.folder.display();
    if wish.sandbox {
        eprintln!(
            "No key is set, so the sandbox answers: simulated, free, nothing leaves this machine. \
             Set OPENROUTER_API_KEY for real models, or use --ask-key to be asked in the notebook."
        );
    }
    eprintln!("The lessons are open in {shown}. Ctrl-C here ends JupyterLab and its kernels.");
    let outcome = tokio::select! {
        outcome = server.wait() => outcome,
        () = steps.told_to_end() => Ok(()),
    };
    eprintln!("ending JupyterLab and its kernels");
    server.end().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Whether the environment names no platform, address or key. Then the sandbox is used, because a hidden question
/// in the middle of *Run All* would block a class that has no keys.
fn is_unconfigured(settings: &anymodel::Settings) -> bool {
    settings.key.is_none() && settings.base_url.is_none() && settings.platform.is_none()
}

/// Copies the lessons and prints the result.
fn copy(root: &Path, steps: &StepProgress) -> anyhow::Result<PathBuf> {
    let copied = lessons::copy(root)?;
    let news = match (copied.new, copied.renewed) {
        (0, 0) => "there".to_owned(),
        (new, 0) => format!("{new} copied"),
        (new, renewed) => format!("{new} copied, {renewed} brought up to date"),
    };
    steps.skip(&format!("Your lessons in {}", copied.dir.display()), &news);
    for kept in copied.kept {
        eprintln!(
            "  {} has a newer version; yours was changed, so it stays (delete it to get the new one)",
            kept.display()
        );
    }
    Ok(copied.dir)
}

async fn check_all(
    root: &Path,
    ready: &LabEnvironment,
    arguments: &Arguments,
    steps: &StepProgress,
) -> anyhow::Result<ExitCode> {
    let languages = match arguments.language {
        Some(language) => vec![language.into()],
        None => Language::ALL.to_vec(),
    };
    let folder = root.join(lessons::ORIGINALS);
    let wish = wish(folder.clone(), languages[0], arguments)?;
    let server = Server::start(&ready.environment, &wish, steps).await?;
    let asked = async {
        for language in &languages {
            check::offers(&server, &folder, *language).await?;
        }
        Ok(())
    };
    let name = "JupyterLab lists the kernel and the lessons";
    let offers = steps.run(name, "a second", || None, asked).await;
    server.end().await;
    offers?;
    let rows = check::notebooks(root, &ready.kernel, &languages, steps).await?;
    Ok(if print(&rows) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the table and returns whether all passed.
fn print(rows: &[CheckRow]) -> bool {
    let headers = ["notebook", "code cells", "time", "result"];
    let mut table =
        Table::new("Every notebook on the course's kernel", headers).right_align(&[1, 2]);
    for row in rows {
        let (cells, result) = match &row.failure {
            None => (row.cells.to_string(), "passed".to_owned()),
            Some(failed) => ("-".to_owned(), format!("FAILED: {failed}")),
        };
        let name = row.notebook.display().to_string();
        table.push([name, cells, seconds(row.took), result]);
    }
    println!("{table}");
    let failures = rows
        .iter()
        .filter_map(|row| Some((row, row.failure.as_ref()?)));
    let mut failed = 0;
    for (row, failure) in failures {
        failed += 1;
        println!("{}: {failure}", row.notebook.display());
        for line in terminal::plain_or_coloured(&failure.details).lines() {
            println!("    {line}");
        }
    }
    println!("{} passed, {failed} failed", rows.len() - failed);
    failed == 0
}

//! `anymodel config`: checks the configuration, and shows the settings and their sources.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anymodel::{Error, Settings, Table};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Check the configuration file, or show all settings and where they came from
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say everything that is wrong with the configuration file, with line and column
    ///
    /// Without FILE it is the one that would be used: ANYMODEL_CONFIG, else anymodel.yaml in the current folder. `.env`
    /// and the environment are checked too. Exit status: 0 when all of it can be used, 1 when not.
    Check(Check),
    /// Print every setting, its value, and where it came from
    ///
    /// Layers, each over the one before: defaults, the configuration file, `.env` (looked for from the current folder
    /// upwards), the environment, the command line. Of keys only the length is shown. Exit status: 0, or 1 when the
    /// settings cannot be used.
    Show(Show),
}

#[derive(Args)]
struct Check {
    /// The file, in YAML
    file: Option<PathBuf>,
    /// Print one JSON object: file, ok, problems (message, hint), notes
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Show {
    #[command(flatten)]
    over: CliOverrides,
    /// Print one JSON object with a list `settings`: name, value, source, used
    #[arg(long)]
    json: bool,
}

/// What the command line says over all other layers.
#[derive(Args, Default)]
pub struct CliOverrides {
    /// The configuration file [default: ANYMODEL_CONFIG, else ./anymodel.yaml when it is there]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The platform, such as openrouter, zenmux, openai or sandbox
    #[arg(long, value_name = "NAME")]
    pub platform: Option<String>,
    /// Another server that speaks the platform's protocol
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// The model
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
}

impl CliOverrides {
    /// All layers, the command line on top.
    pub fn settings(&self) -> anymodel::Result<Settings> {
        let mut settings = match &self.config {
            Some(path) => Settings::from_config(path)?,
            None => Settings::from_env()?,
        };
        let words = [
            ("platform", "--platform", &self.platform),
            ("base_url", "--base-url", &self.base_url),
            ("model", "--model", &self.model),
        ];
        for (setting, word, value) in words {
            if let Some(value) = value {
                settings.set(setting, value, word)?;
            }
        }
        Ok(settings)
    }
}

/// Runs one of the subcommands.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Check(arguments) => check(&arguments),
        Command::Show(arguments) => show(&arguments),
    }
}

fn check(arguments: &Check) -> anyhow::Result<ExitCode> {
    let file = match &arguments.file {
        Some(file) => Ok(Some(file.clone())),
        None => Settings::file(),
    };
    let (file, problems) = match file {
        Ok(file) => {
            let problems = problems(file.as_deref());
            (file, problems)
        }
        Err(error) => (None, vec![error]),
    };
    let notes = match (&file, problems.is_empty()) {
        (_, false) => Vec::new(),
        (None, true) => vec![
            "no configuration file: ANYMODEL_CONFIG is not set, and there is no anymodel.yaml in this folder"
                .to_owned(),
        ],
        (Some(file), true) => notes(&Settings::from_config(file).map_err(with_hint)?),
    };
    if arguments.json {
        let problems: Vec<Value> = problems.iter().map(as_json).collect();
        let report = json!({
            "file": file.as_ref().map(|file| file.display().to_string()),
            "ok": problems.is_empty(),
            "problems": problems,
            "notes": notes,
        });
        say(&format!("{report:#}\n"))?;
    } else {
        report(file.as_deref(), &problems, &notes)?;
    }
    Ok(if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The errors in the file, or, when it has none, in the layers over it.
fn problems(file: Option<&Path>) -> Vec<Error> {
    let in_file = match file.map(Settings::check) {
        Some(Ok(problems)) => problems,
        Some(Err(error)) => vec![error],
        None => Vec::new(),
    };
    if !in_file.is_empty() {
        return in_file;
    }
    let all = match file {
        Some(file) => Settings::from_config(file),
        None => Settings::from_env(),
    };
    all.err().into_iter().collect()
}

fn report(file: Option<&Path>, problems: &[Error], notes: &[String]) -> anyhow::Result<()> {
    let mut text = String::new();
    for problem in problems {
        text += &format!("{problem:?}\n");
    }
    if problems.is_empty() {
        match file {
            Some(file) => {
                text += &format!(
                    "{}: good, and so are `.env` and the environment\n",
                    file.display()
                )
            }
            None => text += "`.env` and the environment are good\n",
        }
    }
    for note in notes {
        text += &format!("note: {note}\n");
    }
    say(&text)
}

/// Notes about valid settings.
fn notes(settings: &Settings) -> Vec<String> {
    let set = |name: &str| settings.source(name) != anymodel::Source::Default;
    let table = settings.table();
    let later: Vec<&str> = table
        .iter()
        .filter(|row| !row.is_used && set(&row.name))
        .map(|row| row.name.as_str())
        .collect();
    let mut notes = Vec::new();
    if !later.is_empty() {
        notes.push(format!("kept, and not acted on yet: {}", later.join(", ")));
    }
    let too_patient = |deadline: Duration| {
        let all = settings.models.iter();
        let mut patient = all.filter(|model| model.timeout.is_some_and(|own| own >= deadline));
        patient.next().map(|model| (deadline, model))
    };
    if let Some((deadline, model)) = settings.deadline.and_then(too_patient)
        && settings.default_chain().len() > 1
    {
        notes.push(format!(
            "models.{} may be silent for as long as the whole call may take ({} s), so no other model is asked after \
             it: give it a shorter timeout, or the call a longer deadline",
            model.name,
            deadline.as_secs_f64()
        ));
    }
    if settings.models.iter().any(|model| model.pricing.is_some()) {
        notes.push("prices and limits of cost count as US dollars".to_owned());
    }
    notes
}

fn show(arguments: &Show) -> anyhow::Result<ExitCode> {
    let settings = arguments.over.settings().map_err(with_hint)?;
    let rows = settings.table();
    if arguments.json {
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.name,
                    "value": row.value,
                    "source": row.source.to_string(),
                    "used": row.is_used,
                })
            })
            .collect();
        say(&format!("{:#}\n", json!({ "settings": rows })))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new("Settings", ["setting", "value", "from"]);
    for row in rows {
        table.push([
            row.name,
            row.value.unwrap_or_else(|| "–".to_owned()),
            row.source.to_string(),
        ]);
    }
    let notes: String = notes(&settings)
        .iter()
        .map(|note| format!("note: {note}\n"))
        .collect();
    say(&format!("{table}\n{notes}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Converts an error of the library, with its hint, into the error of a command.
pub fn with_hint(error: Error) -> anyhow::Error {
    anyhow::anyhow!("{error:?}")
}

fn as_json(problem: &Error) -> Value {
    json!({ "message": problem.to_string(), "hint": problem.hint() })
}

/// Writes to standard output. A reader such as `head` may close the pipe early; that is not an error.
pub fn say(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

//! Engine of one session: it compiles and runs cells, and returns events and outcomes.

use std::path::PathBuf;

use serde_json::{Map, Value};
use tokio::sync::watch;

use super::command_lines;
use super::commands::Command;
use super::dependencies::Linked;
use super::items::Items;
use super::progress_display::ProgressDisplay;
use super::runner_listener::RunnerListener;
use super::runner_process::RunnerProcess;
use super::session::{CellSession, Outline};
use super::shell;
use super::syntax;
use super::variables::Variables;
use super::{CellError, CellEvent, CellOutcome, EngineSettings, EventSender};
use crate::notebook::Result;
use crate::prebuilt_deps::PrebuiltDeps;

/// A handle that interrupts an engine from another task.
#[derive(Debug, Clone)]
pub struct Interrupter(watch::Sender<u64>);

impl Interrupter {
    /// Ends the running cell or compilation. Does nothing when nothing runs.
    pub fn interrupt(&self) {
        self.0.send_modify(|count| *count += 1);
    }
}

/// The engine of one kernel.
#[derive(Debug)]
pub struct Engine {
    pub(super) settings: EngineSettings,
    interrupts: watch::Sender<u64>,
    desk: RunnerListener,
    /// The linked crates and the runner, once the prebuilt dependencies are ready.
    pub(super) ready: Option<EngineParts>,
    pub(super) session: CellSession,
}

#[derive(Debug)]
pub(super) struct EngineParts {
    pub linked: Linked,
    pub runner: RunnerProcess,
}

impl Engine {
    /// Starts an engine. With up-to-date prebuilt dependencies this takes well under a second. Without them, the
    /// first cell builds them and shows the progress.
    ///
    /// # Errors
    /// When the runner does not start.
    pub async fn start(settings: EngineSettings) -> Result<Engine> {
        let mut desk = RunnerListener::open().await?;
        let ready = match settings.template.hold() {
            Some(held) => Some(EngineParts::new(Linked::new(held), &mut desk).await?),
            None => None,
        };
        let mut engine = Engine {
            settings,
            interrupts: watch::Sender::new(0),
            desk,
            ready: None,
            session: CellSession::default(),
        };
        if let Some(ready) = ready {
            engine.take(ready);
        }
        Ok(engine)
    }

    fn take(&mut self, ready: EngineParts) {
        self.session.variables = Variables::new(ready.linked.hidden_crates());
        self.ready = Some(ready);
    }

    /// A handle that interrupts this engine.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.interrupts.clone())
    }

    /// A snapshot of the session's declarations and variables, for use while the engine is busy.
    pub fn outline(&self) -> Outline {
        self.session.outline()
    }

    /// Runs the `count`th cell.
    pub async fn execute(&mut self, code: &str, count: u32, events: &EventSender) -> CellOutcome {
        self.desk.direct(events);
        self.session.texts.insert(count, code.to_owned());
        let mut interrupts = self.interrupts.subscribe();
        interrupts.borrow_and_update();
        match self.run(code, count, events, &mut interrupts).await {
            Ok(()) => CellOutcome::Done,
            Err(failure) => CellOutcome::Failed(failure.with_cure()),
        }
    }

    async fn run(
        &mut self,
        code: &str,
        count: u32,
        events: &EventSender,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), CellError> {
        self.make_ready(events, interrupts).await?;
        let variables = self.session.context().variables;
        let (rust, commands) = command_lines::without_commands_beside(code, &variables);
        let mut crates = Vec::new();
        for (line, _) in &commands {
            let command =
                Command::read(line).map_err(|text| CellError::plain("CommandError", text))?;
            if let Command::Dep(line) = command {
                // Consecutive lines are compiled together.
                crates.push(line);
                continue;
            }
            self.add(&std::mem::take(&mut crates), events, interrupts)
                .await?;
            self.obey(command, events, interrupts).await?;
        }
        self.add(&crates, events, interrupts).await?;
        let context = self.session.context();
        let Some(cell) = syntax::read_in(code, &context) else {
            return Err(self.unreadable(&rust, count, interrupts).await);
        };
        if cell.items.is_empty() && cell.statements.is_empty() && cell.value.is_none() {
            return Ok(());
        }
        let ran = self.compile(code, cell, context, count, interrupts).await?;
        for note in &ran.notes {
            let _ = events.send(CellEvent::Stderr(note.clone())).await;
        }
        if let Some(text) = self.session.declare(count, &ran.cell, &ran.unfit) {
            let _ = events.send(CellEvent::Stderr(text)).await;
        }
        for text in ran.cell.notes(code) {
            let _ = events.send(CellEvent::Stderr(text)).await;
        }
        if !ran.source.runs {
            return Ok(());
        }
        if self.session.items.homes().contains(&count) {
            let library = ran.library.clone();
            self.session.libraries.insert(count, library);
        }
        self.run_library(ran, count, events, interrupts).await
    }

    /// Waits for the prebuilt dependencies, and builds them when they are missing or out of date.
    async fn make_ready(
        &mut self,
        events: &EventSender,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), CellError> {
        if let Some(ready) = &self.ready {
            if ready.linked.is_whole() && self.settings.folder.exists() {
                return Ok(());
            }
            self.begin_again(events).await;
        }
        let bar = ProgressDisplay::new("building what lessons need (once)", events);
        let template = self.settings.template.clone();
        let mut progress = bar.progress();
        let built = tokio::select! {
            built = template.hold_or_build(&mut *progress) => built,
            _ = interrupts.changed() => return Err(CellError::interrupted("")),
        };
        drop(progress);
        let held = built.map_err(|error| CellError::kernel(&error))?;
        bar.end("built what lessons need").await;
        let ready = EngineParts::new(Linked::new(held), &mut self.desk).await;
        self.take(ready.map_err(|error| CellError::kernel(&error))?);
        Ok(())
    }

    pub(super) fn ready(&mut self) -> std::result::Result<&mut EngineParts, CellError> {
        self.ready.as_mut().ok_or_else(CellError::not_ready)
    }

    pub(super) async fn restart_runner(&mut self) -> Result<()> {
        if let Some(ready) = self.ready.take() {
            ready.runner.end().await;
            let mut ready = EngineParts::new(ready.linked, &mut self.desk).await?;
            // Later cells link the statics of earlier ones.
            for cell in self.session.items.homes() {
                if let Some(library) = self.session.libraries.get(&cell) {
                    ready.runner.keep(library).await;
                }
            }
            self.ready = Some(ready);
        }
        Ok(())
    }

    /// Executes a command line.
    async fn obey(
        &mut self,
        command: Command,
        events: &EventSender,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), CellError> {
        let text = match command {
            Command::Dep(line) => return self.add(&[line], events, interrupts).await,
            Command::Clear => {
                self.session.items = Items::default();
                self.session.variables.clear();
                self.session.gone.clear();
                self.restart_runner()
                    .await
                    .map_err(|error| CellError::kernel(&error))?;
                return Ok(());
            }
            Command::Vars => {
                let lines = self.session.variables.iter();
                lines
                    .map(|(name, known)| format!("{name}: {}\n", known.type_name))
                    .collect()
            }
            Command::ShowDeps => {
                let lines = self.ready()?.linked.list();
                lines.into_iter().map(|line| line + "\n").collect()
            }
            Command::Shell(line) => return shell::run(&line, events, interrupts).await,
            Command::Say(text) => text,
            Command::Nothing(note) => {
                let _ = events.send(CellEvent::Stderr(note)).await;
                return Ok(());
            }
        };
        let data = Map::from_iter([(
            "text/plain".to_owned(),
            Value::String(text.trim_end().to_owned()),
        )]);
        let _ = events.send(CellEvent::Result(data)).await;
        Ok(())
    }

    /// Ends the runner.
    pub async fn end(self) {
        if let Some(ready) = self.ready {
            ready.runner.end().await;
        }
    }
}

impl EngineParts {
    async fn new(linked: Linked, desk: &mut RunnerListener) -> Result<EngineParts> {
        let mut runner = desk.start(&linked.tools).await?;
        // The first cell that names a crate will need it.
        runner.load(&linked.tools.library.path).await;
        Ok(EngineParts { linked, runner })
    }
}

impl EngineSettings {
    /// The settings of a kernel for the crate at `root` that keeps its files in `folder`.
    ///
    /// # Errors
    /// When the cache folder is not known.
    pub fn new(root: PathBuf, folder: PathBuf) -> Result<EngineSettings> {
        let template = PrebuiltDeps::of(&root)?;
        Ok(EngineSettings {
            root,
            folder,
            template,
        })
    }
}

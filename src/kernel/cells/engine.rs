//! One session: cells go in, events and outcomes come out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::commands::Command;
use super::compiler::{self, Want};
use super::dependencies::{Added, Linked};
use super::diagnostics::{self, Diagnostic, Texts};
use super::items::Items;
use super::process::{Desk, End, Runner};
use super::source::{Parts, Put, Source};
use super::syntax::{self, Cell};
use super::variables::{Variables, types_in_mir};
use super::{Event, Events, Failure, Outcome, Settings};
use crate::kernel::template::Template;
use crate::notebook::Result;

/// How long a cell may take to end after it was interrupted; then its process is ended.
const GRACE: Duration = Duration::from_millis(800);
/// How often a cell is changed and compiled again before the compiler's word is final.
const TRIES: usize = 12;

/// Stops what an engine is doing; can be used from another task.
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
    settings: Settings,
    interrupts: watch::Sender<u64>,
    desk: Desk,
    /// What cells link, and the process that runs them: once the template is there.
    ready: Option<Ready>,
    session: Session,
}

#[derive(Debug)]
struct Ready {
    linked: Linked,
    runner: Runner,
}

/// What is known between cells.
#[derive(Debug, Default)]
struct Session {
    items: Items,
    variables: Variables,
    texts: Texts,
    /// Generated files by name, for errors that come later.
    sources: BTreeMap<String, Source>,
    /// Crates whose types variables have, though no cell can name the crate.
    named_crates: BTreeSet<String>,
}

/// What a session declared and computed: enough to analyse a cell that was not run yet.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    items: Items,
    variables: Variables,
}

/// A cell that compiled.
struct Ran {
    source: Source,
    library: PathBuf,
    /// New variables and their types, as the compiler writes them.
    types: BTreeMap<usize, String>,
    left_out: BTreeSet<(String, bool)>,
    notes: Vec<String>,
}

impl Engine {
    /// Gets ready. With a template that is up to date this takes well under a second; without one, the
    /// first cell builds it and shows how far it is.
    ///
    /// # Errors
    /// When the process that runs cells does not start.
    pub async fn start(settings: Settings) -> Result<Engine> {
        let mut desk = Desk::open().await?;
        let ready = match settings.template.hold() {
            Some(held) => Some(Ready::new(Linked::new(held), &mut desk).await?),
            None => None,
        };
        let mut engine = Engine {
            settings,
            interrupts: watch::Sender::new(0),
            desk,
            ready: None,
            session: Session::default(),
        };
        if let Some(ready) = ready {
            engine.take(ready);
        }
        Ok(engine)
    }

    fn take(&mut self, ready: Ready) {
        self.session.variables = Variables::new(ready.linked.hidden_crates());
        self.ready = Some(ready);
    }

    /// Stops what this engine does when asked.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.interrupts.clone())
    }

    /// What the session declared and computed so far, to be kept while the engine is busy.
    pub fn outline(&self) -> Outline {
        Outline {
            items: self.session.items.clone(),
            variables: self.session.variables.clone(),
        }
    }

    /// Runs the `count`th cell.
    pub async fn execute(&mut self, code: &str, count: u32, events: &Events) -> Outcome {
        self.desk.direct(events);
        self.session.texts.insert(count, code.to_owned());
        let mut interrupts = self.interrupts.subscribe();
        interrupts.borrow_and_update();
        match self.run(code, count, events, &mut interrupts).await {
            Ok(()) => Outcome::Done,
            Err(failure) => Outcome::Failed(failure),
        }
    }

    async fn run(
        &mut self,
        code: &str,
        count: u32,
        events: &Events,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), Failure> {
        self.make_ready(events, interrupts).await?;
        let (rust, commands) = syntax::without_commands(code);
        for (line, _) in &commands {
            let command =
                Command::read(line).map_err(|text| Failure::plain("CommandError", text))?;
            self.obey(command, events, interrupts).await?;
        }
        let Some(cell) = syntax::read(code) else {
            return Err(self.unreadable(&rust, count, interrupts).await);
        };
        if cell.items.is_empty() && cell.statements.is_empty() && cell.value.is_none() {
            return Ok(());
        }
        let ran = self.compile(code, &cell, count, interrupts).await?;
        for note in &ran.notes {
            let _ = events.send(Event::Stderr(note.clone())).await;
        }
        let changed = self.session.items.take(count, &cell.items);
        let lost = self.session.variables.forget_types(&changed);
        if !lost.is_empty() {
            let text = format!(
                "dropped, because their type was declared anew: {}\n",
                lost.join(", ")
            );
            let _ = events.send(Event::Stderr(text)).await;
        }
        if !ran.source.runs {
            return Ok(());
        }
        self.run_library(&cell, ran, count, events, interrupts)
            .await
    }

    /// Waits for the template, and builds it when it is missing or out of date.
    async fn make_ready(
        &mut self,
        events: &Events,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), Failure> {
        if self.ready.is_some() {
            return Ok(());
        }
        let bar = Bar::new("building what lessons need (once)", events);
        let template = self.settings.template.clone();
        let mut progress = bar.progress();
        let built = tokio::select! {
            built = template.hold_or_build(&mut *progress) => built,
            _ = interrupts.changed() => return Err(interrupted("")),
        };
        drop(progress);
        let held = built.map_err(|error| kernel_error(&error))?;
        bar.end("built what lessons need").await;
        let ready = Ready::new(Linked::new(held), &mut self.desk).await;
        self.take(ready.map_err(|error| kernel_error(&error))?);
        Ok(())
    }

    fn ready(&mut self) -> std::result::Result<&mut Ready, Failure> {
        let missing = || Failure::plain("KernelError", "the kernel is not ready; restart it");
        self.ready.as_mut().ok_or_else(missing)
    }

    /// A text that `syn` cannot read: the compiler says why.
    async fn unreadable(
        &mut self,
        rust: &str,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> Failure {
        let source = Source::raw(count, rust);
        let compiled = self.call(&source, count, 0, Want::Check, interrupts).await;
        let messages = match compiled {
            Ok(compiled) => compiled.messages,
            Err(failure) => return failure,
        };
        let found = diagnostics::read(&messages, &source);
        let errors: Vec<&Diagnostic> = found
            .iter()
            .filter(|one| one.is_error() && one.is_about_a_cell())
            .collect();
        // One mistake in the form of a text makes the compiler complain about all that follows.
        diagnostics::failure(&errors[..errors.len().min(2)], &self.session.texts)
    }

    async fn call(
        &mut self,
        source: &Source,
        count: u32,
        attempt: usize,
        want: Want,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<compiler::Compiled, Failure> {
        let path = self
            .settings
            .folder
            .join(format!("cell-{count}-{attempt}.rs"));
        std::fs::write(&path, &source.text).map_err(|error| {
            let what = format!("{} cannot be written: {error}", path.display());
            kernel_error(&anyhow::anyhow!(what))
        })?;
        let linked = &self.ready()?.linked;
        tokio::select! {
            compiled = compiler::compile(linked, &path, want) => compiled.map_err(|error| kernel_error(&error)),
            _ = interrupts.changed() => Err(interrupted("")),
        }
    }

    /// Compiles a cell; leaves out of the store what cannot be put there.
    async fn compile(
        &mut self,
        code: &str,
        cell: &Cell,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<Ran, Failure> {
        let mut left_out = BTreeSet::new();
        let mut notes = Vec::new();
        let mut awaits = cell.awaits;
        for attempt in 0..TRIES {
            let bundle = self
                .ready()?
                .linked
                .bundle(&super::items::words(code).collect());
            let source = Source::of(&Parts {
                count,
                code,
                cell,
                items: &self.session.items,
                variables: &self.session.variables,
                left_out: &left_out,
                awaits,
                bundle,
                named_crates: &self.session.named_crates,
            });
            let want = match (source.runs, source.puts.iter().any(|put| put.is_new)) {
                (false, _) => Want::Check,
                (true, false) => Want::Library,
                (true, true) => Want::LibraryAndTypes,
            };
            let compiled = self.call(&source, count, attempt, want, interrupts).await?;
            let found = diagnostics::read(&compiled.messages, &source);
            if compiled.success {
                let types = types_in_mir(&compiled.mir, &source.puts);
                let hidden = types
                    .values()
                    .flat_map(|name| self.session.variables.hidden_crates_of(name));
                let before = self.session.named_crates.len();
                self.session.named_crates.extend(hidden.collect::<Vec<_>>());
                if self.session.named_crates.len() > before {
                    continue;
                }
                let warnings = found
                    .iter()
                    .filter(|one| one.is_about_a_cell() && one.code() == Some("unused_must_use"));
                notes.extend(warnings.map(|one| format!("{}\n", one.render(&self.session.texts))));
                return Ok(Ran {
                    source,
                    library: compiled.library,
                    types,
                    left_out,
                    notes,
                });
            }
            let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.is_error()).collect();
            if errors.is_empty() {
                // The compiler did not come to the cell itself.
                let words = format!("rustc failed\n{}", compiled.messages.trim());
                return Err(Failure::plain("KernelError", words));
            }
            if !awaits && errors.iter().any(|error| error.code() == Some("E0728")) {
                awaits = true;
                continue;
            }
            let (about_puts, others): (Vec<_>, Vec<_>) = errors
                .into_iter()
                .partition(|error| error.put(&source.puts).is_some());
            if !others.is_empty() || about_puts.is_empty() {
                let own: Vec<&Diagnostic> = others
                    .iter()
                    .copied()
                    .filter(|error| error.is_about_a_cell())
                    .collect();
                let shown = if own.is_empty() { others } else { own };
                return Err(diagnostics::failure(&shown, &self.session.texts));
            }
            for error in about_puts {
                if let Some(put) = error.put(&source.puts)
                    && left_out.insert((put.name.clone(), put.is_new))
                {
                    notes.extend(why_left_out(put, error));
                }
            }
        }
        Err(Failure::plain("CompileError", "the cell does not compile"))
    }

    /// Runs what was compiled, and keeps account of the variables.
    async fn run_library(
        &mut self,
        cell: &Cell,
        ran: Ran,
        count: u32,
        events: &Events,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), Failure> {
        let ready = self.ready()?;
        ready.runner.run(count, &ran.library).await;
        let mut was_interrupted = false;
        let end = tokio::select! {
            end = ready.runner.end_of_cell() => Some(end),
            _ = interrupts.changed() => {
                was_interrupted = true;
                ready.runner.interrupt().await;
                tokio::time::timeout(GRACE, ready.runner.end_of_cell()).await.ok()
            }
        };
        let names = |is_new: bool| {
            let puts = ran
                .source
                .puts
                .iter()
                .filter(move |put| put.is_new == is_new);
            puts.map(|put| put.name.clone()).collect::<Vec<String>>()
        };
        let taken = names(false);
        let file = ran.library.with_extension("rs");
        let file = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for (name, is_new) in &ran.left_out {
            if !is_new {
                self.session.variables.remove(name);
            }
        }
        let told = match end {
            Some(End::Told(told)) => told,
            Some(End::Exited(status, words)) if !was_interrupted => {
                return Err(self.start_again("Exited", &exit(status, &words)).await);
            }
            _ => {
                let how = "the cell was interrupted, and its process had to be ended";
                return Err(self.start_again("Interrupted", how).await);
            }
        };
        let numbers: Vec<(usize, &Put)> = ran.source.puts.iter().enumerate().collect();
        if told["kind"].is_null() {
            for (number, put) in numbers.into_iter().filter(|(_, put)| put.is_new) {
                let is_mut = cell
                    .variables
                    .iter()
                    .any(|(name, is_mut)| *name == put.name && *is_mut);
                let type_name = ran.types.get(&number).map_or("", String::as_str);
                if !type_name.is_empty()
                    && !self.session.variables.insert(&put.name, type_name, is_mut)
                {
                    let _ = events
                        .send(Event::Stderr(nameless(&put.name, type_name)))
                        .await;
                }
            }
            for (name, _) in ran.left_out.iter().filter(|(_, is_new)| *is_new) {
                self.session.variables.remove(name);
            }
            self.session.sources.insert(file, ran.source);
            return Ok(());
        }
        self.session.sources.insert(file, ran.source);
        if told["kind"] == "interrupted" {
            let lost = if told["parked"] == true {
                taken
            } else {
                Vec::new()
            };
            for name in &lost {
                self.session.variables.remove(name);
            }
            let text = if lost.is_empty() {
                String::new()
            } else {
                format!("; lost with it: {}", lost.join(", "))
            };
            return Err(interrupted(&text));
        }
        Err(self.session.told(&told))
    }

    /// The runner is gone, and all variables with it.
    async fn start_again(&mut self, name: &str, how: &str) -> Failure {
        let lost = self.session.variables.clear();
        let lost = if lost.is_empty() {
            String::new()
        } else {
            let names = lost.join(", ");
            format!("\nlost with it: {names}; functions and types are still there")
        };
        let failure = Failure::plain(name, format!("{how}{lost}"));
        match self.restart_runner().await {
            Ok(()) => failure,
            Err(error) => Failure::plain(
                "KernelError",
                format!("{how}\n{error:#}\nrestart the kernel"),
            ),
        }
    }

    async fn restart_runner(&mut self) -> Result<()> {
        if let Some(ready) = self.ready.take() {
            ready.runner.end().await;
            self.ready = Some(Ready::new(ready.linked, &mut self.desk).await?);
        }
        Ok(())
    }

    /// Does what a command line asks for.
    async fn obey(
        &mut self,
        command: Command,
        events: &Events,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), Failure> {
        let text = match command {
            Command::Dep(line) => return self.add(&line, events, interrupts).await,
            Command::Clear => {
                self.session.items = Items::default();
                self.session.variables.clear();
                self.restart_runner()
                    .await
                    .map_err(|error| kernel_error(&error))?;
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
            Command::Shell(line) => return shell(&line, events, interrupts).await,
            Command::Say(text) => text,
            Command::Nothing => return Ok(()),
        };
        let data = Map::from_iter([(
            "text/plain".to_owned(),
            Value::String(text.trim_end().to_owned()),
        )]);
        let _ = events.send(Event::Result(data)).await;
        Ok(())
    }

    async fn add(
        &mut self,
        line: &str,
        events: &Events,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), Failure> {
        let (root, folder) = (self.settings.root.clone(), self.settings.folder.clone());
        let bar = Bar::new(&format!("adding {line}"), events);
        let mut progress = bar.progress();
        let linked = &mut self.ready()?.linked;
        let added = tokio::select! {
            added = linked.add(line, &root, &folder, &mut *progress) => added,
            _ = interrupts.changed() => return Err(interrupted("")),
        };
        drop(progress);
        let added = added.map_err(|error| Failure::plain("CommandError", format!("{error:#}")))?;
        if added == Added::Nothing {
            return Ok(());
        }
        bar.end(&format!("added {line}")).await;
        let hidden = self.ready()?.linked.hidden_crates();
        self.session.variables.hide(hidden);
        if added == Added::Everything {
            let lost = self.session.variables.clear();
            self.restart_runner()
                .await
                .map_err(|error| kernel_error(&error))?;
            if !lost.is_empty() {
                let text = format!(
                    "dropped, because a crate they use was compiled anew: {}\n",
                    lost.join(", ")
                );
                let _ = events.send(Event::Stderr(text)).await;
            }
        }
        Ok(())
    }

    /// Ends the process that runs the cells.
    pub async fn end(self) {
        if let Some(ready) = self.ready {
            ready.runner.end().await;
        }
    }
}

impl Ready {
    async fn new(linked: Linked, desk: &mut Desk) -> Result<Ready> {
        let mut runner = desk.start(&linked.tools).await?;
        if let Some(library) = linked.anymodel() {
            runner.load(library).await;
        }
        Ok(Ready { linked, runner })
    }
}

impl Session {
    /// A panic or an early return, with the learner's line.
    fn told(&self, told: &Value) -> Failure {
        let message = told["message"].as_str().unwrap_or_default();
        let name = match told["kind"].as_str() {
            Some("panic") => "Panic",
            Some("error") => "Error",
            _ => "KernelError",
        };
        let title = match name {
            "Panic" => format!("panicked: {message}"),
            _ => message.to_owned(),
        };
        let (first, rest) = title.split_once('\n').unwrap_or((&title, ""));
        let mut traceback = match self.origin(told) {
            Some((cell, at)) => diagnostics::place(first, cell, at, &self.texts),
            None => diagnostics::place(first, 0, 0, &self.texts),
        };
        traceback.extend(rest.lines().map(str::to_owned));
        if let (Some(file), Some(line)) = (told["place"][0].as_str(), told["place"][1].as_u64())
            && !self.sources.contains_key(base(file))
            && name == "Panic"
        {
            traceback.push(format!("the panic happened at {file}:{line}"));
        }
        Failure {
            name: name.to_owned(),
            value: message.to_owned(),
            traceback,
        }
    }

    /// Where in a cell something happened: there itself, or in something that the cell called.
    fn origin(&self, told: &Value) -> Option<(u32, usize)> {
        let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
        let place = &told["place"];
        if let Some(source) = place[0]
            .as_str()
            .and_then(|file| self.sources.get(base(file)))
            && let Some(found) = source.origin_of_place(number(&place[1])?, number(&place[2])?)
        {
            return Some(found);
        }
        let calls = told["calls"].as_array()?;
        calls.iter().find_map(|call| {
            let source = self.sources.get(base(call[0].as_str()?))?;
            source.origin_of_line(number(&call[1])?)
        })
    }
}

impl Outline {
    /// One source file for an analyser, with `code` inside, and the place in it of the byte `offset`
    /// of `code`.
    pub fn around(&self, code: &str, offset: usize) -> (String, usize) {
        let (rust, _) = syntax::without_commands(code);
        let mut text = String::from("#![allow(warnings)]\n");
        for (_, entry) in self.items.beside(&[]) {
            text.push_str(&entry.text);
            text.push('\n');
        }
        text.push_str("async fn __cell(\n");
        for (name, known) in self.variables.iter() {
            let is_mut = if known.is_mut { "mut " } else { "" };
            text.push_str(&format!("{is_mut}{name}: {},\n", known.type_name));
        }
        text.push_str(") {\n");
        let at = text.len() + offset;
        text.push_str(&rust);
        text.push_str("\n}\n");
        (text, at)
    }
}

fn base(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

fn interrupted(more: &str) -> Failure {
    Failure::plain("Interrupted", format!("the cell was interrupted{more}"))
}

fn kernel_error(error: &anyhow::Error) -> Failure {
    Failure::plain("KernelError", format!("{error:#}"))
}

/// Why a variable does not last, unless the learner moved it, which they know.
fn why_left_out(put: &Put, error: &Diagnostic) -> Option<String> {
    let name = &put.name;
    (put.is_new && error.code() != Some("E0382")).then(|| {
        format!(
            "note: `{name}` ends with this cell, because it borrows from something that does ({})\n",
            error.message()
        )
    })
}

fn nameless(name: &str, type_name: &str) -> String {
    let what = match type_name {
        closure if closure.contains("{closure") => "a closure",
        future if future.contains("{async") || future.contains("impl std::future") => "a future",
        _ => "of a type without a name",
    };
    format!(
        "note: `{name}` ends with this cell, because it is {what}; to keep it, box it: `let {name}: Box<dyn …> = Box::new(…);`\n"
    )
}

/// How a process ended, in words.
fn exit(status: std::process::ExitStatus, last_words: &str) -> String {
    let said = |mark: &str| last_words.lines().find(|line| line.contains(mark));
    if let Some(line) = said("memory allocation of") {
        return format!("the cell asked for more memory than there is: {line}");
    }
    if said("has overflowed its stack").is_some() {
        return "the cell overflowed its stack; does a function call itself without end?"
            .to_owned();
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            6 => "the cell's process was aborted".to_owned(),
            9 => "the cell's process was killed; perhaps it needed more memory than there is"
                .to_owned(),
            11 | 7 => "the cell's process made a forbidden access to memory".to_owned(),
            _ => format!("the cell's process was ended by signal {signal}"),
        };
    }
    match status.code() {
        Some(code) => format!("the cell ended its process with status {code}"),
        None => "the cell's process ended".to_owned(),
    }
}

/// Runs a line in the shell and shows what it says.
async fn shell(
    line: &str,
    events: &Events,
    interrupts: &mut watch::Receiver<u64>,
) -> std::result::Result<(), Failure> {
    let mut command = tokio::process::Command::new("sh");
    command
        .args(["-c", line])
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let output = tokio::select! {
        output = command.output() => output,
        _ = interrupts.changed() => return Err(interrupted("")),
    };
    let output = output.map_err(|error| Failure::plain("CommandError", error.to_string()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let _ = events.send(Event::Stdout(text(&output.stdout))).await;
    let _ = events.send(Event::Stderr(text(&output.stderr))).await;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::plain(
        "CommandError",
        format!("`{line}` failed ({})", output.status),
    ))
}

/// A long step in the notebook: shown once, and changed as it goes on.
struct Bar {
    title: String,
    id: String,
    events: Events,
}

impl Bar {
    fn new(title: &str, events: &Events) -> Bar {
        Bar {
            title: title.to_owned(),
            id: uuid::Uuid::new_v4().to_string(),
            events: events.clone(),
        }
    }

    /// Takes reports. The first one shows the bar, so a step that takes no time shows nothing.
    fn progress(&self) -> Box<crate::kernel::build::Progress<'static>> {
        let (title, id, events) = (self.title.clone(), self.id.clone(), self.events.clone());
        let mut is_shown = false;
        Box::new(move |what, part| {
            let data = bar(&title, what, part);
            let event = match std::mem::replace(&mut is_shown, true) {
                false => Event::Display {
                    data,
                    id: Some(id.clone()),
                },
                true => Event::Update {
                    data,
                    id: id.clone(),
                },
            };
            // A report that finds no room is followed by another one.
            let _ = events.try_send(event);
        })
    }

    async fn end(&self, words: &str) {
        let data = Map::from_iter([("text/plain".to_owned(), json!(words))]);
        let _ = self
            .events
            .send(Event::Update {
                data,
                id: self.id.clone(),
            })
            .await;
    }
}

fn bar(title: &str, what: &str, part: Option<(usize, usize)>) -> Map<String, Value> {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let (text, html) = match part {
        Some((done, all)) => (
            format!("{title}: {done} of {all}, {what}"),
            format!(
                "<div>{}<br><progress value=\"{done}\" max=\"{all}\"></progress> {done} / {all} {}</div>",
                escaped(title),
                escaped(what)
            ),
        ),
        None => (
            format!("{title}: {what}"),
            format!(
                "<div>{}<br><progress></progress> {}</div>",
                escaped(title),
                escaped(what)
            ),
        ),
    };
    Map::from_iter([
        ("text/plain".to_owned(), json!(text)),
        ("text/html".to_owned(), json!(html)),
    ])
}

impl Settings {
    /// The settings of a kernel for the crate at `root` that keeps its files in `folder`.
    ///
    /// # Errors
    /// When the cache folder is not known.
    pub fn new(root: PathBuf, folder: PathBuf) -> Result<Settings> {
        let template = Template::of(&root)?;
        Ok(Settings {
            root,
            folder,
            template,
        })
    }
}

//! Execution of a compiled cell in the runner, and the update of its variables.

use tokio::sync::watch;

use super::compile_attempt::CellRun;
use super::engine::Engine;
use super::runner_process::RunnerExit;
use super::source::StoreVariable;
use super::{CellError, CellEvent, EventSender};
use std::time::Duration;

/// The time that an interrupted cell has to end; after it its process is killed.
const GRACE: Duration = Duration::from_millis(750);

impl Engine {
    /// Runs a compiled cell, and updates the variables.
    pub(super) async fn run_library(
        &mut self,
        ran: CellRun,
        count: u32,
        events: &EventSender,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), CellError> {
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
        for (name, is_new) in &ran.left_out {
            if !is_new {
                self.session.forget(name, &moved(count));
            }
        }
        let told = match end {
            Some(RunnerExit::Told(told)) => told,
            Some(RunnerExit::Exited(status, words)) if !was_interrupted => {
                return Err(self.start_again("Exited", &exit(status, &words)).await);
            }
            _ => {
                let how = "the cell was interrupted, and its process had to be ended";
                return Err(self.start_again("Interrupted", how).await);
            }
        };
        let numbers: Vec<(usize, &StoreVariable)> = ran.source.puts.iter().enumerate().collect();
        // A destructor that panics does so after the statements are done.
        let is_done = told["kind"].is_null() || told["done"] == true;
        if is_done {
            for (number, put) in numbers.into_iter().filter(|(_, put)| put.is_new) {
                let is_mut = ran
                    .cell
                    .variables
                    .iter()
                    .any(|(name, is_mut)| *name == put.name && *is_mut);
                let type_name = ran.types.get(&number).map_or("", String::as_str);
                if type_name.is_empty() {
                    continue;
                }
                self.session.gone.remove(&put.name);
                let shape = self.session.items.shape_of(type_name);
                let variables = &mut self.session.variables;
                if !variables.insert(&put.name, type_name, is_mut, shape) {
                    self.session.forget(&put.name, &ended(count));
                    let _ = events
                        .send(CellEvent::Stderr(nameless(&put.name, type_name)))
                        .await;
                }
            }
            for (name, _) in ran.left_out.iter().filter(|(_, is_new)| *is_new) {
                // An older variable of this name still exists.
                if taken.contains(name) {
                    continue;
                }
                let is_noted = ran
                    .notes
                    .iter()
                    .any(|note| note.contains(&format!("`{name}`")));
                let why = if is_noted { ended(count) } else { moved(count) };
                self.session.forget(name, &why);
            }
            self.session.sources.insert(count, ran.source);
            return match told["kind"].is_null() {
                true => Ok(()),
                false => Err(self.session.panic_error(&told)),
            };
        }
        self.session.sources.insert(count, ran.source);
        if told["kind"] == "interrupted" {
            let lost = if told["parked"] == true {
                taken
            } else {
                Vec::new()
            };
            for name in &lost {
                self.session.forget(
                    name,
                    &format!("was lost when cell [{count}] was interrupted"),
                );
            }
            let text = if lost.is_empty() {
                String::new()
            } else {
                format!("; lost with it: {}", lost.join(", "))
            };
            return Err(CellError::interrupted(&text));
        }
        Err(self.session.panic_error(&told))
    }

    /// Restarts the runner after its end; all variables are lost.
    async fn start_again(&mut self, name: &str, how: &str) -> CellError {
        let lost = self.session.forget_all("was lost when its process ended");
        let lost = if lost.is_empty() {
            String::new()
        } else {
            let names = lost.join(", ");
            format!("\nlost with it: {names}; functions and types are still there")
        };
        let failure = CellError::plain(name, format!("{how}{lost}"));
        match self.restart_runner().await {
            Ok(()) => failure,
            Err(error) => CellError::plain(
                "KernelError",
                format!("{how}\n{error:#}\nrestart the kernel"),
            ),
        }
    }
}

fn moved(count: u32) -> String {
    format!("was moved away in cell [{count}]")
}

fn ended(count: u32) -> String {
    format!("ended with cell [{count}], as the note there says")
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

/// Describes how a process ended.
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

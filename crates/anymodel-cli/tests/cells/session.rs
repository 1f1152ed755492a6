//! A session of the engine itself, without Jupyter around it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anymodel_kernel::cells::{
    CellError, CellEvent, CellOutcome, Engine, EngineSettings, EventSender,
};
use anymodel_kernel::prebuilt_deps::PrebuiltDeps;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::kernel_support::{Kernel, root};

/// One engine, and the number of the cell that ran last.
pub struct Session {
    engine: Option<Engine>,
    runtime: Runtime,
    count: u32,
    folder: PathBuf,
    _kernel: Kernel,
}

/// What became of a cell.
#[derive(Debug)]
pub struct Seen {
    pub stdout: String,
    pub stderr: String,
    /// The value of the last expression, as text.
    pub value: Option<String>,
    /// What was shown beside that and changed later, as text.
    pub shown: Vec<String>,
    pub failure: Option<CellError>,
}

impl Session {
    /// A new session. `name` names its folder.
    pub fn new(name: &str) -> Session {
        let kernel = Kernel::installed();
        let root = root().to_owned();
        let folder = kernel.scratch(name);
        let settings = EngineSettings {
            template: PrebuiltDeps::at(&template(&kernel.cache), &root),
            folder: folder.clone(),
            root,
        };
        let runtime = Runtime::new().unwrap();
        let engine = runtime.block_on(Engine::start(settings)).unwrap();
        Session {
            engine: Some(engine),
            runtime,
            count: 0,
            folder,
            _kernel: kernel,
        }
    }

    /// Interrupts whatever runs.
    pub fn interrupts(&self) {
        self.engine.as_ref().unwrap().interrupter().interrupt();
    }

    /// The folder of this session.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a cell that writes the file `mark`, and interrupts it so many times, in the middle of what it does then.
    /// Tells how long its end took from there on.
    pub fn interrupt(&mut self, code: &str, mark: &Path, times: usize) -> (Seen, Duration) {
        let interrupter = self.engine.as_ref().unwrap().interrupter();
        let mark = mark.to_owned();
        let asked = self.runtime.spawn(async move {
            while !mark.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            for _ in 0..times {
                interrupter.interrupt();
            }
            Instant::now()
        });
        let seen = self.run(code);
        let ended = Instant::now();
        let asked = async { tokio::time::timeout(Duration::from_secs(2), asked).await };
        let asked = self.runtime.block_on(asked);
        let asked = asked.unwrap_or_else(|_| panic!("{code}\nended by itself\n{}", seen.told()));
        (seen, ended.saturating_duration_since(asked.unwrap()))
    }

    /// Runs a cell.
    pub fn run(&mut self, code: &str) -> Seen {
        self.count += 1;
        let (events, mut incoming): (EventSender, _) = mpsc::channel(64);
        let engine = self.engine.as_mut().unwrap();
        let mut seen = Seen {
            stdout: String::new(),
            stderr: String::new(),
            value: None,
            shown: Vec::new(),
            failure: None,
        };
        let mut cell = Box::pin(engine.execute(code, self.count, &events));
        let outcome = self.runtime.block_on(async {
            loop {
                tokio::select! {
                    biased;
                    Some(event) = incoming.recv() => seen.take(event),
                    outcome = &mut cell => return outcome,
                }
            }
        });
        while let Ok(event) = incoming.try_recv() {
            seen.take(event);
        }
        if let CellOutcome::Failed(failure) = outcome {
            seen.failure = Some(failure);
        }
        seen
    }

    /// The number of the cell that ran last.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Runs cells that must succeed.
    pub fn run_all(&mut self, cells: &[&str]) {
        for code in cells {
            let seen = self.run(code);
            assert_eq!(seen.failure, None, "{code}\n{}", seen.told());
        }
    }

    /// The value of a cell that must succeed.
    pub fn value(&mut self, code: &str) -> String {
        let seen = self.run(code);
        assert_eq!(seen.failure, None, "{code}\n{}", seen.told());
        seen.value.unwrap_or_default()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            self.runtime.block_on(engine.end());
        }
    }
}

impl Seen {
    fn take(&mut self, event: CellEvent) {
        match event {
            CellEvent::Stdout(text) => self.stdout += &text,
            CellEvent::Stderr(text) => self.stderr += &text,
            CellEvent::Result(data) => self.value = data["text/plain"].as_str().map(str::to_owned),
            CellEvent::Display { data, .. } | CellEvent::Update { data, .. } => {
                let text = data["text/plain"].as_str();
                self.shown.extend(text.map(str::to_owned));
            }
            _ => {}
        }
    }

    /// All words that a learner reads, without colours.
    pub fn told(&self) -> String {
        let mut text = plain(&self.stderr);
        if let Some(failure) = &self.failure {
            text += &format!("{}: {}\n", failure.name, failure.value);
            for line in &failure.traceback {
                text += &format!("    {}\n", plain(line));
            }
        }
        text
    }
}

/// The folder of the template for this crate.
fn template(cache: &Path) -> PathBuf {
    let entries = std::fs::read_dir(cache.join("kernel")).unwrap().flatten();
    let mut templates = entries.map(|entry| entry.path()).filter(|path| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("template-")
            && path.is_dir()
    });
    templates.next().unwrap()
}

/// Takes colours away, and the number that the system gave to the thread of cells.
fn plain(text: &str) -> String {
    if let Some((before, behind)) = text.split_once("thread 'cell' (")
        && let Some((_, behind)) = behind.split_once(')')
    {
        return plain(&format!("{before}thread 'cell'{behind}"));
    }
    let mut parts = text.split("\u{1b}[");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean += part.split_once('m').map_or("", |(_, rest)| rest);
    }
    clean
}

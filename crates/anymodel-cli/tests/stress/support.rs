//! Kernels whose processes can be found, and what a cell did in one line.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anymodel_kernel::notebook::outputs::Outputs;
use anymodel_kernel::notebook::session::{KernelAnswer, KernelSession};
use jupyter_zmq_client::KernelspecDir;

use crate::kernel_support::{Kernel, processes_with, wait_for};

/// Nothing here takes so long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Kernels of one test. All their processes, and those that they start, carry a name by which they are found.
pub struct Kernels {
    pub installed: Kernel,
    pub cache: PathBuf,
    name: String,
    argv: Vec<String>,
}

impl Kernels {
    pub fn new(name: &str) -> Kernels {
        let installed = Kernel::installed();
        let spec = installed.jupyter.join("kernels/anymodel/kernel.json");
        let spec: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(spec).unwrap()).unwrap();
        Kernels {
            cache: installed.cache.clone(),
            name: format!("anymodel-stress-{name}-{}", std::process::id()),
            argv: serde_json::from_value(spec["argv"].clone()).unwrap(),
            installed,
        }
    }

    /// For another crate than this one, and with a cache of its own.
    pub fn for_crate(mut self, root: &Path, cache: &Path) -> Kernels {
        let position = self.argv.iter().position(|word| word == "--crate-path");
        self.argv[position.unwrap() + 1] = root.to_str().unwrap().to_owned();
        self.cache = cache.to_owned();
        self
    }

    /// Lets a shell script run first; it ends with `exec "$@"`.
    pub fn behind(mut self, script: &str) -> Kernels {
        let shell = ["sh", "-c", script, "sh"].map(str::to_owned);
        self.argv.splice(0..0, shell);
        self
    }

    pub async fn start(&self) -> KernelSession {
        let environment = serde_json::json!({
            "ANYMODEL_CACHE_DIR": self.cache,
            "ANYMODEL_STRESS": self.name,
            "LLM": "sandbox",
        });
        let spec = serde_json::json!({
            "argv": self.argv, "display_name": "stress", "language": "rust", "interrupt_mode": "message",
            "env": environment,
        });
        let kernel = KernelspecDir {
            kernel_name: "stress".to_owned(),
            path: PathBuf::new(),
            kernelspec: serde_json::from_value(spec).unwrap(),
        };
        KernelSession::start(kernel, &std::env::temp_dir(), PATIENCE)
            .await
            .unwrap()
    }

    /// The processes of all kernels that were started here.
    pub fn processes(&self) -> Vec<u32> {
        processes_with(&self.name)
    }

    /// The processes that are kernels.
    pub fn kernels(&self) -> Vec<u32> {
        let is_kernel = |id: &u32| {
            let line = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.contains("--control_file")
        };
        self.processes().into_iter().filter(is_kernel).collect()
    }

    /// What is left in the folder of running kernels.
    pub fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.cache.join("kernel/running"));
        let entries = entries.into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// No process and no folder is left, now or in a moment.
    pub fn assert_gone(&self) {
        let gone = wait_for(Duration::from_secs(5), || {
            self.processes().is_empty() && self.folders().is_empty()
        });
        assert!(
            gone,
            "left behind: processes {:?}, folders {:?}",
            self.processes(),
            self.folders()
        );
    }

    /// The memory of all processes in MB; what several of them share is counted once.
    pub fn megabytes(&self) -> f64 {
        let share = |id: u32| {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with("Pss:"));
            let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
            number.unwrap_or(0.0) / 1024.0
        };
        self.processes().into_iter().map(share).sum()
    }
}

/// What a cell showed; it must have run to its end.
pub async fn good(session: &mut KernelSession, code: &str) -> Outputs {
    match session.execute(code, PATIENCE).await.unwrap() {
        KernelAnswer::Done {
            says_ok: true,
            outputs,
        } => outputs,
        other => panic!("{code}\nshould run to its end, but: {other:?}"),
    }
}

/// The one error that a cell reports; the kernel itself must go on.
pub async fn bad(session: &mut KernelSession, code: &str) -> String {
    match session.execute(code, PATIENCE).await.unwrap() {
        KernelAnswer::Done {
            says_ok: false,
            outputs,
        } => {
            let errors = outputs.errors();
            assert_eq!(errors.len(), 1, "{code}\none error is wanted: {errors:?}");
            errors[0].clone()
        }
        other => panic!("{code}\nshould report an error, but: {other:?}"),
    }
}

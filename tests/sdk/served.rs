//! Servers that others wrote, started for a test and stopped after it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anymodel::sandbox::Sandbox;

use crate::python::python;

/// How long a server may take until it listens.
const UNTIL_READY: Duration = Duration::from_secs(120);

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// llama.cpp's server with a model of 135 million parameters.
pub struct Llama {
    pub address: String,
    _process: Process,
}

impl Llama {
    pub fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk/llama.py");
        let log = kept("llama.log");
        let child = Command::new(python("llama-venv", "tests/sdk/llama.txt"))
            .arg(script)
            .arg(kept("llama-model"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut process = Process(child);
        let mut address = String::new();
        let printed = process.0.stdout.take().unwrap();
        BufReader::new(printed).read_line(&mut address).unwrap();
        assert!(
            address.starts_with("http://"),
            "llama.cpp did not start: {}",
            log.display()
        );
        Self {
            address: address.trim().to_owned(),
            _process: process,
        }
    }
}

/// LiteLLM's proxy, which asks a sandbox in the protocols of OpenAI, Anthropic and Gemini.
pub struct LiteLlm {
    /// The base URL of its OpenAI protocol.
    pub address: String,
    pub key: String,
    _process: Process,
    _sandbox: Sandbox,
    files: [PathBuf; 2],
}

impl Drop for LiteLlm {
    fn drop(&mut self) {
        // Who looks for the cause of a failure wants to read them.
        if !std::thread::panicking() {
            for file in &self.files {
                std::fs::remove_file(file).ok();
            }
        }
    }
}

impl LiteLlm {
    pub fn start() -> Self {
        let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
        let port = free_port();
        // The proxy refuses keys that are easy to guess, even here.
        let key = format!("sk-{:032x}", fastrand::u128(..));
        let settings = kept(&format!("litellm-{port}.yaml"));
        std::fs::write(&settings, config(sandbox.origin(), &key)).unwrap();
        let log = kept(&format!("litellm-{port}.log"));
        let output = File::create(&log).unwrap();
        let python = python("litellm-venv", "tests/sdk/litellm.txt");
        let mut child = Command::new(python.with_file_name(if cfg!(windows) {
            "litellm.exe"
        } else {
            "litellm"
        }))
        .arg("--config")
        .arg(&settings)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        // Its price list stays the one it came with, and nobody is told of the run.
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .env("LITELLM_TELEMETRY", "False")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
        let began = Instant::now();
        while !is_alive(port) {
            let ended = child.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < UNTIL_READY,
                "LiteLLM did not start: {}",
                log.display()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        Self {
            address: format!("http://127.0.0.1:{port}/v1"),
            key,
            _process: Process(child),
            _sandbox: sandbox,
            files: [settings, log],
        }
    }
}

fn config(origin: &str, key: &str) -> String {
    let route = |name: &str, model: &str, base: &str| {
        format!(
            "  - model_name: \"{name}\"\n    litellm_params: {{ model: \"{model}\", api_base: \"{origin}{base}\", api_key: \"sk-0123456789abcdef\" }}\n"
        )
    };
    let routes = [
        route("claude-*", "anthropic/claude-*", "/anthropic"),
        route("gemini-*", "gemini/gemini-*", "/gemini/v1beta"),
        route("*", "openai/*", "/api/v1"),
    ];
    format!(
        "model_list:\n{}litellm_settings: {{ num_retries: 0, drop_params: true }}\ngeneral_settings: {{ master_key: \"{key}\" }}\n",
        routes.concat()
    )
}

/// A port below those that systems give away by themselves: another process would take one of those at once.
fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(20_000..30_000);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Whether it is LiteLLM that listens, and ready.
fn is_alive(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut line = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        line.set_read_timeout(Some(Duration::from_secs(5)))?;
        line.write_all(b"GET /health/liveliness HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.contains("alive"))
}

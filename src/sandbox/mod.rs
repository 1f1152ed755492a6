//! An OpenRouter on loopback: a real HTTP server inside the crate, for lessons and tests without a key or a network.
//!
//! It speaks the service's protocol well enough for the service's own SDKs. The models are simulated: prepared answers
//! for the lessons' questions, an honest line for any other. Prices, limits and token counts are computed, the speed is
//! invented, and every response says `x-anymodel-sandbox: simulated`. Asking for a model named `sandbox/<fault>` makes
//! that fault happen; [`faults`] lists them.
//!
//! ```
//! # use anymodel::sandbox::Sandbox;
//! let sandbox = Sandbox::start()?;
//! println!("{}", sandbox.base_url()); // http://127.0.0.1:49152/api/v1
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Other vendors' clients reach the same models and faults by that vendor's protocol: Anthropic's at `/anthropic`, Gemini's
//! at `/gemini`, Azure's at `/azure`, all below [`Sandbox::origin`]. Models are asked for by the vendor's own names.
//!
//! The parts, in the order in which a request meets them: `server` (routes) and `connection` (the socket), `chat` (the
//! life of a request), `vendor_apis` (whose protocol it is), `request` with `request_fields`, `provider_preferences` and `check` (reading it), `host_selection`, `hosts`
//! and `router` (who answers), `faults`, `answer_builder` with `prepared_answers`, `schema_sampler`, `sample_values`, `tools` and `upstream` (what is
//! said), `send` with `reply` and `sse_writer` (how it goes out), `error_response` (how an error is), `account`, `generation_record` and
//! `listing` (everything that is not chat).

mod account;
mod answer_builder;
mod chat;
mod check;
mod connection;
mod error_response;
mod faults;
mod generation_record;
mod host_selection;
mod hosts;
mod listing;
mod prepared_answers;
mod provider_preferences;
mod reply;
mod request;
mod request_fields;
mod router;
mod sample_values;
mod schema_sampler;
mod send;
mod server;
mod sse_writer;
mod tools;
mod upstream;
mod vendor_apis;

use std::io;

pub use faults::{Fault, faults};

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    running: server::Running,
    base_url: String,
    time_scale: f64,
}

impl Sandbox {
    /// Starts on a free port, at the speed of a demonstration.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// A sandbox with settings of its own.
    pub fn builder() -> Builder {
        Builder {
            port: 0,
            time_scale: 1.0,
            strict: false,
            upstream: None,
        }
    }

    /// Where it listens: `http://127.0.0.1:PORT/api/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where all of it is: `http://127.0.0.1:PORT`. Below it, `/anthropic`, `/gemini` and `/azure` speak the protocols of
    /// other vendors: they are the base URLs for those vendors' own clients.
    pub fn origin(&self) -> &str {
        self.base_url.trim_end_matches("/api/v1")
    }

    /// How fast simulated time runs; see [`Builder::time_scale`].
    pub fn time_scale(&self) -> f64 {
        self.time_scale
    }

    /// Blocks this thread for as long as the server runs, which is until the process ends.
    pub fn wait(self) {
        self.running.wait();
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_url", &self.base_url)
            .field("time_scale", &self.time_scale)
            .finish_non_exhaustive()
    }
}

/// The settings of a sandbox.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct Builder {
    port: u16,
    time_scale: f64,
    strict: bool,
    upstream: Option<String>,
}

impl Builder {
    /// The port to listen on; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long simulated time takes: 1.0, the default, is the speed of a demonstration, 0.1 ten times as fast, and 0.0
    /// does not wait at all. What is no number from 0 to 1000 counts as 1.0.
    pub fn time_scale(mut self, scale: f64) -> Self {
        self.time_scale = if (0.0..=1000.0).contains(&scale) {
            scale
        } else {
            1.0
        };
        self
    }

    /// Whether to refuse what the real service's schema does not know, such as `route: "cheapest"`, with a 400 instead
    /// of taking it in its plain meaning.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The address of a real OpenAI-compatible server on this machine or near it (`http://localhost:11434/v1`) that shall
    /// give the answers. It is asked over plain HTTP.
    pub fn upstream(mut self, address: Option<String>) -> Self {
        self.upstream = address;
        self
    }

    /// Starts the server; when this returns, it accepts connections. Needs no async runtime around it.
    pub fn start(self) -> io::Result<Sandbox> {
        if let Some(address) = &self.upstream
            && !address.starts_with("http://")
        {
            let message = format!(
                "the upstream must be an http:// address such as http://localhost:11434/v1, not {address:?}"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let running = server::Running::start(&self)?;
        Ok(Sandbox {
            base_url: format!("http://127.0.0.1:{}/api/v1", running.port),
            time_scale: self.time_scale,
            running,
        })
    }
}

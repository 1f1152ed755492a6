//! The sandbox: a simulated OpenRouter, as a real HTTP server on loopback. Lessons and tests need no key and no network.
//!
//! It implements OpenRouter's protocol well enough for OpenRouter's own SDKs. The models are simulated: prepared answers for
//! the lessons' questions, and for any other a line that says so. Prices, limits and token counts are computed, the speed
//! is invented, and every response has the header `x-anymodel-sandbox: simulated`. A request for the model
//! `sandbox/<fault>` triggers that fault; [`faults`] lists them.
//!
//! ```
//! # use anymodel::sandbox::Sandbox;
//! let sandbox = Sandbox::start()?;
//! println!("{}", sandbox.base_url()); // http://127.0.0.1:49152/api/v1
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! OpenRouter's address also serves OpenAI's Responses at `/responses`, Anthropic's Messages at `/messages`, and embeddings
//! at `/embeddings`. Clients of other vendors reach the same models and faults through that vendor's protocol: Anthropic's
//! at `/anthropic`, Gemini's at `/gemini`, Azure's at `/azure`, all below [`Sandbox::origin`]. Models have the vendor's own
//! names there.
//!
//! [`protocol`] has the server's side of three protocols for any server: what the sandbox and the gateway share.
//!
//! The parts, in the order of a request: `server` (routes) and `connection` (the socket), `chat` (the request handler),
//! `vendor_apis` (the protocols), `request` with `request_fields`, `provider_preferences` and `request_validation` (request parsing),
//! `host_selection`, `hosts` and `router` (the choice of model and host), `faults`, `answer_builder` with
//! `prepared_answers`, `schema_sampler`, `sample_values`, `tools` and `upstream` (the content of the answer), `send` with
//! `reply` and `sse_writer` (the response), `error_response` (errors), `embeddings`, `account`, `generation_record` and
//! `listing` (the other endpoints).

#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod answer_builder;
mod chat;
mod connection;
mod embeddings;
mod error_response;
mod faults;
mod generation_record;
mod host_selection;
mod hosts;
mod listing;
mod prepared_answers;
pub mod protocol;
mod provider_preferences;
mod reply;
mod request;
mod request_fields;
mod request_validation;
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

/// A running sandbox server. It stops when it is dropped.
pub struct Sandbox {
    running: server::Running,
    base_url: String,
    time_scale: f64,
}

impl Sandbox {
    /// Starts on a free port, at a realistic speed.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// A builder with settings.
    pub fn builder() -> Builder {
        Builder {
            port: 0,
            time_scale: 1.0,
            strict: false,
            upstream: None,
        }
    }

    /// The base URL of OpenRouter's protocol: `http://127.0.0.1:PORT/api/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The origin of the server: `http://127.0.0.1:PORT`. Below it, `/anthropic`, `/gemini` and `/azure` serve the protocols
    /// of other vendors: they are the base URLs for those vendors' own clients.
    pub fn origin(&self) -> &str {
        self.base_url.trim_end_matches("/api/v1")
    }

    /// The speed of simulated time; see [`Builder::time_scale`].
    pub fn time_scale(&self) -> f64 {
        self.time_scale
    }

    /// Blocks this thread until the server ends, which is when the process ends.
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

    /// The speed of simulated time: 1.0, the default, is realistic, 0.1 ten times as fast, and 0.0 does not wait at all. A
    /// value outside 0 to 1000 counts as 1.0.
    pub fn time_scale(mut self, scale: f64) -> Self {
        self.time_scale = if (0.0..=1000.0).contains(&scale) {
            scale
        } else {
            1.0
        };
        self
    }

    /// Strict mode: a value outside OpenRouter's schema, such as `route: "cheapest"`, is a 400. Without it the sandbox
    /// accepts the value in its plain meaning.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The address of a real OpenAI-compatible server on this machine or in its network (`http://localhost:11434/v1`) that
    /// gives the answers. It is asked over plain HTTP.
    pub fn upstream(mut self, address: Option<String>) -> Self {
        self.upstream = address;
        self
    }

    /// Starts the server; when this returns, it accepts connections. It needs no async runtime.
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

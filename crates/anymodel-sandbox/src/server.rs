//! The HTTP server: routes, shared state, start and stop.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, serve};
use tokio::sync::oneshot;

use super::account::{self, UsageLedger};
use super::connection::{ConnectionHandle, FaultyListener};
use super::error_response::ErrorResponse;
use super::{Builder, embeddings, listing, upstream, vendor_apis};

/// The largest request, in bytes: images are inside the JSON.
const LARGEST_REQUEST: usize = 20 * 1024 * 1024;

/// The state that all handlers of one sandbox share.
#[derive(Clone)]
pub(super) struct ServerState(Arc<ServerInner>);

pub(super) struct ServerInner {
    pub time_scale: f64,
    pub strict: bool,
    pub upstream: Option<String>,
    /// The client for `upstream`, or the reason why there is none.
    pub http: Result<reqwest::Client, String>,
    ledger: Mutex<UsageLedger>,
}

impl std::ops::Deref for ServerState {
    type Target = ServerInner;

    fn deref(&self) -> &ServerInner {
        &self.0
    }
}

impl ServerInner {
    /// Locks the usage ledger. Its plain counters stay valid even after a panic in another thread.
    pub fn ledger(&self) -> MutexGuard<'_, UsageLedger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running server.
pub(super) struct Running {
    pub port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts on its own thread and runtime, so that the caller may have any runtime or none.
    pub fn start(settings: &Builder) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let doorway = {
            let _inside = runtime.enter();
            FaultyListener(tokio::net::TcpListener::from_std(listener)?)
        };
        let http = match &settings.upstream {
            Some(_) => upstream::client(),
            None => Err("no upstream is set".to_owned()),
        };
        let shared = ServerState(Arc::new(ServerInner {
            time_scale: settings.time_scale,
            strict: settings.strict,
            upstream: settings.upstream.clone(),
            http,
            ledger: Mutex::default(),
        }));
        let app = router(shared).into_make_service_with_connect_info::<ConnectionHandle>();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("anymodel-sandbox".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        // Ends only with the process.
                        _ = async { serve(doorway, app).await } => {}
                        _ = stopped => {}
                    }
                });
                // Unfinished answers end here, also a stalled one: dropping the sandbox does not wait for them.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            port,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Blocks until the server ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // The thread has already printed its panic.
            thread.join().ok();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself.
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn router(shared: ServerState) -> Router {
    let api = Router::new()
        .route("/models", get(listing::models))
        .route("/models/count", get(listing::count))
        .route("/models/{author}/{slug}/endpoints", get(listing::endpoints))
        .route("/model/{author}/{slug}", get(listing::model))
        .route("/providers", get(listing::providers))
        .route("/embeddings", post(embeddings::embeddings))
        .route("/embeddings/models", get(embeddings::models))
        .route("/key", get(account::key))
        .route("/credits", get(account::credits))
        .route("/generation", get(account::generation))
        .merge(vendor_apis::openrouter_routes())
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method);
    Router::new()
        .nest("/api/v1", api)
        .merge(vendor_apis::vendor_routes())
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(map_response(mark))
        .with_state(shared)
}

/// Marks every response, so that it cannot be mistaken for OpenRouter's.
async fn mark(mut response: Response) -> Response {
    let name = HeaderName::from_static("x-anymodel-sandbox");
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static("simulated"));
    response
}

async fn nowhere(method: Method, uri: Uri) -> ErrorResponse {
    ErrorResponse::new(
        404,
        "not_found",
        format!(
            "The sandbox has nothing at {method} {}. Its base URL ends in /api/v1; below it are chat/completions, responses, messages, \
             messages/count_tokens, embeddings, embeddings/models, models, models/count, \
             models/{{author}}/{{slug}}/endpoints, model/{{author}}/{{slug}}, providers, key, credits and generation",
            uri.path()
        ),
    )
}

async fn wrong_method(method: Method, uri: Uri) -> ErrorResponse {
    ErrorResponse::new(
        405,
        "invalid_request",
        format!("{method} is not allowed at {}", uri.path()),
    )
}

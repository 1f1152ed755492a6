//! The server: routes, start, and an end that lets running calls finish.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use anymodel_client::Client;
use axum::Router;
use axum::ServiceExt;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::{Listener, serve};
use futures_util::future::FutureExt;
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_layer::Layer;

use crate::calendar::Calendar;
use crate::call::{self, Protocol};
use crate::model::SecretHash;
use crate::refusal::{ErrorFormat, Refusal};
use crate::request_head::{REQUEST_ID, language, request_id, usual_path};
use crate::settings::GatewaySettings;
use crate::state::{Clock, Directory, Gateway, Inner};
use crate::store::Store;
use crate::{admin, cards, console, doors, me, pages, secret};

/// How often changes of other processes are looked for.
const POLL: Duration = Duration::from_millis(500);
/// How long the last bytes of answers may take when the gateway stops.
const LAST_BYTES: Duration = Duration::from_secs(1);
/// How often leases are renewed, and dead processes looked for.
const RECOVER: Duration = Duration::from_secs(3);

/// Builder of a gateway. Made by [`RunningGateway::builder`].
#[must_use = "a builder does nothing until `start` is called"]
pub struct Builder {
    store: Arc<dyn Store>,
    client: Client,
    settings: GatewaySettings,
    admin: SecretHash,
    clock: Clock,
}

impl Builder {
    /// The settings.
    pub fn settings(mut self, settings: GatewaySettings) -> Self {
        self.settings = settings;
        self
    }

    /// The administrator's token. Without one, the admin API lets no request through.
    pub fn admin_token(self, token: &str) -> Self {
        self.admin_token_hash(secret::hash(token))
    }

    /// The administrator's token by its SHA-256, as the store keeps it.
    pub fn admin_token_hash(mut self, hash: SecretHash) -> Self {
        self.admin = hash;
        self
    }

    /// The clock by which keys expire and windows begin.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Serves on this listener until the handle is dropped or [`RunningGateway::shut_down`] is called.
    ///
    /// # Errors
    /// When the store cannot be read, or a setting cannot be used.
    pub async fn start(self, listener: TcpListener) -> io::Result<RunningGateway> {
        let calendar = calendar(&self.settings).map_err(io::Error::other)?;
        cards::check_public_url(&self.settings).map_err(io::Error::other)?;
        let gateway = Gateway(Arc::new(Inner {
            admin: self.admin,
            store: self.store,
            client: self.client,
            calendar,
            clock: self.clock,
            rates: Arc::default(),
            directory: RwLock::new(Arc::new(Directory::default())),
            draining: false.into(),
            in_flight: watch::channel(0).0,
            used: Mutex::default(),
            settings: self.settings,
        }));
        gateway.store.recover().await.map_err(io::Error::other)?;
        gateway.refresh().await.map_err(io::Error::other)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let app = axum::middleware::map_request(usual_uri).layer(router(&gateway));
        let app = ServiceExt::<Request>::into_make_service(app);
        let mut told = stopped.clone();
        let server = serve(NoDelay(listener), app).with_graceful_shutdown(async move {
            // An error means that the handle was dropped.
            let _ = told.wait_for(|stop| *stop).await;
        });
        let tasks = vec![
            tokio::spawn(repeat(POLL, gateway.clone(), |gateway| async move {
                let _ = gateway.refresh().await;
                gateway.write_uses().await;
            })),
            tokio::spawn(repeat(RECOVER, gateway.clone(), |gateway| async move {
                let _ = gateway.store.recover().await;
            })),
        ];
        Ok(RunningGateway {
            gateway,
            address,
            stop,
            server: tokio::spawn(server.into_future().map(drop)),
            tasks,
        })
    }
}

/// A running gateway. It stops when it is dropped.
pub struct RunningGateway {
    gateway: Gateway,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    tasks: Vec<JoinHandle<()>>,
}

impl RunningGateway {
    /// A builder of a gateway that keeps keys and money in this store and asks models with this client.
    pub fn builder(store: Arc<dyn Store>, client: Client) -> Builder {
        Builder {
            store,
            client,
            settings: GatewaySettings::default(),
            admin: SecretHash::default(), // of no token
            clock: Arc::new(Timestamp::now),
        }
    }

    /// The address, `http://127.0.0.1:4000`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no new calls (503, and `/readyz` says so), and waits until those that run have ended, at most `drain_seconds`.
    pub async fn shut_down(mut self) {
        self.gateway.draining.store(true, Ordering::Release);
        let most = Duration::from_secs(self.gateway.settings.drain_seconds);
        let mut calls = self.gateway.in_flight.subscribe();
        let _ = tokio::time::timeout(most, calls.wait_for(|calls| *calls == 0)).await;
        let _ = self.stop.send(true);
        // The last bytes of an answer that is whole by now.
        let _ = tokio::time::timeout(LAST_BYTES, &mut self.server).await;
        self.gateway.write_uses().await;
    }
}

impl Drop for RunningGateway {
    fn drop(&mut self) {
        self.server.abort();
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl std::fmt::Debug for RunningGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunningGateway")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

async fn repeat<F: Future<Output = ()>>(
    pause: Duration,
    gateway: Gateway,
    act: impl Fn(Gateway) -> F,
) {
    loop {
        tokio::time::sleep(pause).await;
        act(gateway.clone()).await;
    }
}

fn calendar(settings: &GatewaySettings) -> Result<Calendar, String> {
    let zone = match &settings.zone {
        Some(name) => {
            TimeZone::get(name).map_err(|_| format!("`zone`: there is no time zone `{name}`"))?
        }
        None => TimeZone::system(),
    };
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let wanted = settings.week_start.to_ascii_lowercase();
    let day = days
        .iter()
        .position(|day| *day == wanted)
        .and_then(|day| i8::try_from(day).ok());
    let day = day.and_then(|day| Weekday::from_monday_zero_offset(day).ok());
    let week_start =
        day.ok_or_else(|| format!("`week_start`: `{wanted}` is no day of the week"))?;
    Ok(Calendar { zone, week_start })
}

/// A listener whose connections send at once: without this the last small part of a stream waits for the acknowledgement
/// of the one before.
struct NoDelay(TcpListener);

impl Listener for NoDelay {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    // A socket that refuses the option still works, only slower.
                    stream.set_nodelay(true).ok();
                    return (stream, address);
                }
                // Too many open files, or a client that left: later connections may succeed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

fn router(gateway: &Gateway) -> Router {
    let mut models = Router::new()
        .route("/v1/models", get(doors::models::list))
        .route("/v1/models/{*id}", get(doors::models::show))
        .route("/v1/key", get(doors::own_key::show))
        .route("/healthz", get(doors::health::alive))
        .route("/readyz", get(doors::health::ready));
    for protocol in Protocol::ALL {
        let door = move |State(gateway): State<Gateway>, request: Request| {
            call::answer(gateway, protocol, request)
        };
        models = models.route(protocol.route(), post(door));
    }
    models
        .merge(admin::routes(gateway))
        .merge(pages::assets())
        .merge(me::routes())
        .merge(console::routes())
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(caught))
        .layer(from_fn(mark))
        .with_state(gateway.clone())
}

/// The request with its path in the usual form, before it is routed.
async fn usual_uri(mut request: Request) -> Request {
    let usual: Uri = usual_path(request.uri());
    *request.uri_mut() = usual;
    request
}

/// Every response has a request id, which all that answer and log the request find in its head.
async fn mark(mut request: Request, next: Next) -> Response {
    // An id is made of characters that every header can hold.
    let id = HeaderValue::from_str(&request_id(request.headers())).ok();
    if let Some(id) = &id {
        request.headers_mut().insert(REQUEST_ID, id.clone());
    }
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A panic is an answer with status 500, and the connection goes on.
async fn caught(request: Request, next: Next) -> Response {
    let (id, language) = (request_id(request.headers()), language(request.headers()));
    let answering = std::panic::AssertUnwindSafe(next.run(request)).catch_unwind();
    let failed = |_| Refusal::Internal.response(ErrorFormat::OpenAi, language, &id);
    answering.await.unwrap_or_else(failed)
}

async fn nowhere(request: Request) -> Response {
    let path = request.uri().path().chars().take(200).collect();
    refused(&request, &Refusal::NotFound(path))
}

async fn wrong_method(request: Request) -> Response {
    refused(&request, &Refusal::WrongMethod)
}

fn refused(request: &Request, refusal: &Refusal) -> Response {
    let headers = request.headers();
    refusal.response(ErrorFormat::OpenAi, language(headers), &request_id(headers))
}

//! `anymodel gateway`: one address in front of every model, with keys of its own and exact budgets.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use anymodel::Client;
use anymodel_gateway::RunningGateway;
use anymodel_gateway::secret;
use anymodel_gateway::store::{PostgresStore, SqliteStore, Store};
use clap::Args;
use tokio::net::TcpListener;

/// The variable that names the administrator's token.
const ADMIN_TOKEN: &str = "ANYMODEL_ADMIN_TOKEN";

/// Serve every model to a class or a team, with keys of your own and exact budgets
///
/// The first line on standard output is the address. Any client of OpenAI's protocol (ADDRESS/v1) or of Anthropic's (ADDRESS)
/// works with it. Keys are made at ADDRESS/api/keys with the administrator's token, which is printed once, when the database is
/// made. Without a provider's key in the environment the built-in sandbox answers. Ctrl-C lets running calls end, then stops.
#[derive(Args)]
pub struct Arguments {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4000")]
    listen: SocketAddr,
    /// Where keys, money and calls are kept
    #[arg(long, value_name = "URL", default_value = "sqlite:anymodel.db")]
    database: String,
    /// Models, prices and platforms: the configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Let the built-in sandbox answer: for trials on another address than loopback
    #[arg(long)]
    sandbox: bool,
}

/// Serves until it is told to stop.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    known(&arguments.database)?;
    let client = client(&arguments)?;
    let store = store(&arguments).await?;
    let gateway = RunningGateway::builder(Arc::clone(&store), client);
    let gateway = match std::env::var(ADMIN_TOKEN) {
        Ok(token) => {
            ensure!(
                token.len() >= 16,
                "{ADMIN_TOKEN} is shorter than 16 characters, which could be guessed"
            );
            gateway.admin_token(&token)
        }
        Err(_) => {
            let token = secret::new_admin_token()
                .map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
            let (known, is_new) = store.admin_token(secret::hash(&token)).await?;
            if is_new {
                eprintln!("admin token: {token}");
                eprintln!("It is shown this once. {ADMIN_TOKEN} sets one of your own.");
            }
            gateway.admin_token_hash(known)
        }
    };
    let listener = TcpListener::bind(arguments.listen).await;
    let listener = listener.with_context(|| {
        let address = arguments.listen;
        format!("cannot listen on {address}; is it in use? --listen 127.0.0.1:0 takes a free port")
    })?;
    let stopped = stopped()?;
    let running = gateway.start(listener).await?;
    println!("{}", running.url());
    std::io::stdout().flush()?;
    stopped.await?;
    eprintln!("Running calls may end; no new ones are taken.");
    running.shut_down().await;
    Ok(ExitCode::SUCCESS)
}

/// The store that the address names.
async fn store(arguments: &Arguments) -> anyhow::Result<Arc<dyn Store>> {
    let address = arguments.database.as_str();
    if let Some(path) = address.strip_prefix("sqlite:") {
        return Ok(Arc::new(SqliteStore::open(Path::new(path))?));
    }
    Ok(Arc::new(PostgresStore::open(address).await?))
}

/// Refuses an address of a kind of database that there is no store for. It is not repeated: it may hold a password.
fn known(address: &str) -> anyhow::Result<()> {
    let kinds = ["sqlite:", "postgres://", "postgresql://"];
    ensure!(
        kinds.iter().any(|kind| address.starts_with(kind)),
        "this --database cannot be used\nhint: sqlite:FILE, or postgres://USER@HOST/DATABASE"
    );
    Ok(())
}

/// The client that asks the models. Invented answers must not be served where a key was forgotten.
fn client(arguments: &Arguments) -> anyhow::Result<Client> {
    if arguments.sandbox {
        eprintln!("Answers are simulated: --sandbox.");
        return Ok(Client::sandbox()?);
    }
    if let Some(path) = &arguments.config {
        return Ok(Client::from_config(path)?);
    }
    // A test double in front of a shared database would be a mistake, too.
    let is_for_one =
        arguments.listen.ip().is_loopback() && arguments.database.starts_with("sqlite:");
    if !is_for_one {
        return Client::from_env().context("--sandbox lets simulated models answer here, too");
    }
    Ok(Client::from_env_or_sandbox()?)
}

/// Ends at Ctrl-C, or at the signal by which a service manager stops a program. It listens from now on.
fn stopped() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}

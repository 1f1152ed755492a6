//! PostgreSQL for the tests: one server for the program, in a folder of its own, and a schema for each test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anymodel_gateway::store::{PostgresStore, Store};
use futures_util::future::BoxFuture;
use tokio_postgres::NoTls;

use crate::support::Stores;

/// The password of the server's only user. It may be in no message.
pub const PASSWORD: &str = "canary-41b7 ?@/:";
/// The same in a URL.
const PASSWORD_IN_URL: &str = "canary-41b7%20%3F%40%2F%3A";
/// Its certificate for localhost, by an authority of the tests, and the key, which nothing else uses.
const CERTIFICATE: &str = include_str!("tls/server.pem");
const KEY: &str = include_str!("tls/server.key");
/// `nobody`, as whom the server runs when the tests run as root, which PostgreSQL refuses.
const NOBODY: u32 = 65534;

/// A schema of its own on the server.
pub struct Schema {
    pub name: String,
}

impl Schema {
    pub async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        execute(&format!("CREATE SCHEMA {name}")).await;
        Schema { name }
    }

    pub fn url(&self) -> String {
        let base = server().url();
        format!("{base}?options=-c%20search_path%3D{}", self.name)
    }

    /// Whether the connection of this application is encrypted; `None` when there is none.
    pub async fn is_encrypted(&self, application: &str) -> Option<bool> {
        let (client, connection) = tokio_postgres::connect(&server().url(), NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let sql = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = $1";
        let row = client.query_opt(sql, &[&application]).await.unwrap();
        row.map(|row| row.get(0))
    }

    /// Runs statements within the schema.
    pub async fn execute(&self, sql: &str) {
        execute(&format!("SET search_path = {}; {sql}", self.name)).await;
    }
}

async fn execute(sql: &str) {
    let (client, connection) = tokio_postgres::connect(&server().url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
}

impl Stores for Schema {
    fn address(&self) -> String {
        self.url()
    }

    fn open_with_lease(&self, lease: Duration) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move {
            let store = PostgresStore::open_with_lease(&self.url(), lease).await;
            Arc::new(store.unwrap()) as Arc<dyn Store>
        })
    }
}

/// A running server. It ends with this program, whatever way that ends.
pub struct Server {
    pub port: u16,
    /// A shell that waits for the end of its standard input, and then stops the server and removes its folder.
    _shell: Child,
}

impl Server {
    pub fn url(&self) -> String {
        let port = self.port;
        format!("postgres://tester:{PASSWORD_IN_URL}@127.0.0.1:{port}/postgres")
    }
}

/// The server of this program, started when it is needed first.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let programs = programs();
    let folder = std::env::temp_dir().join(format!("anymodel-postgres-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("password"), PASSWORD).unwrap();
    for (name, text) in [("server.pem", CERTIFICATE), ("server.key", KEY)] {
        std::fs::write(folder.join(name), text).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.join(name), private).unwrap();
    }
    let is_root = std::os::unix::fs::MetadataExt::uid(&folder.metadata().unwrap()) == 0;
    if is_root {
        for name in ["password", "server.pem", "server.key", "."] {
            std::os::unix::fs::chown(folder.join(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    // The port was free a moment ago; where another program has taken it since, the next one is tried.
    for _ in 0..5 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        if let Some(shell) = run(&programs, &folder, port, is_root) {
            return Server {
                port,
                _shell: shell,
            };
        }
    }
    panic!(
        "PostgreSQL did not start; its log is in {}",
        folder.display()
    );
}

const SCRIPT: &str = r#"
cd "$FOLDER" || exit 1
if [ ! -e data/PG_VERSION ]; then
    "$PROGRAMS/initdb" -D data -U tester --pwfile password --auth scram-sha-256 --no-sync --locale C -E UTF8 >log 2>&1 || { echo failed; exit 1; }
fi
"$PROGRAMS/postgres" -D data -p "$PORT" -k "$FOLDER" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300 \
    -c log_min_messages=log -c ssl=on -c ssl_cert_file="$FOLDER/server.pem" -c ssl_key_file="$FOLDER/server.key" >>log 2>&1 </dev/null &
server=$!
until grep -q "ready to accept connections" log; do
    kill -0 $server 2>/dev/null || { echo failed; exit 1; }
    sleep 0.05
done
echo ready
read -r end
kill -QUIT $server
wait $server
rm -rf "$FOLDER"
"#;

/// Starts the server, unless it cannot be started at this port.
fn run(programs: &Path, folder: &Path, port: u16, is_root: bool) -> Option<Child> {
    let mut command = match is_root {
        true => {
            let mut command = Command::new("setpriv");
            let id = NOBODY.to_string();
            command.args(["--reuid", &id, "--regid", &id, "--clear-groups", "sh"]);
            command
        }
        false => Command::new("sh"),
    };
    let mut shell = command
        .args(["-c", SCRIPT])
        .env("FOLDER", folder)
        .env("PROGRAMS", programs)
        .env("PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`setpriv` (util-linux) and `sh` are needed to run PostgreSQL");
    let mut line = String::new();
    let mut output = BufReader::new(shell.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    if line.trim() == "ready" {
        return Some(shell);
    }
    let mut rest = String::new();
    let _ = output.read_to_string(&mut rest);
    let _ = shell.wait();
    None
}

/// The folder of `initdb` and `postgres`: on the `PATH`, or where Debian has them.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    std::env::split_paths(&path)
        .chain(debian.into_iter().rev())
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .expect("PostgreSQL is not installed, and the tests of the feature `postgres` need it: apt-get install postgresql")
}

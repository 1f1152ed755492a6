//! Detection of network failures in the output of pip, cargo and rustup.

use super::Missing;

/// Phrases with which pip, cargo and rustup report that a server cannot be reached.
const SIGNS: [&str; 14] = [
    "could not resolve host",
    "couldn't resolve host",
    "could not connect",
    "failed to connect",
    "connection refused",
    "connection timed out",
    "network is unreachable",
    "temporary failure in name resolution",
    "name or service not known",
    "failed to establish a new connection",
    "newconnectionerror",
    "connecttimeout",
    "spurious network error",
    "network failure",
];

/// Whether the output of a tool reports a network failure.
pub fn is_to_blame(words: &str) -> bool {
    let words = words.to_lowercase();
    SIGNS.iter().any(|sign| words.contains(sign))
}

/// The error for a `tool` that cannot reach its server.
pub fn missing(tool: &str) -> Missing {
    let purpose = match tool {
        "pip" => "the first run fetches JupyterLab (about 60 MB)",
        _ => "the first run fetches the crates that this one depends on",
    };
    Missing::new(
        format!("{tool} cannot reach the network"),
        format!("{purpose}; later runs need no network"),
        format!(
            "check the connection and run the command again, it goes on where it stopped; behind a proxy set \
             HTTPS_PROXY; with a mirror, set it in {tool}'s own configuration"
        ),
    )
}

/// Adds a hint to an error whose cause is the network.
pub fn explain(error: anyhow::Error, tool: &str) -> anyhow::Error {
    if is_to_blame(&format!("{error:#}")) {
        let missing = missing(tool);
        return anyhow::anyhow!("{missing}\n{tool} said: {error:#}");
    }
    error
}

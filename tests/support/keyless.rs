//! No test spends anybody's money.

use std::process::Command;

/// Hides every key, whether it stands in the environment or in the reader's own `.env`: empty counts as unset, and a
/// variable of the process wins over the file.
pub fn keyless(command: &mut Command) -> &mut Command {
    for name in [
        "LLM",
        "OPENROUTER_API_KEY",
        "OPENROUTER_BASE_URL",
        "ZENMUX_API_KEY",
    ] {
        command.env(name, "");
    }
    command
}

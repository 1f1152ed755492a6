//! No test spends anybody's money.

use std::process::Command;

/// Hides every key, whether it stands in the environment or in the reader's own `.env`: empty counts as unset, and a
/// variable of the process wins over the file.
pub fn keyless(command: &mut Command) -> &mut Command {
    command.env("LLM", "").env("OPENROUTER_MODEL", "");
    for preset in anymodel::platform_specs() {
        let places = preset.places.iter().flat_map(|place| place.variables);
        let own = preset.key_variables.iter().chain(preset.url_variables);
        for name in own.chain(places) {
            command.env(name, "");
        }
    }
    command
}

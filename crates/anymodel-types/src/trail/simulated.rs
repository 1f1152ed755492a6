//! Simulated answers: those of the sandbox, which say so wherever they are shown.

use crate::words;

/// Whether a platform of this name is the sandbox: under its own name, or in place of another platform.
pub fn is_simulated(platform: &str) -> bool {
    platform == "sandbox" || platform.starts_with("sandbox:")
}

/// A title that marks simulated results.
pub fn captioned(title: &str, simulated: bool) -> String {
    match simulated {
        true => format!("{title} · {}", words::replies().simulated()),
        false => title.to_owned(),
    }
}

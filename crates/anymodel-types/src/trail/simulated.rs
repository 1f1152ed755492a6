//! Simulated answers: those of the sandbox, which say so wherever they are shown.

/// The platform's name in summaries and titles.
pub(crate) const SIMULATED: &str = "sandbox (simulated)";

/// Whether a platform of this name is the sandbox: under its own name, or in place of another platform.
pub fn is_simulated(platform: &str) -> bool {
    platform == "sandbox" || platform.starts_with("sandbox:")
}

/// A title that marks simulated results.
pub fn captioned(title: &str, simulated: bool) -> String {
    match simulated {
        true => format!("{title} · {SIMULATED}"),
        false => title.to_owned(),
    }
}

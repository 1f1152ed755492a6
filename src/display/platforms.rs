//! The platforms side by side.

use super::{Table, UNKNOWN};
use crate::preset::{Auth, Preset, Protocol, presets};

/// The platforms known by name, side by side: what each speaks, where its key stands, what it can do and where it differs.
///
/// ```
/// use anymodel::prelude::*;
///
/// let table = display::presets_table().to_string();
/// assert!(table.contains("zenmux") && table.contains("ZENMUX_API_KEY"));
/// ```
pub fn presets_table() -> Table {
    let mut table = Table::new(
        "Platforms known by name",
        [
            "platform",
            "protocol",
            "key",
            "streams",
            "tools",
            "JSON",
            "cost",
            "fallback",
            "where it differs",
        ],
    );
    for preset in presets() {
        let can = preset.can;
        table.push([
            preset.name.to_owned(),
            protocol(preset).to_owned(),
            key(preset),
            yes(can.streaming),
            yes(can.tools),
            can.json.as_str().to_owned(),
            yes(can.cost_in_answer),
            yes(can.server_fallback),
            preset.differs.to_owned(),
        ]);
    }
    table
}

fn protocol(preset: &Preset) -> &'static str {
    match preset.protocol {
        Protocol::OpenAi => "OpenAI",
        _ => "native",
    }
}

/// The variable to set; where a request is signed, or a token fetched, there are other ways, too.
fn key(preset: &Preset) -> String {
    match (preset.key_variables.first(), preset.auth) {
        (None, _) => UNKNOWN.to_owned(),
        (Some(_), Auth::Bearer) if !preset.needs_key() => "none needed".to_owned(),
        (Some(name), _) => (*name).to_owned(),
    }
}

fn yes(can: bool) -> String {
    if can { "yes" } else { UNKNOWN }.to_owned()
}

//! `anymodel platforms`: a comparison of the platforms known by name.

use std::process::ExitCode;

use anymodel::Language;
use anymodel::{Table, display, platform_specs};
use clap::Args;
use serde_json::{Value, json};

use crate::terminal::print;

/// Compare the platforms known by name
///
/// What each speaks, where its key stands, what it can do and where it differs. A target names one of them before two colons,
/// as in `zenmux::openai/gpt-4o-mini`; `LLM` makes one of them the default.
#[derive(Args)]
pub struct Arguments {
    /// Print JSON, with addresses and the names of all variables
    #[arg(long)]
    json: bool,
}

/// Prints the table, or the JSON.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    print(&match arguments.json {
        true => format!("{:#}\n", listed()),
        false => format!("{}\n\n{}\n", display::platforms(), places()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The table of addresses and key variables.
fn places() -> Table {
    let mut table = Table::new(
        "Where they are (--json names every variable)",
        ["name", "key", "address"],
    );
    for preset in platform_specs() {
        let key = match preset.key_variables.first() {
            // A local server accepts a key but needs none.
            Some(_) if preset.base_url.starts_with("http://") => "none needed",
            Some(name) => name,
            None => "none",
        };
        table.push([
            preset.name.to_owned(),
            key.to_owned(),
            preset.base_url.to_owned(),
        ]);
    }
    table
}

fn listed() -> Value {
    platform_specs()
        .iter()
        .map(|preset| {
            let places = preset.places.iter();
            let variables = places.flat_map(|place| place.variables);
            json!({
                "name": preset.name,
                "title": preset.title,
                "protocol": preset.protocol.title(Language::English),
                "base_url": preset.base_url,
                "key_variables": preset.key_variables,
                "url_variables": preset.url_variables,
                "place_variables": variables.collect::<Vec<_>>(),
                "models": preset.naming(Language::English),
                "streaming": preset.can.streaming,
                "tools": preset.can.tools,
                "json": preset.can.json.as_str(),
                "cost_in_answer": preset.can.cost_in_answer,
                "server_fallback": preset.can.server_fallback,
                "differs": preset.differs(Language::English),
            })
        })
        .collect()
}

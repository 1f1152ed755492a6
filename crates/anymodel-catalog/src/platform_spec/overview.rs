//! Table of all platform specs.

use super::{JsonSupport, PlatformCapabilities, PlatformSpec, platform_specs};
use anymodel_display::Table;
use anymodel_types::words;

/// A column of the table, and the capability that it shows.
type Ability = (&'static str, fn(&PlatformCapabilities) -> bool);

/// The capabilities, with their names in the table.
const ABILITIES: [Ability; 6] = [
    ("streams", |can| can.streaming),
    ("tools", |can| can.tools),
    ("JSON schema", |can| can.json == JsonSupport::Schema),
    ("JSON", |can| can.json == JsonSupport::Object),
    ("cost", |can| can.cost_in_answer),
    ("fallback", |can| can.server_fallback),
];

/// All platform specs: protocol, capabilities, differences. Capabilities that all of them have are named once.
///
/// ```
/// use anymodel::prelude::*;
///
/// show(&display::platforms());
/// ```
pub fn platforms() -> Table {
    let (of_all, of_some): (Vec<_>, Vec<_>) = ABILITIES
        .into_iter()
        .partition(|(_, has)| platform_specs().iter().all(|preset| has(&preset.can)));
    let of_all: Vec<&str> = of_all.into_iter().map(|(word, _)| word).collect();
    let caption = if of_all.is_empty() {
        words::platform_tables().platforms().to_owned()
    } else {
        words::platform_tables().platforms_all_of_them(&of_all.join(", "))
    };
    let columns = [
        words::columns().name(),
        words::columns().platform(),
        words::platform_tables().speaks(),
        words::columns().can(),
        words::platform_tables().differs(),
    ];
    let mut table = Table::new(caption, columns);
    for PlatformSpec {
        name,
        title,
        protocol,
        can,
        differs,
        ..
    } in platform_specs()
    {
        let able: Vec<&str> = of_some
            .iter()
            .filter(|(_, has)| has(can))
            .map(|&(word, _)| word)
            .collect();
        table.push([
            (*name).to_owned(),
            (*title).to_owned(),
            protocol.title().to_owned(),
            able.join(", "),
            (*differs).to_owned(),
        ]);
    }
    table
}

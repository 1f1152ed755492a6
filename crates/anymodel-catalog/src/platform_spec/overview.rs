//! Table of all platform specs.

use super::{JsonSupport, PlatformCapabilities, platform_specs};
use anymodel_display::Table;
use anymodel_types::Language;
use anymodel_types::words::{self, PlatformTablesWords};

/// A column of the table, and the capability that it shows.
type Ability = (
    fn(&'static PlatformTablesWords) -> &'static str,
    fn(&PlatformCapabilities) -> bool,
);

/// The capabilities, with their names in the table.
const ABILITIES: [Ability; 6] = [
    (|words| words.streams(), |can| can.streaming),
    (|words| words.tools(), |can| can.tools),
    (
        |words| words.json_schema(),
        |can| can.json == JsonSupport::Schema,
    ),
    (|words| words.json(), |can| can.json == JsonSupport::Object),
    (|words| words.cost(), |can| can.cost_in_answer),
    (|words| words.fallback(), |can| can.server_fallback),
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
    let of_all: Vec<&str> = of_all
        .into_iter()
        .map(|(word, _)| word(words::platform_tables()))
        .collect();
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
    let language = Language::current();
    let mut table = Table::new(caption, columns);
    for preset in platform_specs() {
        let able: Vec<&str> = of_some
            .iter()
            .filter(|(_, has)| has(&preset.can))
            .map(|(word, _)| word(words::platform_tables()))
            .collect();
        table.push([
            preset.name.to_owned(),
            preset.title.to_owned(),
            preset.protocol.title(language).to_owned(),
            able.join(", "),
            preset.differs(language).to_owned(),
        ]);
    }
    table
}

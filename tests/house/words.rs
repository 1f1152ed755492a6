//! The words of the house: one name for one thing, and the field's own (`docs/glossary.md`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{all_rust_files, root, rust_files};

/// Names that every crate may have for itself.
const EVERYWHERE: [&str; 4] = ["Error", "Result", "Builder", "Arguments"];

/// Names that said nothing to a reader of the field, each with the term that replaced it.
const RETIRED: [(&str, &str); 74] = [
    ("Assembly", "Accumulator"),
    ("Cashier", "BudgetGuard"),
    ("Choosing", "RoutingContext"),
    ("Contestant", "ModelOutcome"),
    ("Desk", "RunnerListener, LedgerWriter"),
    ("Doorway", "FaultyListener"),
    ("Easel", "RedrawState"),
    ("Face", "VendorApi"),
    ("Growing", "StreamingText"),
    ("Heard", "RunnerOutput, ReceivedBytes"),
    ("Hold", "Reservation"),
    ("Journal", "DuplicateLog"),
    ("Kept", "KeptItem, DiskCache, BudgetBackend"),
    ("Known", "Lookup"),
    ("Landed", "FlightResult"),
    ("Looked", "LookupMeta"),
    ("Met", "ChosenAnswer"),
    ("Pace", "RateLimiter"),
    ("Painter", "ThrottledRedraw"),
    ("PassedBy", "BypassReason"),
    ("Patience", "EndpointLimits"),
    ("Piece", "StreamDelta"),
    ("Purse", "BudgetStatus"),
    ("Quirk", "ResponseFault"),
    ("Quote", "CostEstimate"),
    ("Said", "RunnerMessage"),
    ("Seat", "LoadPermit"),
    ("Seen", "ResponseMeta"),
    ("Shelf", "ModelListCache"),
    ("Short", "InsufficientBudget"),
    ("Situation", "AttemptContext"),
    ("Spread", "LatencySummary"),
    ("Surface", "LiveRegion"),
    ("Ticket", "ProbeId, ReservationId"),
    ("Trouble", "CellFailure"),
    ("Underway", "InFlight"),
    ("Unfit", "SchemaMismatch"),
    ("Wanted", "ReservationRequest"),
    ("Whom", "CacheScope"),
    ("Wish", "the request itself"),
    ("able", "capability_check"),
    ("awake", "available"),
    ("because", "reason"),
    ("bury", "reclaim_orphans"),
    ("calls_tools", "supports_tools"),
    ("careless", "json_repair"),
    ("cashier", "budget_guard"),
    ("desk", "runner_listener, writer"),
    ("faces", "vendor_apis"),
    ("growing", "streaming_text"),
    ("harmless", "sanitize"),
    ("in_all", "total"),
    ("judge", "retry_policy, decide"),
    ("keep_in", "cache_dir"),
    ("keep_nowhere", "no_disk_cache"),
    ("labelled", "with_label"),
    ("left_out", "skipped_models"),
    ("lend", "snapshot"),
    ("living", "not_retired"),
    ("longest_first", "largest_context_first"),
    ("means_sandbox", "resolves_to_sandbox"),
    ("obey_the_higher_layer", "apply_precedence"),
    ("obeys_schemas", "supports_json_schema"),
    ("oddities", "protocol_quirks"),
    ("painter", "throttled_redraw"),
    ("quickest", "lowest_latency"),
    ("quickest_first", "lowest_latency_first"),
    ("quote", "estimate"),
    ("remember", "cache_lookup"),
    ("seat", "load_tracker"),
    ("sees", "accepts_images"),
    ("stand_up", "release"),
    ("told", "message"),
    ("wishes", "parameters"),
];

/// What is declared at the beginning of a line: whether it is public, of which kind it is, and its name.
fn declared(line: &str) -> Option<(bool, &str, &str)> {
    let line = line.trim_start();
    let (public, line) = match line.strip_prefix("pub ") {
        Some(rest) => (true, rest),
        None if line.starts_with("pub(") => (false, line.split_once(") ")?.1),
        None => (false, line),
    };
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (kind, rest) = line.split_once(' ')?;
    let known = ["struct", "enum", "trait", "type", "union", "mod", "fn"];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (known.contains(&kind) && end > 0).then_some((public, kind, &rest[..end]))
}

#[test]
fn no_public_type_name_means_two_things() {
    let mut places: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in all_rust_files() {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            match declared(line) {
                Some((true, "struct" | "enum" | "trait" | "type" | "union", name))
                    if !EVERYWHERE.contains(&name) =>
                {
                    places
                        .entry(name.to_owned())
                        .or_default()
                        .push(file.clone());
                }
                _ => {}
            }
        }
    }
    let twice: Vec<_> = places.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(places.len() > 150, "the types were not found");
    assert!(twice.is_empty(), "{twice:#?}");
}

#[test]
fn no_retired_word_comes_back() {
    let mut found = Vec::new();
    for file in all_rust_files() {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let Some((public, kind, name)) = declared(line) else {
                continue;
            };
            let counts = kind != "fn" || public;
            if let Some((_, instead)) = RETIRED.iter().find(|(word, _)| counts && *word == name) {
                found.push(format!("{}: `{name}` → {instead}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_glossary_has_every_term_once_in_both_languages_with_names_that_are_in_the_code() {
    let page = std::fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let code: String = all_rust_files()
        .into_iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    let mut terms = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        if cells[0] == "term" {
            continue;
        }
        assert_eq!(cells.len(), 4, "{row}");
        assert!(
            cells[1]
                .chars()
                .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
            "{row}"
        );
        assert!(
            terms.insert(cells[0].to_owned(), ()).is_none(),
            "{} stands there twice",
            cells[0]
        );
        let names = cells[3].split('`').skip(1).step_by(2);
        for name in names.filter(|name| !name.ends_with('/')) {
            let last = name.trim_end_matches("(…)").rsplit(['.', ':']).next();
            assert!(code.contains(last.unwrap()), "{name} is not in the code");
        }
    }
    assert!(terms.len() > 40);
}

/// The names of the texts in each area of the English table.
fn texts() -> Vec<(String, Vec<String>)> {
    let mut areas = Vec::new();
    for file in rust_files(&root().join("crates/anymodel-types/src/words/en")) {
        let area = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let table = std::fs::read_to_string(&file).unwrap();
        let lines = table
            .lines()
            .filter_map(|line| line.strip_prefix("        "));
        let names = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        let names = names.filter_map(|line| line.split([' ', '(']).next());
        areas.push((area, names.map(str::to_owned).collect()));
    }
    areas
}

#[test]
fn every_text_of_the_table_is_said_somewhere() {
    let is_table = |file: &PathBuf| file.to_str().unwrap().contains("/src/words/");
    let code: String = all_rust_files()
        .iter()
        .filter(|file| !is_table(file))
        .map(|file| std::fs::read_to_string(file).unwrap())
        .flat_map(|text| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    let texts = texts();
    let is_said = |area: &str, name: &str| {
        let calls = [
            format!("words::{area}().{name}("),
            format!("words.{name}("),
            format!("names.{name}("),
        ];
        calls.iter().any(|call| code.contains(call))
    };
    let mut unsaid = Vec::new();
    for (area, names) in &texts {
        let silent = names.iter().filter(|name| !is_said(area, name));
        unsaid.extend(silent.map(|name| format!("{area}.{name}")));
    }
    let count: usize = texts.iter().map(|(_, names)| names.len()).sum();
    assert!(count > 400, "the texts were not found: {count}");
    assert!(unsaid.is_empty(), "{unsaid:#?}");
}

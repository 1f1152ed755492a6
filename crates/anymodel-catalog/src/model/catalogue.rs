//! The model catalogue: read once from the built-in file, with lookup by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{HostOperator, Model};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue: Catalogue =
        serde_json::from_str(include_str!("catalogue.json")).unwrap_or_default();
    catalogue.index();
    catalogue
});

/// The built-in catalogue. A test checks its file, so it is always available and never empty.
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// Suffixes that change the routing of a request, not the model. `:beta` is an old name of the model itself.
const ROUTING_SUFFIXES: [&str; 7] = [
    "nitro", "floor", "exacto", "online", "extended", "thinking", "beta",
];

/// The model catalogue: all known models, in order of popularity.
#[derive(Debug, Default, Deserialize)]
pub struct Catalogue {
    note: String,
    as_of: String,
    providers: Vec<HostOperator>,
    models: Vec<Model>,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
}

/// The result of a lookup by name: the model, and the routing suffix of the name.
#[derive(Debug, Clone, Copy)]
pub struct NameMatch<'catalogue, 'name> {
    /// The model.
    pub model: &'catalogue Model,
    /// `nitro`, `floor`, … when the name has such a suffix.
    pub suffix: Option<&'name str>,
}

impl Catalogue {
    fn index(&mut self) {
        for (at, model) in self.models.iter().enumerate() {
            self.by_name.insert(model.id.to_lowercase(), at);
        }
        for (at, model) in self.models.iter().enumerate() {
            for name in model.aliases.iter().chain([&model.canonical_slug]) {
                self.by_name.entry(name.to_lowercase()).or_insert(at);
            }
        }
    }

    /// The source of the file, and which of its facts are invented.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The day the facts describe (`YYYY-MM-DD`).
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// All models, in order of popularity; the routers come last.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.iter()
    }

    /// All companies that host them.
    pub fn host_operators(&self) -> impl Iterator<Item = &HostOperator> {
        self.providers.iter()
    }

    /// The model called `id`: by its id, its dated slug or an alias, with or without a routing suffix.
    ///
    /// `:free` is no routing suffix but another offer. It is found only where it exists, so that a request for a free model
    /// is never charged by accident.
    pub fn get(&self, id: &str) -> Option<&Model> {
        self.find(id).map(|found| found.model)
    }

    /// Like [`get`](Self::get), and returns the routing suffix of the name.
    pub fn find<'name>(&self, id: &'name str) -> Option<NameMatch<'_, 'name>> {
        if let Some(model) = self.exact(id) {
            return Some(NameMatch {
                model,
                suffix: None,
            });
        }
        let (base, suffix) = id.rsplit_once(':')?;
        if !ROUTING_SUFFIXES.contains(&suffix) {
            return None;
        }
        Some(NameMatch {
            model: self.exact(base)?,
            suffix: Some(suffix),
        })
    }

    fn exact(&self, name: &str) -> Option<&Model> {
        let name = name.trim();
        // Most names are already in lower case, and need no copy.
        let at = (if name.chars().any(char::is_uppercase) {
            self.by_name.get(&name.to_lowercase())
        } else {
            self.by_name.get(name)
        })?;
        self.models.get(*at)
    }

    /// The `n` ids closest to a name that was not found, best first: for "did you mean".
    pub fn nearest(&self, id: &str, n: usize) -> Vec<&str> {
        nearest(id, n, self.models.iter().map(|model| model.id.as_str()))
    }
}

/// The `n` of `names` closest to `wanted`: by edit distance over the whole name or over the part after the slash,
/// whichever is nearer in relation to its length. Names that share hardly anything are left out.
pub fn nearest<'a>(wanted: &str, n: usize, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    let mut scored: Vec<(u64, &str)> = names
        .map(|name| (distance_in_thousandths(&wanted, &name.to_lowercase()), name))
        .filter(|(score, _)| *score < 600)
        .collect();
    scored.sort_by_key(|(score, _)| *score);
    scored.into_iter().take(n).map(|(_, name)| name).collect()
}

fn distance_in_thousandths(a: &str, b: &str) -> u64 {
    fn slug(name: &str) -> &str {
        name.split_once('/').map_or(name, |(_, slug)| slug)
    }
    fn relative(a: &str, b: &str) -> u64 {
        let longest = a.chars().count().max(b.chars().count()).max(1);
        (strsim::levenshtein(a, b) * 1000 / longest) as u64
    }
    // A slug has less information than the whole name, so it counts a little less.
    relative(a, b).min(relative(slug(a), slug(b)) + 50)
}

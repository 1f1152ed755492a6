//! Model names of a vendor: the vendors write `claude-sonnet-4-5-20250929` where the catalogue, like OpenRouter, has
//! `anthropic/claude-sonnet-4.5`.

use anymodel_catalog::model::{Model, catalogue};

/// A vendor, by the author's name in the catalogue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vendor(pub &'static str);

impl Vendor {
    /// The name in the catalogue. Names of faults and of the catalogue stay unchanged. An unknown name gets the vendor as
    /// its prefix, so that the error is the usual one.
    pub fn qualify(self, name: &str) -> String {
        if name.starts_with("sandbox/") || catalogue().find(name).is_some() {
            return name.to_owned();
        }
        let wanted = words(name);
        let named = format!("{}/{name}", self.0);
        if catalogue().find(&named).is_some() {
            return named;
        }
        let found = self
            .models()
            .find(|model| words(self.plain(&model.id)) == wanted);
        found.map_or(named, |model| model.id.clone())
    }

    /// The vendor's own name of a model: without the prefix.
    pub fn plain(self, id: &str) -> &str {
        match id.split_once('/') {
            Some((author, slug)) if author == self.0 => slug,
            _ => id,
        }
    }

    /// The vendor's models with a price; the free offers are OpenRouter's.
    pub fn models(self) -> impl Iterator<Item = &'static Model> {
        catalogue()
            .models()
            .filter(move |model| model.author() == self.0 && !model.is_free())
    }
}

/// The words of a name for comparison, without order, punctuation and date.
fn words(name: &str) -> Vec<String> {
    let dates = |word: &str| {
        let digits = word.bytes().all(|b| b.is_ascii_digit());
        word == "latest" || digits && (word.len() == 8 || word.len() == 3)
    };
    let mut words: Vec<String> = name
        .to_lowercase()
        .split(['-', '.', '@', '_'])
        .filter(|word| !word.is_empty() && !dates(word))
        .map(str::to_owned)
        .collect();
    words.sort();
    words
}

//! Selection of the parts of a generated file: included items, variables, linked crates.

use std::collections::BTreeSet;

use super::items::{KeptItem, entries, words};
use super::reachability::{Reached, ReachedBy, reached};
use super::source::Parts;
use super::variables::Variable;

impl Parts<'_> {
    /// The variables that the cell mentions.
    pub(super) fn taken(&self) -> Vec<(&str, &Variable)> {
        let mentioned: BTreeSet<&str> = words(self.code).collect();
        let all = self.variables.iter();
        // The compiler searches for names similar to the missing one, for its suggestions.
        let is_seen =
            |name: &str| self.plan.is_function || mentioned.contains(name.trim_start_matches("r#"));
        all.filter(|(name, _)| is_seen(name))
            .filter(|(name, _)| !self.out_of_reach.contains(*name))
            .collect()
    }

    /// The items that the cell reaches. Its declarations must compile with all items that use its names.
    pub(super) fn reached(&self, taken: &[(&str, &Variable)]) -> Reached {
        let older = self.items.beside(&self.cell.items);
        let new = entries(&self.cell.items);
        let names: BTreeSet<&str> = new.filter_map(|entry| entry.name()).collect();
        let is_concerned = |kept: &&KeptItem| {
            let words = &kept.entry.reach.words;
            names
                .iter()
                .any(|name| words.contains(name.trim_start_matches("r#")))
        };
        let concerned = older.clone().filter(is_concerned);
        let mut start: BTreeSet<usize> = concerned.map(|kept| kept.number).collect();
        start.extend(self.anew);
        let types = taken.iter().flat_map(|(_, known)| words(&known.type_name));
        let expanded = entries(&self.cell.items).flat_map(|entry| &entry.reach.words);
        let wanted = words(self.code)
            .chain(types)
            .chain(expanded.map(String::as_str));
        reached(older, wanted, &start)
    }

    /// Whether the cell uses a crate, through a name that it reaches.
    pub(super) fn reaches_crates(&self, reached: &Reached) -> bool {
        let is_crate = |word: &String| (self.is_crate)(word);
        let named = self.items.beside(&self.cell.items).filter(|kept| {
            matches!(kept.entry.reach.by, ReachedBy::Import { .. })
                && !self.is_unnamed_import(kept, reached)
        });
        let imported = named.flat_map(|kept| &kept.entry.reach.words);
        reached.words.iter().chain(imported).any(is_crate) || self.has_glob_of("tokio")
    }

    fn has_glob_of(&self, name: &str) -> bool {
        let is_glob = |kept: &KeptItem| matches!(&kept.entry.reach.by, ReachedBy::Import { first, name: None } if first == name);
        self.items.beside(&self.cell.items).any(is_glob)
    }

    /// Whether an item imports a name that the cell does not use.
    pub(super) fn is_unnamed_import(&self, kept: &KeptItem, reached: &Reached) -> bool {
        match &kept.entry.reach.by {
            ReachedBy::Import {
                name: Some(name), ..
            } => !reached.words.contains(name),
            ReachedBy::Import { name: None, .. } => true,
            _ => false,
        }
    }

    /// Whether a name in capitals is a constant, so that a pattern with it binds no variable.
    pub(super) fn is_constant(&self, name: &str) -> bool {
        let older = self.items.beside(&[]).map(|kept| &kept.entry);
        let mut all = older.chain(entries(&self.cell.items));
        name.starts_with(char::is_uppercase)
            && (self.plan.constants.contains(name) || all.any(|entry| entry.value() == Some(name)))
    }
}

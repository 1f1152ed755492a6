//! All kept questions, and the one among them that asks the same.
//!
//! Only questions of one normal form can share an answer, so a look goes straight to those, and the guard reads them. What it
//! returns is the one that the guard is most sure of. Which questions are merely near is looked up otherwise: the sketches of all
//! questions of the group, one after the other in memory, then the true closeness of the few dozen nearest.

use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::gist::Gist;
use super::sketch::{Sketch, Small, differ, sketch};
use super::{Embedder, Guard, hash};

/// How many of the nearest sketches are looked at closely.
const CLOSELY: usize = 64;
/// How many questions of one normal form the guard reads: the first kept.
const READ: usize = 32;

/// One kept answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EntryId(pub u64);

/// All entries whose requests are the same but for the words of the last user message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Group(pub u64);

/// A question as it was read: its vector, and its gist for the guard.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    small: Small,
    sketch: Sketch,
    gist: Box<Gist>,
    embedder: u32,
}

/// A kept question that asks the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub id: EntryId,
    /// How sure the guard is, from 0 to 1.
    pub similarity: f32,
}

/// Reads questions.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    embedder: Arc<dyn Embedder>,
}

/// All kept questions.
#[derive(Debug)]
pub(crate) struct Index {
    embedder: Arc<dyn Embedder>,
    guard: Guard,
    threshold: Option<f32>,
    shelves: HashMap<Group, Shelf>,
    /// Bytes of the readings, and how many there are.
    bytes: usize,
    entries: usize,
}

/// The questions of one group.
#[derive(Debug, Default)]
struct Shelf {
    sketches: Vec<Sketch>,
    kept: Vec<(EntryId, Small, Box<Gist>)>,
    places: HashMap<EntryId, usize>,
    /// The places of all questions of a normal form.
    forms: HashMap<u64, Vec<usize>>,
}

impl Index {
    /// An empty index. Without a `threshold`, the guard's own holds.
    pub fn new(embedder: Arc<dyn Embedder>, threshold: Option<f32>) -> Self {
        let guard = embedder.guard();
        Index {
            embedder,
            guard,
            threshold,
            shelves: HashMap::new(),
            bytes: 0,
            entries: 0,
        }
    }

    /// Reads questions for this index, outside any lock.
    pub fn reader(&self) -> Reader {
        Reader {
            embedder: Arc::clone(&self.embedder),
        }
    }

    /// The kept question that asks the same, as far as the guard is sure.
    pub fn find(&self, group: Group, reading: &Reading) -> Option<Found> {
        let shelf = self.shelves.get(&group)?;
        let alike = shelf.forms.get(&reading.gist.form)?;
        let served = alike.iter().take(READ).filter_map(|at| {
            let (id, small, gist) = shelf.kept.get(*at)?;
            let cosine = reading.small.cosine(small);
            let verdict = self.guard.compare(&reading.gist, gist, cosine);
            let serves = self.threshold.map_or_else(
                || verdict.serves(),
                |threshold| verdict.serves_from(threshold),
            );
            serves.then_some(Found {
                id: *id,
                similarity: verdict.likelihood,
            })
        });
        served.max_by(|a, b| a.similarity.total_cmp(&b.similarity))
    }

    /// The nearest kept questions and how near they are, the nearest first, whatever the guard says of them.
    pub fn nearest(&self, group: Group, reading: &Reading) -> Vec<(EntryId, f32)> {
        let near = self
            .shelves
            .get(&group)
            .map(|shelf| (shelf, shelf.near(reading)));
        near.into_iter()
            .flat_map(|(shelf, near)| {
                near.into_iter()
                    .map(|(cosine, at)| (shelf.kept[at].0, cosine))
            })
            .collect()
    }

    /// Keeps a question.
    pub fn insert(&mut self, group: Group, id: EntryId, _question: &str, reading: Reading) {
        self.remove(group, id);
        self.bytes += bytes(&reading.small, &reading.gist);
        self.entries += 1;
        let shelf = self.shelves.entry(group).or_default();
        shelf.places.insert(id, shelf.kept.len());
        shelf
            .forms
            .entry(reading.gist.form)
            .or_default()
            .push(shelf.kept.len());
        shelf.sketches.push(reading.sketch);
        shelf.kept.push((id, reading.small, reading.gist));
    }

    /// Forgets a question.
    pub fn remove(&mut self, group: Group, id: EntryId) {
        let Some(shelf) = self.shelves.get_mut(&group) else {
            return;
        };
        let Some(at) = shelf.places.remove(&id) else {
            return;
        };
        shelf.sketches.swap_remove(at);
        let (_, small, gist) = shelf.kept.swap_remove(at);
        shelf.forget_form(gist.form, at);
        if let Some((moved, _, moved_gist)) = shelf.kept.get(at) {
            shelf.places.insert(*moved, at);
            let last = shelf.kept.len();
            let alike = shelf.forms.get_mut(&moved_gist.form);
            alike
                .into_iter()
                .flatten()
                .filter(|place| **place == last)
                .for_each(|place| *place = at);
        }
        self.bytes -= bytes(&small, &gist);
        self.entries -= 1;
        if shelf.kept.is_empty() {
            self.shelves.remove(&group);
        }
    }

    /// About how many bytes an entry takes.
    pub fn bytes_each(&self) -> usize {
        self.bytes
            .checked_div(self.entries)
            .unwrap_or(size_of::<Reading>() + self.embedder.dimensions() + 200)
    }
}

impl Shelf {
    fn forget_form(&mut self, form: u64, at: usize) {
        if let Some(alike) = self.forms.get_mut(&form) {
            alike.retain(|place| *place != at);
            if alike.is_empty() {
                self.forms.remove(&form);
            }
        }
    }

    /// The true closeness of the nearest sketches, the nearest first, and their places.
    fn near(&self, reading: &Reading) -> Vec<(f32, usize)> {
        let nearest = self.nearest(&reading.sketch).into_iter();
        let mut near: Vec<(f32, usize)> = nearest
            .map(|at| (reading.small.cosine(&self.kept[at].1), at))
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near
    }

    /// The places of the nearest sketches.
    fn nearest(&self, sketch: &Sketch) -> Vec<usize> {
        let mut nearest = BinaryHeap::with_capacity(CLOSELY + 1);
        let mut farthest = u32::MAX;
        for (at, kept) in self.sketches.iter().enumerate() {
            let distance = differ(sketch, kept);
            if distance < farthest {
                nearest.push((distance, at));
                if nearest.len() > CLOSELY {
                    nearest.pop();
                    farthest = nearest.peek().map_or(u32::MAX, |(distance, _)| *distance);
                }
            }
        }
        nearest.into_iter().map(|(_, at)| at).collect()
    }
}

fn bytes(small: &Small, gist: &Gist) -> usize {
    let place = size_of::<(EntryId, usize)>() * 2 + size_of::<(u64, Vec<usize>, usize)>() * 2;
    size_of::<Sketch>()
        + size_of::<EntryId>()
        + size_of::<Small>()
        + small.numbers.len()
        + gist.bytes()
        + place
}

/// What bytes of a reading begin with.
const VERSION: u8 = 1;

impl Reader {
    /// Reads a question.
    pub fn read(&self, question: &str) -> Reading {
        self.reading(question, Small::of(&self.embedder.embed(question)))
    }

    /// A reading from the cache's file; read anew if its bytes are damaged or another embedder's.
    pub fn restore(&self, question: &str, bytes: &[u8]) -> Reading {
        match bytes.split_first_chunk::<5>() {
            Some(([VERSION, name @ ..], numbers))
                if u32::from_le_bytes(*name) == hash(self.embedder.name())
                    && numbers.len() == self.embedder.dimensions() =>
            {
                self.reading(
                    question,
                    Small::from_numbers(numbers.iter().map(|byte| byte.cast_signed()).collect()),
                )
            }
            _ => self.read(question),
        }
    }

    fn reading(&self, question: &str, small: Small) -> Reading {
        let wide: Vec<f32> = small.numbers.iter().map(|x| f32::from(*x)).collect();
        Reading {
            sketch: sketch(&wide),
            small,
            gist: Box::new(Gist::of(question)),
            embedder: hash(self.embedder.name()),
        }
    }
}

impl Reading {
    /// What stands in the cache's file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = [VERSION].into_iter().chain(self.embedder.to_le_bytes());
        head.chain(self.small.numbers.iter().map(|x| x.cast_unsigned()))
            .collect()
    }
}

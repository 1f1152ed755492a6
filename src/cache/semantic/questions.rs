//! The semantic search by itself, for whoever keeps answers elsewhere.

use std::sync::Arc;

use super::Embedder;
use super::index::{EntryId, Group, Index, Reader};

/// Questions with a number each, and the one among them that asks the same as another: what the semantic cache finds answers
/// with.
///
/// ```
/// use anymodel::{Letters, Questions};
///
/// let mut questions = Questions::new(Letters);
/// questions.insert(7, "How do I rename a branch?");
/// let (number, sure) = questions.find("How can I rename a branch?").expect("only reworded");
/// assert_eq!(number, 7);
/// assert!(sure > 0.8);
/// assert_eq!(questions.find("How do I rename a tag?"), None);
/// ```
#[derive(Debug)]
pub struct Questions {
    index: Index,
    reader: Reader,
}

/// All questions stand in one group.
const ALL: Group = Group(0);

impl Questions {
    /// No questions yet.
    pub fn new(embedder: impl Embedder) -> Self {
        let index = Index::new(Arc::new(embedder), None);
        Questions {
            reader: index.reader(),
            index,
        }
    }

    /// Keeps a question under a number; what stood under it is forgotten.
    pub fn insert(&mut self, number: u64, question: &str) {
        let reading = self.reader.read(question);
        self.index.insert(ALL, EntryId(number), question, reading);
    }

    /// Forgets a question.
    pub fn remove(&mut self, number: u64) {
        self.index.remove(ALL, EntryId(number));
    }

    /// The number of the question that asks the same, and how sure that is, from 0 to 1.
    pub fn find(&self, question: &str) -> Option<(u64, f32)> {
        self.index
            .find(ALL, &self.reader.read(question))
            .map(|found| (found.id.0, found.similarity))
    }

    /// The numbers of the nearest questions and the cosines of their vectors, the nearest first, at most 64: near, but not
    /// necessarily asking the same.
    pub fn nearest(&self, question: &str) -> Vec<(u64, f32)> {
        let near = self.index.nearest(ALL, &self.reader.read(question));
        near.into_iter()
            .map(|(id, cosine)| (id.0, cosine))
            .collect()
    }

    /// About how many bytes a question takes in memory.
    pub fn bytes_each(&self) -> usize {
        self.index.bytes_each()
    }
}

//! The way back from a generated file to the learner's text.

use std::ops::Range;

use super::source::{CellSource, Segment};

impl CellSource {
    /// Puts a text before everything else.
    pub(super) fn put_first(&mut self, text: &str) {
        let length = text.len();
        let further = |range: &mut Range<usize>| {
            *range = range.start + length..range.end + length;
        };
        self.text.insert_str(0, text);
        self.segments.iter_mut().for_each(|one| one.at += length);
        self.puts.iter_mut().for_each(|one| further(&mut one.range));
        self.takes.iter_mut().for_each(|one| further(&mut one.0));
        self.older.iter_mut().for_each(|one| further(&mut one.0));
        self.calls.iter_mut().for_each(|one| further(&mut one.0));
    }

    /// The cell, and the byte in it, that a byte of the file comes from. The byte just behind a piece
    /// belongs to it too.
    pub fn origin(&self, byte: usize) -> Option<(u32, usize)> {
        let segment = self.segment(byte)?;
        let inside = match segment.stands_for {
            Some(_) => 0,
            None => byte.saturating_sub(segment.at).min(segment.length),
        };
        Some((segment.cell, segment.from + inside))
    }

    /// The cell, and the bytes in it, that bytes of the file come from. Bytes that are there for the
    /// sake of a piece alone stand for all of it.
    pub fn origin_of_range(&self, bytes: &Range<usize>) -> Option<(u32, Range<usize>)> {
        let (cell, from) = self.origin(bytes.start)?;
        let (end_cell, to) = self.origin(bytes.end)?;
        if bytes.start < bytes.end && from == to {
            let segment = self.segment(bytes.start)?;
            let length = segment.stands_for.unwrap_or(segment.length);
            return Some((cell, segment.from..segment.from + length));
        }
        (cell == end_cell && from <= to).then_some((cell, from..to))
    }

    fn segment(&self, byte: usize) -> Option<&Segment> {
        self.segments.iter().find(|segment| {
            let (before, behind) = segment.around;
            byte + before >= segment.at && byte <= segment.at + segment.length + behind
        })
    }

    /// As [`CellSource::origin`], for a line and a column, both from 1, the column in characters.
    pub fn origin_of_place(&self, line: u32, column: u32) -> Option<(u32, usize)> {
        let mut start = 0;
        for (number, text) in self.text.split_inclusive('\n').enumerate() {
            if number + 1 == line as usize {
                let column = (column as usize).saturating_sub(1);
                let inside = text.char_indices().nth(column).map_or(0, |(at, _)| at);
                return self.origin(start + inside);
            }
            start += text.len();
        }
        None
    }

    /// The first byte of a line that comes from a cell, for a line without a column.
    pub fn origin_of_line(&self, line: u32) -> Option<(u32, usize)> {
        let text = self.text.split('\n').nth((line as usize).checked_sub(1)?)?;
        (1..=u32::try_from(text.chars().count()).ok()? + 1)
            .find_map(|column| self.origin_of_place(line, column))
    }
}

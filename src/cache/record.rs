//! The bytes of a cache's file, and how to read them when they are not as they were written.
//!
//! A head (what the file is, and a number that changes whenever the file is written anew), then one record after another:
//! a mark, the length, a checksum, and the answer with its question as JSON. The mark begins with a zero byte, which JSON
//! text never holds, so the next record can be found again behind a damaged one.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::key::Key;

/// What the file is, and its version.
const NAME: &[u8] = b"anymodel answers 1\n";
/// Any version of it.
const KIND: &[u8] = b"anymodel answers ";
/// The head: the name and the generation.
pub(super) const HEAD: usize = NAME.len() + 8;

const MARK: [u8; 4] = *b"\0ans";
/// Mark, length, checksum.
const FRAME: usize = 12;
/// No record is longer, so a length beyond it is damage.
pub(super) const LONGEST: usize = 16 << 20;

/// One kept answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    context: String,
    question: String,
    pub answer: Answer,
    /// Seconds since 1970.
    pub kept: u64,
}

impl Record {
    pub fn new(key: &Key, answer: Answer, kept: u64) -> Self {
        Record {
            context: key.context.clone(),
            question: key.question.clone(),
            answer,
            kept,
        }
    }

    pub fn key(&self) -> Key {
        Key {
            context: self.context.clone(),
            question: self.question.clone(),
        }
    }

    /// The record as it stands in the file; `None` when it is too long.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let text = serde_json::to_vec(self).ok()?;
        let length = u32::try_from(text.len()).ok()?;
        if text.len() > LONGEST {
            return None;
        }
        let mut bytes = Vec::with_capacity(FRAME + text.len());
        bytes.extend(MARK);
        bytes.extend(length.to_le_bytes());
        bytes.extend(checksum(&text).to_le_bytes());
        bytes.extend(text);
        Some(bytes)
    }
}

/// The head of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// Of this version, with its generation.
    Ours(u64),
    /// Nothing was written yet, or the disk lost it.
    Empty,
    /// Ours, and not to be read: it is cut.
    Unreadable,
    /// Of a program that writes other records.
    OtherVersion,
    /// Something else.
    Foreign,
}

impl Head {
    pub fn of(bytes: &[u8]) -> Self {
        let start = &bytes[..bytes.len().min(HEAD)];
        if let Some(number) = start.strip_prefix(NAME)
            && let Ok(number) = <[u8; 8]>::try_from(number)
        {
            return Head::Ours(u64::from_le_bytes(number));
        }
        if start.iter().all(|byte| *byte == 0) {
            return match bytes.iter().all(|byte| *byte == 0) {
                true => Head::Empty,
                false => Head::Unreadable,
            };
        }
        if let Some(version) = start.strip_prefix(KIND)
            && let Some(end) = version.iter().position(|byte| *byte == b'\n')
            && end > 0
            && version[..end].iter().all(u8::is_ascii_digit)
            && !start.starts_with(NAME)
        {
            return Head::OtherVersion;
        }
        match KIND.starts_with(start) || start.starts_with(KIND) {
            true => Head::Unreadable,
            false => Head::Foreign,
        }
    }

    pub fn bytes(generation: u64) -> Vec<u8> {
        [NAME, &generation.to_le_bytes()].concat()
    }
}

/// What was read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Scan {
    /// The records, and how many bytes each takes.
    pub records: Vec<(Record, usize)>,
    /// Where the first thing stands that is no record.
    pub good: usize,
    /// How many places are damaged.
    pub damaged: usize,
}

/// Reads what follows the head. A record whose end was never written, at the very end, is no damage: its writer was
/// stopped, and `good` says where it begins.
pub(super) fn scan(bytes: &[u8]) -> Scan {
    let mut scan = Scan::default();
    let mut at = 0;
    while at < bytes.len() {
        let cut = match frame(&bytes[at..]) {
            Frame::Whole(record, length) => {
                scan.records.push((*record, length));
                at += length;
                if scan.damaged == 0 {
                    scan.good = at;
                }
                continue;
            }
            Frame::Cut => true,
            Frame::Bad => false,
        };
        match next_whole(bytes, at + 1) {
            Some(next) => {
                scan.damaged += 1;
                at = next;
            }
            None => {
                scan.damaged += usize::from(!cut);
                break;
            }
        }
    }
    scan
}

/// Where the next record stands that can be read.
fn next_whole(bytes: &[u8], mut from: usize) -> Option<usize> {
    while let Some(rest) = bytes.get(from..) {
        let found = rest.windows(MARK.len()).position(|four| four == MARK)?;
        from += found;
        if let Frame::Whole(..) = frame(&bytes[from..]) {
            return Some(from);
        }
        from += 1;
    }
    None
}

enum Frame {
    Whole(Box<Record>, usize),
    /// It goes on behind the end of the file.
    Cut,
    Bad,
}

fn frame(bytes: &[u8]) -> Frame {
    let mark = &bytes[..bytes.len().min(MARK.len())];
    if !MARK.starts_with(mark) {
        return Frame::Bad;
    }
    let (Some(length), Some(sum)) = (number(bytes, 4), number(bytes, 8)) else {
        return Frame::Cut;
    };
    let length = length as usize;
    if length > LONGEST {
        return Frame::Bad;
    }
    let Some(text) = bytes.get(FRAME..FRAME + length) else {
        return Frame::Cut;
    };
    if checksum(text) != sum {
        return Frame::Bad;
    }
    match serde_json::from_slice(text) {
        Ok(record) => Frame::Whole(Box::new(record), FRAME + length),
        Err(_) => Frame::Bad,
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// CRC-32 as of IEEE 802.3, with a table of a byte's remainders.
fn checksum(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut remainder = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                let carry = if remainder & 1 == 1 { 0xEDB8_8320 } else { 0 };
                remainder = (remainder >> 1) ^ carry;
                bit += 1;
            }
            table[byte] = remainder;
            byte += 1;
        }
        table
    };
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        let at = (sum ^ u32::from(*byte)) & 0xFF;
        (sum >> 8) ^ TABLE[at as usize]
    });
    !sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(question: String, text: String, kept: u64) -> Record {
        let answer = serde_json::json!({ "text": text, "model": "acme/one", "platform": "acme", "finish": "stop" });
        let key = Key {
            context: "[]".to_owned(),
            question,
        };
        Record::new(&key, serde_json::from_value(answer).unwrap(), kept)
    }

    prop_compose! {
        fn any_records()(parts in prop::collection::vec(("\\PC{0,20}", "(?s).{0,40}", any::<u64>()), 1..6)) -> Vec<Record> {
            parts.into_iter().map(|(question, text, kept)| record(question, text, kept)).collect()
        }
    }

    fn written(records: &[Record]) -> Vec<u8> {
        records
            .iter()
            .flat_map(|one| one.to_bytes().unwrap())
            .collect()
    }

    fn found(scan: &Scan) -> Vec<Record> {
        scan.records
            .iter()
            .map(|(record, _)| record.clone())
            .collect()
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(records in any_records()) {
            let bytes = written(&records);
            let scan = scan(&bytes);
            prop_assert_eq!(scan.damaged, 0);
            prop_assert_eq!(scan.good, bytes.len());
            prop_assert_eq!(found(&scan), records);
        }

        #[test]
        fn no_bytes_can_make_reading_fail(bytes in prop::collection::vec(any::<u8>(), 0..300), records in any_records()) {
            scan(&bytes);
            Head::of(&bytes);
            // Whatever stands before a record, it is found.
            let mixed = [bytes.clone(), written(&records)].concat();
            prop_assert!(found(&scan(&mixed)).ends_with(&records[1..]));
        }

        #[test]
        fn a_file_that_was_cut_anywhere_gives_the_records_before_and_is_not_called_damaged(
            records in any_records(), part in 0.0..1.0f64
        ) {
            let bytes = written(&records);
            let cut = (bytes.len() as f64 * part) as usize;
            let scan = scan(&bytes[..cut]);
            prop_assert_eq!(scan.damaged, 0);
            prop_assert!(records.starts_with(&found(&scan)));
            prop_assert!(scan.good <= cut);
        }

        #[test]
        fn a_byte_that_has_changed_costs_one_record_and_never_gives_another(
            records in any_records(), part in 0.0..1.0f64, change in 1..=255u8
        ) {
            let mut bytes = written(&records);
            let at = (bytes.len() as f64 * part) as usize;
            bytes[at] ^= change;
            let read = found(&scan(&bytes));
            prop_assert_eq!(read.len(), records.len() - 1);
            prop_assert!(read.iter().all(|one| records.contains(one)));
        }
    }
}

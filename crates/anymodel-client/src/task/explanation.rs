//! Explanation: why a question was classified so, in its own words.
//!
//! Feature attribution: a feature's weight is divided among the characters that it was read from. Words and Chinese
//! characters with a large share are named, neighbours together, the strongest first.

use super::text::is_chinese;
use super::{Classifier, Difficulty, Feature, Kind, Scores};
use anymodel_types::words;

/// The most pieces of the question that are named.
const NAMED: usize = 3;
/// A piece is named from this share of the strongest one on, and a word joins a piece from this share of the strongest word
/// on. A Chinese character is a third of a word or less.
const ENOUGH: f32 = 0.3;
const ENOUGH_CHINESE: f32 = 0.1;
/// A feature of more bytes than this belongs to no word.
const WIDEST: usize = 200;
/// A longer piece is cut.
const LONGEST: usize = 32;

pub(super) fn kind(
    model: &Classifier,
    question: &str,
    features: &[Feature],
    scores: &Scores,
    unsure: bool,
) -> String {
    let [(first, chance), (second, less), ..] = scores.ranked();
    if question.trim().is_empty() {
        return words::tasks().there_is_nothing_to_read().to_owned();
    }
    if unsure {
        return words::tasks().not_sure(&first, &chance, &second, &less);
    }
    let found = pieces(question, features, |feature| {
        let weights = model.weights(feature.key)?;
        Some(feature.value * for_kind(weights, first))
    });
    words::tasks().looks_like(&first, &shown(chance), &found)
}

pub(super) fn difficulty(
    model: &Classifier,
    question: &str,
    features: &[Feature],
    scores: &Scores,
    difficulty: Difficulty,
) -> String {
    let (sign, chance) = match difficulty {
        Difficulty::Simple => (-1.0, 1.0 - scores.hard),
        // Less likely than not, but too likely to risk a weak answer.
        Difficulty::Hard if scores.hard < 0.5 => {
            return words::tasks().may_be_hard(&scores.hard);
        }
        Difficulty::Hard => (1.0, scores.hard),
    };
    let found = pieces(question, features, |feature| {
        let [.., hard] = model.weights(feature.key)?;
        Some(feature.value * sign * f32::from(*hard))
    });
    words::tasks().looks_hard_or_simple(&difficulty, &shown(chance), &found)
}

/// How much more it counts for this kind than for the others on average.
fn for_kind(weights: &[i8; 7], kind: Kind) -> f32 {
    let [kinds @ .., _] = weights;
    let all: f32 = kinds.iter().copied().map(f32::from).sum();
    let own = kinds.get(kind as usize).copied().map_or(0.0, f32::from);
    own - (all - own) / (kinds.len() - 1) as f32
}

/// Names the pieces of the question with the largest share.
fn pieces(question: &str, features: &[Feature], said: impl Fn(&Feature) -> Option<f32>) -> String {
    let mut by_byte = vec![0.0_f32; question.len()];
    let mut shape = 0.0;
    for feature in features {
        let Some(share) = said(feature) else { continue };
        match by_byte.get_mut(feature.from..feature.to) {
            // A feature across the unread middle of a very long question belongs to no word.
            Some(bytes) if (1..=WIDEST).contains(&bytes.len()) => {
                let each = share / bytes.len() as f32;
                bytes.iter_mut().for_each(|byte| *byte += each);
            }
            _ => shape += share,
        }
    }
    let units = units(question, &by_byte);
    let most = units.iter().fold(0.0_f32, |most, unit| most.max(unit.said));
    let mut pieces: Vec<Unit> = Vec::new();
    for unit in units {
        let enough = if unit.chinese { ENOUGH_CHINESE } else { ENOUGH };
        if unit.said <= 0.0 || unit.said < most * enough {
            continue;
        }
        match pieces.last_mut() {
            Some(last)
                if question
                    .get(last.to..unit.from)
                    .is_some_and(|gap| gap.is_empty() || gap == " ") =>
            {
                last.to = unit.to;
                last.said += unit.said;
            }
            _ => pieces.push(unit),
        }
    }
    pieces.sort_by(|a, b| b.said.total_cmp(&a.said));
    let strongest = pieces.first().map_or(0.0, |piece| piece.said);
    pieces.retain(|piece| piece.said >= strongest * ENOUGH);
    pieces.truncate(NAMED);
    let words: f32 = pieces.iter().map(|piece| piece.said).sum();
    let mut named: Vec<String> = pieces
        .iter()
        .filter_map(|piece| question.get(piece.from..piece.to))
        .map(quoted)
        .collect();
    if shape > words || named.is_empty() {
        named.push(words::tasks().its_length_and_form().to_owned());
    }
    named.join(", ")
}

struct Unit {
    from: usize,
    to: usize,
    said: f32,
    chinese: bool,
}

/// A question's words; each Chinese character is one. White space and most marks belong to none.
fn units(question: &str, by_byte: &[f32]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut in_word = false;
    for (from, letter) in question.char_indices() {
        let to = from + letter.len_utf8();
        let said: f32 = by_byte.get(from..to).unwrap_or_default().iter().sum();
        // Most of a very long question was not read.
        if said == 0.0 {
            in_word = false;
            continue;
        }
        let wordlike =
            !is_chinese(letter) && (letter.is_alphanumeric() || "+#'_’".contains(letter));
        let counts = wordlike || is_chinese(letter) || "=^√∫∑²³×÷{}`%".contains(letter);
        match units.last_mut() {
            Some(unit) if wordlike && in_word => {
                unit.to = to;
                unit.said += said;
            }
            _ if counts => units.push(Unit {
                from,
                to,
                said,
                chinese: is_chinese(letter),
            }),
            _ => {}
        }
        in_word = wordlike;
    }
    units
}

fn quoted(piece: &str) -> String {
    match piece.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("“{}…”", piece.get(..end).unwrap_or_default()),
        None => format!("“{piece}”"),
    }
}

/// No probability is shown as certain: 0.998 is shown as 0.99, not as 1.00.
fn shown(chance: f32) -> f32 {
    chance.min(0.99)
}

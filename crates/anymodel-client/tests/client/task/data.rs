//! The data that the classifier learns from and is measured on.

use std::collections::{BTreeMap, BTreeSet};

use super::{held_out, training};
use crate::task::learn::Question;

/// Runs of five characters, of three in Chinese, without white space and case.
fn runs(text: &str) -> BTreeSet<String> {
    let letters: Vec<char> = text
        .to_lowercase()
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let chinese = letters
        .iter()
        .any(|letter| ('\u{4e00}'..='\u{9fff}').contains(letter));
    let length = if chinese { 3 } else { 5 };
    match letters.len() < length {
        true => BTreeSet::from([letters.iter().collect()]),
        false => letters
            .windows(length)
            .map(|run| run.iter().collect())
            .collect(),
    }
}

#[test]
fn no_held_out_question_is_nearly_one_of_the_training_questions() {
    let learnt: Vec<(Question, BTreeSet<String>)> = training()
        .into_iter()
        .map(|question| {
            let runs = runs(&question.text);
            (question, runs)
        })
        .collect();
    for asked in held_out() {
        let own = runs(&asked.text);
        for (question, runs) in &learnt {
            let shared = own.intersection(runs).count();
            let all = own.len() + runs.len() - shared;
            assert!(
                shared * 2 <= all,
                "{:?} is too close to {:?}",
                asked.text,
                question.text
            );
        }
    }
}

#[test]
fn there_are_enough_questions_evenly_over_kinds_and_languages() {
    for (questions, enough, each) in [(training(), 1_400, 110), (held_out(), 360, 30)] {
        assert!(questions.len() >= enough, "{}", questions.len());
        let mut counts = BTreeMap::<(&str, &str), usize>::new();
        for question in &questions {
            let cell = (question.kind.name(), question.language.as_str());
            *counts.entry(cell).or_default() += 1;
        }
        assert_eq!(counts.len(), 12);
        let least = counts.values().min().unwrap();
        let most = counts.values().max().unwrap();
        assert!(*least >= each && *most <= least * 3 / 2, "{counts:?}");
    }
}

#[test]
fn no_question_stands_twice() {
    let mut seen = BTreeSet::new();
    for question in training().into_iter().chain(held_out()) {
        assert!(seen.insert(question.text.clone()), "{}", question.text);
    }
}

#[test]
fn a_chinese_question_has_chinese_in_it_and_an_english_one_is_mostly_latin() {
    for question in training().into_iter().chain(held_out()) {
        let chinese = question
            .text
            .chars()
            .filter(|letter| ('\u{4e00}'..='\u{9fff}').contains(letter))
            .count();
        let all = question.text.chars().count();
        match question.language.as_str() {
            "zh" => assert!(chinese > 0, "{}", question.text),
            _ => assert!(chinese * 2 < all, "{}", question.text),
        }
    }
}

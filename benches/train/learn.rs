//! How the classifier learns: from labelled questions and from words to a model.
//!
//! Multinomial logistic regression for the kind and plain logistic regression for "hard", over the same features, by
//! stochastic gradient descent with a step of its own for each weight (AdaGrad). Additions, multiplications, divisions and
//! square roots alone, in a fixed order: every machine learns the same model, byte for byte.
//!
//! The words (`words.tsv`) are lessons too: "mutex" is said to be at home in programming. Questions alone, some two
//! thousand, do not hold the vocabulary that people use; in cross-validation the words raise the share of right kinds from
//! 0.86 to 0.92. They stand in no list at run time: what is left of them are weights like any other.

use std::collections::BTreeMap;

use anymodel::task::{Calibration, Classifier, Feature, Kind, Scores, features};

/// Chosen by cross-validation within the training data.
const EPOCHS: usize = 10;
const STEP: f32 = 0.3;
const DECAY: f32 = 1e-3;
/// A word counts for less than a question.
const WORD: f32 = 0.6;
/// What is seen only once in all the lessons is not learnt.
const SEEN: u32 = 2;
const FOLDS: usize = 5;

/// Of the kinds that are called sure, so many are to be right.
const RIGHT_WHEN_SURE: f64 = 0.95;
/// A weak answer to a hard question is so many times as bad as a strong model's answer to a simple one. From this follows
/// the chance from which a question is called hard, as the chances are true ones.
const WEAK_ANSWER: f32 = 6.0;

/// A labelled question.
#[derive(Clone, Debug)]
pub struct Question {
    pub kind: Kind,
    pub hard: bool,
    pub language: String,
    pub text: String,
}

/// A word that is at home in one kind.
#[derive(Clone, Debug)]
pub struct Word {
    pub kind: Kind,
    pub text: String,
}

/// Reads `kind, difficulty, language, question`, one a line, with a first line that names them.
pub fn questions(tsv: &str) -> Vec<Question> {
    let rows = tsv.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [kind, difficulty, language, text] = cells[..] else {
            panic!("four cells are wanted: {line}")
        };
        assert!(["simple", "hard"].contains(&difficulty), "{line}");
        assert!(["en", "zh"].contains(&language), "{line}");
        Question {
            kind: Kind::named(kind).unwrap_or_else(|| panic!("no such kind: {line}")),
            hard: difficulty == "hard",
            language: language.to_owned(),
            text: text.to_owned(),
        }
    });
    rows.collect()
}

/// Reads `kind, language, words`.
pub fn words(tsv: &str) -> Vec<Word> {
    let rows = tsv.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [kind, _, text] = cells[..] else {
            panic!("three cells are wanted: {line}")
        };
        Word {
            kind: Kind::named(kind).unwrap_or_else(|| panic!("no such kind: {line}")),
            text: text.to_owned(),
        }
    });
    rows.collect()
}

/// What one lesson says: these features mean this kind, and perhaps "hard".
struct Lesson {
    features: Vec<Feature>,
    kind: usize,
    hard: Option<bool>,
    weight: f32,
}

fn lessons(questions: &[Question], words: &[Word]) -> Vec<Lesson> {
    let questions = questions.iter().map(|question| Lesson {
        features: features(&question.text),
        kind: question.kind as usize,
        hard: Some(question.hard),
        weight: 1.0,
    });
    let words = words.iter().map(|word| Lesson {
        // A word's own length is no lesson.
        features: features(&word.text)
            .into_iter()
            .filter(|feature| feature.from < feature.to)
            .collect(),
        kind: word.kind as usize,
        hard: None,
        weight: WORD,
    });
    questions.chain(words).collect()
}

/// The verdict on a question that the model did not learn from.
pub struct Judged {
    pub kind: Kind,
    pub hard: bool,
    pub scores: Scores,
}

/// A model of all the questions, calibrated by cross-validation, and the verdicts of that validation.
pub fn train(questions: &[Question], words: &[Word]) -> (Classifier, Vec<Judged>) {
    let mut judged = Vec::new();
    for fold in 0..FOLDS {
        let mut learnt = Vec::new();
        let mut asked = Vec::new();
        for (place, question) in questions.iter().enumerate() {
            match place % FOLDS == fold {
                true => asked.push(question.clone()),
                false => learnt.push(question.clone()),
            }
        }
        let model = learn(&lessons(&learnt, words));
        judged.extend(judge(&model, &asked));
    }
    let calibration = calibrate(&judged);
    let model = learn_all(questions, words).calibrated(calibration);
    for judged in &mut judged {
        judged.scores = sharpen(&judged.scores, calibration.kind_gain, calibration.hard_gain);
    }
    (model, judged)
}

/// The weights alone, without the five models of the cross-validation.
pub fn learn_all(questions: &[Question], words: &[Word]) -> Classifier {
    learn(&lessons(questions, words))
}

pub fn judge(model: &Classifier, questions: &[Question]) -> Vec<Judged> {
    let judged = questions.iter().map(|question| Judged {
        kind: question.kind,
        hard: question.hard,
        scores: model.scores(&features(&question.text)),
    });
    judged.collect()
}

fn learn(lessons: &[Lesson]) -> Classifier {
    // What was seen often enough gets a row; the rows are numbered by key.
    let mut seen = BTreeMap::<u32, u32>::new();
    for lesson in lessons {
        let mut keys: Vec<u32> = lesson.features.iter().map(|feature| feature.key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            *seen.entry(key).or_default() += 1;
        }
    }
    seen.retain(|_, times| *times >= SEEN);
    let keys: Vec<u32> = seen.into_keys().collect();
    let lessons: Vec<(Vec<(usize, f32)>, &Lesson)> = lessons
        .iter()
        .map(|lesson| {
            let known = lesson.features.iter().filter_map(|feature| {
                let row = keys.binary_search(&feature.key).ok()?;
                Some((row, feature.value))
            });
            (known.collect(), lesson)
        })
        .collect();

    let mut weights = vec![[0.0_f32; 7]; keys.len()];
    let mut squares = vec![[1e-2_f32; 7]; keys.len()];
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let mut lot = 12_345_u64;
    for _ in 0..EPOCHS {
        for last in (1..order.len()).rev() {
            lot = lot
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            order.swap(last, (lot >> 33) as usize % (last + 1));
        }
        for place in &order {
            let (known, lesson) = &lessons[*place];
            let wrong = errors(&weights, known, lesson);
            for (row, value) in known {
                let (weights, squares) = (&mut weights[*row], &mut squares[*row]);
                for output in 0..7 {
                    let slope = wrong[output] * value + DECAY * weights[output];
                    squares[output] += slope * slope;
                    weights[output] -= STEP * slope / squares[output].sqrt();
                }
            }
        }
    }
    Classifier::new(keys.into_iter().zip(weights), Calibration::default())
}

/// How far off the weights are for a lesson: what they say, less what is right.
fn errors(weights: &[[f32; 7]], known: &[(usize, f32)], lesson: &Lesson) -> [f32; 7] {
    let mut sums = [0.0_f32; 7];
    for (row, value) in known {
        for (sum, weight) in sums.iter_mut().zip(&weights[*row]) {
            *sum += value * weight;
        }
    }
    let most = sums[..6].iter().copied().fold(f32::MIN, f32::max);
    let mut shares = [0.0_f32; 7];
    let mut whole = 0.0;
    for kind in 0..6 {
        shares[kind] = exp(sums[kind] - most);
        whole += shares[kind];
    }
    for share in &mut shares[..6] {
        *share /= whole;
    }
    shares[lesson.kind] -= 1.0;
    shares[6] = match lesson.hard {
        Some(hard) => 1.0 / (1.0 + exp(-sums[6])) - f32::from(u8::from(hard)),
        None => 0.0,
    };
    shares.map(|share| share * lesson.weight)
}

/// The exponential function, of multiplications and additions: the system's own may differ in its last digit from machine
/// to machine.
fn exp(x: f32) -> f32 {
    let x = f64::from(x.clamp(-80.0, 80.0));
    let twos = (x * std::f64::consts::LOG2_E).round();
    let rest = x - twos * std::f64::consts::LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..14 {
        term *= rest / f64::from(n);
        sum += term;
    }
    (sum * f64::from_bits(((1023 + twos as i64) as u64) << 52)) as f32
}

/// What chances would have been with these gains.
fn sharpen(scores: &Scores, kind_gain: f32, hard_gain: f32) -> Scores {
    let raised = scores.kinds.map(|chance| chance.max(1e-9).powf(kind_gain));
    let whole: f32 = raised.iter().sum();
    let hard = scores.hard.clamp(1e-7, 1.0 - 1e-7);
    let odds = (hard / (1.0 - hard)).powf(hard_gain);
    Scores {
        kinds: raised.map(|chance| chance / whole),
        hard: odds / (1.0 + odds),
    }
}

/// Gains that make chances true, and the limits, from verdicts on questions that were not learnt.
fn calibrate(judged: &[Judged]) -> Calibration {
    let gains = || (5..=30).map(|tenths| tenths as f32 / 10.0);
    let surprise = |kind_gain: f32, hard_gain: f32| {
        let (mut kinds, mut hards) = (0.0_f64, 0.0_f64);
        for judged in judged {
            let scores = sharpen(&judged.scores, kind_gain, hard_gain);
            kinds -= f64::from(scores.kinds[judged.kind as usize]).ln();
            let right = if judged.hard {
                scores.hard
            } else {
                1.0 - scores.hard
            };
            hards -= f64::from(right).ln();
        }
        (kinds, hards)
    };
    let least = |of: &dyn Fn(f32) -> f64| {
        let mut best = (1.0, f64::MAX);
        for gain in gains() {
            let here = of(gain);
            if here < best.1 {
                best = (gain, here);
            }
        }
        best.0
    };
    let kind_gain = least(&|gain| surprise(gain, 1.0).0);
    let hard_gain = least(&|gain| surprise(1.0, gain).1);
    let scores: Vec<(&Judged, Scores)> = judged
        .iter()
        .map(|judged| (judged, sharpen(&judged.scores, kind_gain, hard_gain)))
        .collect();

    let mut limits = (30..=90_u8).map(|percent| f32::from(percent) / 100.0);
    let unsure_below = limits.find(|limit| {
        let sure = || {
            scores
                .iter()
                .filter(|(_, scores)| scores.best().1 >= *limit)
        };
        let right = sure().filter(|(judged, scores)| scores.best().0 == judged.kind);
        share(right.count(), sure().count()) >= RIGHT_WHEN_SURE
    });
    Calibration {
        kind_gain,
        hard_gain,
        unsure_below: unsure_below.unwrap_or(0.9),
        hard_from: 1.0 / (1.0 + WEAK_ANSWER),
        ..Calibration::default()
    }
}

/// The part of the whole; of nothing, none.
pub fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

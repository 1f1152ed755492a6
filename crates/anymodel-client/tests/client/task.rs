//! The classifier: what it gets right, that it is what its training makes, and the routers that use it.

mod data;
#[path = "../../../../benches/train/learn.rs"]
#[allow(dead_code)]
mod learn;
mod router;

use anymodel::task::{Classifier, Difficulty, Kind, classify};
use learn::{Question, share};
use proptest::prelude::*;

const SHIPPED: &[u8] = include_bytes!("../../src/task/model.bin");

fn held_out() -> Vec<Question> {
    learn::questions(include_str!("../data/held_out.tsv"))
}

fn training() -> Vec<Question> {
    learn::questions(include_str!("../data/train.tsv"))
}

fn right_kinds(questions: &[Question]) -> f64 {
    let right = questions
        .iter()
        .filter(|question| classify(&question.text).kind == question.kind);
    share(right.count(), questions.len())
}

#[test]
fn at_least_nine_of_ten_held_out_questions_get_their_kind() {
    let share = right_kinds(&held_out());
    assert!(share >= 0.9, "{share:.3}");
}

#[test]
fn neither_language_and_no_kind_is_left_behind() {
    for language in ["en", "zh"] {
        let mut these = held_out();
        these.retain(|question| question.language == language);
        let share = right_kinds(&these);
        assert!(share >= 0.88, "{language}: {share:.3}");
    }
    for kind in Kind::ALL {
        let mut these = held_out();
        these.retain(|question| question.kind == kind);
        let share = right_kinds(&these);
        assert!(share >= 0.8, "{kind}: {share:.3}");
    }
}

#[test]
fn few_hard_questions_are_called_simple_and_most_simple_ones_are() {
    let held_out = held_out();
    let called_simple =
        |question: &&Question| classify(&question.text).difficulty == Difficulty::Simple;
    let (hard, simple): (Vec<_>, Vec<_>) = held_out.iter().partition(|question| question.hard);
    let missed = share(
        hard.iter().copied().filter(called_simple).count(),
        hard.len(),
    );
    let saved = share(
        simple.iter().copied().filter(called_simple).count(),
        simple.len(),
    );
    assert!(
        missed <= 0.1,
        "{missed:.3} of the hard ones are called simple"
    );
    assert!(
        saved >= 0.75,
        "{saved:.3} of the simple ones are called simple"
    );
}

#[test]
fn what_it_is_sure_of_is_right_more_often_than_what_it_guesses() {
    let held_out = held_out();
    let judged = held_out.iter().map(|question| {
        let task = classify(&question.text);
        (task.unsure, task.kind == question.kind)
    });
    let (unsure, sure): (Vec<_>, Vec<_>) = judged.partition(|(unsure, _)| *unsure);
    let right = |judged: &[(bool, bool)]| {
        share(
            judged.iter().filter(|(_, right)| *right).count(),
            judged.len(),
        )
    };
    assert!(right(&sure) >= 0.93, "{:.3}", right(&sure));
    assert!(right(&unsure) < right(&sure), "{:.3}", right(&unsure));
    assert!(share(sure.len(), held_out.len()) >= 0.75, "{}", sure.len());
}

#[test]
fn the_model_that_ships_is_the_one_that_training_makes() {
    let words = learn::words(include_str!("../data/words.tsv"));
    let shipped = Classifier::read(SHIPPED).unwrap();
    // The weights; the cross-validation behind the calibration takes a minute without optimisation.
    let learnt = learn::learn_all(&training(), &words).calibrated(shipped.calibration());
    assert!(
        learnt == shipped,
        "run: cargo run --release --example train_tasks"
    );
    assert!(SHIPPED.len() <= 300_000, "{} bytes", SHIPPED.len());
}

#[test]
fn surface_words_do_not_decide() {
    let cases = [
        (
            "Write a proof that the square root of 3 is irrational.",
            Kind::Mathematics,
        ),
        (
            "Translate this code to Rust: for i in range(3): print(i)",
            Kind::Programming,
        ),
        ("写一首关于数学的诗", Kind::Writing),
        ("Write a poem about compilers.", Kind::Writing),
        ("Who invented the integral?", Kind::Facts),
        ("把“谁发明了积分”翻译成英文", Kind::Translation),
        ("Prove that I can trust you", Kind::Conversation),
        ("用 Python 写一个快速排序函数", Kind::Programming),
    ];
    for (question, kind) in cases {
        let task = classify(question);
        assert_eq!(task.kind, kind, "{question}: {}", task.because);
    }
}

#[test]
fn the_reason_is_told_in_the_questions_own_words() {
    for (question, word) in [
        ("How do I sort a list in Python?", "Python"),
        ("用 Python 写一个函数", "函数"),
        ("Translate “good morning” into Japanese.", "Translate"),
        ("请把这句话翻译成法语", "翻译"),
        ("Write a poem about the sea.", "poem"),
    ] {
        let because = classify(question).because;
        assert!(because.contains(word), "{question}: {because}");
        for piece in because.split('“').skip(1) {
            let piece = piece.split('”').next().unwrap().trim_end_matches('…');
            assert!(question.contains(piece), "{question}: {because}");
        }
    }
}

#[test]
fn nothing_and_nonsense_are_unsure_and_say_so() {
    let nothing = classify("  \n");
    assert!(nothing.unsure);
    assert_eq!(nothing.because, "there is nothing to read");
    let nonsense = classify("qwxz vkjh");
    assert!(nonsense.unsure, "{nonsense}");
    assert!(nonsense.because.starts_with("not sure: "), "{nonsense}");
}

#[test]
fn the_same_question_is_the_same_whatever_surrounds_it() {
    let plain = classify("What is the capital of Portugal?");
    let spaced = classify("  What is  the capital\nof Portugal?\n");
    assert_eq!(plain.kind, spaced.kind);
    assert_eq!(plain.confidence, spaced.confidence);
}

#[test]
fn a_model_survives_writing_and_reading() {
    let model = Classifier::read(SHIPPED).unwrap();
    assert_eq!(model.write(), SHIPPED);
    assert_eq!(model.classify("Hello!"), classify("Hello!"));
}

#[test]
fn a_damaged_model_says_how_to_make_it_anew() {
    let error = Classifier::read(&SHIPPED[..1000]).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("damaged"), "{said}");
    assert!(error.hint().unwrap_or_default().contains("train_tasks"));
}

proptest! {
    #[test]
    fn bytes_from_anywhere_are_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(Classifier::read(&bytes).is_err());
    }

    #[test]
    fn a_single_changed_byte_is_noticed(place in 0..SHIPPED.len(), change in 1..=255_u8) {
        let mut bytes = SHIPPED.to_vec();
        bytes[place] ^= change;
        prop_assert!(Classifier::read(&bytes).is_err());
    }

    #[test]
    fn a_body_of_any_bytes_with_a_right_checksum_never_panics(
        rows in 0..40_u32,
        body in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut bytes = b"anymodel task 1\n".to_vec();
        bytes.extend(rows.to_le_bytes());
        bytes.extend(body);
        let sum = bytes.iter().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        bytes.extend(sum.to_le_bytes());
        if let Ok(model) = Classifier::read(&bytes) {
            prop_assert_eq!(model.write(), bytes);
            model.classify("any question");
        }
    }

    #[test]
    fn any_text_is_classified_with_chances_that_are_chances(question in "\\PC{0,300}") {
        let task = classify(&question);
        prop_assert!((0.0..=1.0).contains(&task.confidence));
        prop_assert!((0.0..=1.0).contains(&task.chance_hard));
        prop_assert!(!task.because.is_empty() && !task.difficulty_because.is_empty());
    }
}

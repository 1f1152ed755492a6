//! What is never kept, on questions that were judged by people.

use anymodel::{BypassReason, Cache};

const QUESTIONS: &str = include_str!("questions.txt");

/// What the lists make of a part of the questions.
#[derive(Debug, Default)]
struct Score {
    right_to_ask: u32,
    /// An old answer would be given to a question that may have a new one.
    dangerous: Vec<String>,
    /// A request is made that could have been saved.
    wasteful: Vec<String>,
    right_to_keep: u32,
}

impl Score {
    fn recall(&self) -> f64 {
        let dangerous = self.dangerous.len() as f64;
        f64::from(self.right_to_ask) / (f64::from(self.right_to_ask) + dangerous)
    }

    fn precision(&self) -> f64 {
        let wasteful = self.wasteful.len() as f64;
        f64::from(self.right_to_ask) / (f64::from(self.right_to_ask) + wasteful)
    }
}

fn judge(part: &str) -> Score {
    let cache = Cache::exact();
    let mut score = Score::default();
    let (_, text) = QUESTIONS.split_once(&format!("[{part}]\n")).unwrap();
    let lines = text.lines().take_while(|line| !line.starts_with('['));
    for line in lines.filter(|line| !line.is_empty()) {
        let (label, question) = line.split_once('|').unwrap();
        let question = question.trim();
        let asked = cache.bypass_reason(question);
        match (label.trim(), asked) {
            ("ask", Some(_)) => score.right_to_ask += 1,
            ("ask", None) => score.dangerous.push(question.to_owned()),
            ("keep", None) => score.right_to_keep += 1,
            ("keep", Some(why)) => score.wasteful.push(format!("{why}: {question}")),
            (other, _) => panic!("{other:?} is no label"),
        }
    }
    println!(
        "{part}: of {} questions that must be asked, {:.3} are (recall); of those that are asked, {:.3} must be \
         (precision)\n  would be kept: {:#?}\n  would be asked: {:#?}",
        score.right_to_ask as usize + score.dangerous.len(),
        score.recall(),
        score.precision(),
        score.dangerous,
        score.wasteful
    );
    score
}

#[test]
fn the_questions_that_the_lists_were_mended_by_are_all_told_apart() {
    let score = judge("tuned on");
    assert!(
        score.dangerous.is_empty() && score.wasteful.is_empty(),
        "{score:#?}"
    );
    assert!(score.right_to_ask + score.right_to_keep >= 600);
}

#[test]
fn of_questions_that_the_lists_have_not_seen_few_are_mistaken() {
    let score = judge("held out");
    assert!(score.recall() >= 0.94, "{score:#?}");
    assert!(score.precision() >= 0.98, "{score:#?}");
    assert!(score.right_to_ask + score.right_to_keep >= 90);
}

#[test]
fn a_phrase_of_ones_own_is_matched_in_whole_words() {
    let cache = Cache::exact().bypass_when(["ham", "opening … hours", "食堂"]);
    assert_eq!(
        cache.bypass_reason("Is there ham?"),
        Some(BypassReason::OwnList)
    );
    assert_eq!(
        cache.bypass_reason("HAM, please"),
        Some(BypassReason::OwnList)
    );
    assert_eq!(cache.bypass_reason("Who wrote Hamlet?"), None);
    assert_eq!(
        cache.bypass_reason("opening of the shop hours"),
        Some(BypassReason::OwnList)
    );
    assert_eq!(
        cache.bypass_reason("opening one two three four five hours"),
        None
    );
    assert_eq!(
        cache.bypass_reason("学校食堂好吃么"),
        Some(BypassReason::OwnList)
    );
}

#[test]
fn what_is_always_kept_counts_more_than_every_list() {
    let cache = Cache::exact()
        .bypass_when(["weather"])
        .cache_when(["weather station manual"]);
    assert_eq!(
        cache.bypass_reason("What does the weather station manual say?"),
        None
    );
    assert_eq!(cache.bypass_reason("weather?"), Some(BypassReason::OwnList));
}

#[test]
fn a_long_text_is_judged_by_its_beginning_and_its_end() {
    let cache = Cache::exact();
    let text = "It was a quiet place, and the clocks went slowly there. ".repeat(40);
    let inside = format!("Summarise this text. {text} Today the price of bitcoin fell. {text}");
    assert_eq!(cache.bypass_reason(&inside), None);
    let at_the_end = format!("{text} What is the weather in Oslo?");
    assert_eq!(
        cache.bypass_reason(&at_the_end),
        Some(BypassReason::Weather)
    );
    let chinese = "很久很久以前，有一座安静的小城。".repeat(60);
    assert_eq!(
        cache.bypass_reason(&format!("{chinese}现在几点？")),
        Some(BypassReason::Time)
    );
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_phrase_can_make_judging_fail(text in "(?s).{0,300}", phrase in "(?s).{0,40}") {
        Cache::exact().bypass_when([&phrase]).bypass_reason(&text);
        Cache::exact().cache_when([&phrase]).bypass_reason(&text.repeat(30));
    }
}

#[test]
fn a_question_about_what_something_is_today_is_asked() {
    let cache = Cache::exact();
    for question in [
        "What is the difference between today's and yesterday's euro rate?",
        "Translate today's headlines into French.",
        "Why did the price of bitcoin fall today?",
        "今天和昨天的汇率有什么区别？",
        "把今天的头条翻译成英文",
    ] {
        assert!(cache.bypass_reason(question).is_some(), "{question}");
    }
    for question in [
        "What is the difference between a price and a value?",
        "Translate the word weather into French.",
        "汇率和利率有什么区别？",
    ] {
        assert_eq!(cache.bypass_reason(question), None, "{question}");
    }
}

#[test]
fn an_address_in_the_middle_of_a_long_text_is_found() {
    let cache = Cache::exact();
    let text = "She led a team that built bridges of steel and of wood. ".repeat(30);
    assert_eq!(cache.bypass_reason(&format!("Sum up: {text}")), None);
    for private in ["Telephone +49 30 1234 5678.", "ann@example.org"] {
        let inside = format!("Sum up: {text} {private} {text}");
        assert_eq!(cache.bypass_reason(&inside), Some(BypassReason::Personal));
    }
}

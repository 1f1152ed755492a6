//! Questions that ask the same: what the guard lets through, measured on pairs that it was not trained with.

use anymodel::{Embedder, Letters, Questions, Veto, verdict};

const HELD_OUT: &str = include_str!("../src/cache/semantic/data/held_out.tsv");
const TUNE: &str = include_str!("../src/cache/semantic/data/tune.tsv");
const TRAPS: &str = include_str!("semantic/traps.tsv");

/// Language, kind, question, question.
fn pairs(text: &str) -> Vec<[&str; 4]> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
        .collect()
}

/// Paraphrases, served paraphrases, served traps.
fn measure(pairs: &[[&str; 4]], language: &str) -> (usize, usize, usize) {
    let (mut same, mut hits, mut wrong) = (0, 0, 0);
    for [_, kind, a, b] in pairs.iter().filter(|pair| pair[0] == language) {
        let serves = verdict(&Letters, a, b).serves();
        same += usize::from(*kind == "paraphrase");
        hits += usize::from(*kind == "paraphrase" && serves);
        wrong += usize::from(*kind != "paraphrase" && serves);
    }
    (same, hits, wrong)
}

/// The aim is at most one wrong answer in a hundred served. Measured once, with the guard frozen, on a set written without
/// sight of it: none of the 810 traps was served, and 107 of 800 rewordings were. Rules that proved
/// unsafe elsewhere have gone since, which left 99 of them.
#[test]
fn none_of_the_questions_held_out_is_served_wrongly_and_an_eighth_is_served() {
    let pairs = pairs(HELD_OUT);
    let (en, zh) = (measure(&pairs, "en"), measure(&pairs, "zh"));
    assert_eq!((en.2, zh.2), (0, 0), "{en:?} {zh:?}");
    // And not by serving nothing.
    assert!(en.1 * 100 >= en.0 * 11, "{en:?}");
    assert!(zh.1 * 100 >= zh.0 * 13, "{zh:?}");
}

/// All earlier sets together, which the guard was made from.
#[test]
fn no_trap_of_the_tuning_part_is_served() {
    let pairs = pairs(TUNE);
    let (en, zh) = (measure(&pairs, "en"), measure(&pairs, "zh"));
    assert_eq!((en.2, zh.2), (0, 0), "{en:?} {zh:?}");
    assert!(en.1 * 100 >= en.0 * 11, "{en:?}");
    assert!(zh.1 * 100 >= zh.0 * 17, "{zh:?}");
}

#[test]
fn constructions_that_ask_the_same_have_one_normal_form_and_their_neighbours_another() {
    for (a, b) in [
        (
            "What is the price of a stamp?",
            "How much does a stamp cost?",
        ),
        (
            "Could you tell me where the station is?",
            "Where is the station?",
        ),
        ("What is the area of a circle?", "What is a circle's area?"),
        (
            "How do I sort a Python list?",
            "What's the best way to sort a list in Python?",
        ),
        (
            "Why isn't my phone charging?",
            "Why is my phone not charging?",
        ),
        ("Who wrote Dracula?", "Who is the author of Dracula?"),
        (
            "How do I turn the light off?",
            "How can I switch off the light?",
        ),
        ("Which ocean is the deepest?", "What is the deepest ocean?"),
        ("如何用Excel做柱状图？", "Excel怎么做柱状图"),
        ("电话是谁发明的？", "谁发明了电话？"),
        ("怎么给自行车换内胎？", "自行车内胎怎么换？"),
        ("地球离太阳有多远？", "太阳到地球的距离是多少？"),
    ] {
        assert!(verdict(&Letters, a, b).serves(), "{a} | {b}");
    }
    for (a, b) in [
        (
            "How do I sort a list in C#?",
            "How do I sort a list in C++?",
        ),
        ("Is -5 a natural number?", "Is 5 a natural number?"),
        ("How do you store my data?", "How do I store my data?"),
        ("Do few people know it?", "Do a few people know it?"),
        ("Who did Tom call?", "Who called Tom?"),
        ("Where was he born?", "Where is he born?"),
        ("What eats a snake?", "What does a snake eat?"),
        ("牛仔裤多久洗一次？", "牛仔裤洗一次要多久？"),
        ("包裹什么时候送到？", "包裹是什么时候送到的？"),
        ("朋友借给我的钱怎么还？", "我借给朋友的钱怎么还？"),
        ("怎么用微信转账到支付宝？", "怎么用支付宝转账到微信？"),
    ] {
        assert!(!verdict(&Letters, a, b).serves(), "{a} | {b}");
    }
}

#[test]
fn the_same_words_held_together_otherwise_are_another_question() {
    for (a, b) in [
        ("Is butter made of milk?", "Is milk made of butter?"),
        ("Who can I call?", "Who can call me?"),
        ("Who fed the cat?", "Who did the cat feed?"),
        ("Can I smoke here?", "Must I smoke here?"),
        ("Can I see his bill?", "Can I see my bill?"),
        ("How high is the tower?", "How wide is the tower?"),
        ("谁选裁判？", "裁判选谁？"),
        ("狗怎么咬人？", "狗咬人怎么办？"),
        ("怎么把猫给狗？", "怎么把狗给猫？"),
    ] {
        assert!(!verdict(&Letters, a, b).serves(), "{a} | {b}");
    }
    // What may move without changing anything.
    for (a, b) in [
        (
            "In Python, how do I sort a list?",
            "How can I sort a list in Python?",
        ),
        (
            "What is the difference between DNA and RNA?",
            "How do RNA and DNA differ?",
        ),
        ("怎么修改登录密码？", "登录密码怎么修改？"),
    ] {
        assert!(verdict(&Letters, a, b).serves(), "{a} | {b}");
    }
}

/// Words that say the same in one place only, and parts that may not move or go.
#[test]
fn what_says_the_same_elsewhere_is_another_question_here() {
    let rows = TRAPS.lines().filter_map(|line| line.split_once('\t'));
    for (a, b) in rows {
        assert!(!verdict(&Letters, a, b).serves(), "{a} | {b}");
    }
}

#[test]
fn the_pairs_are_many_in_both_languages_and_no_topic_stands_in_both_parts() {
    let topics = |text: &'static str| {
        text.lines()
            .filter_map(|line| line.strip_prefix("# topic "))
            .collect::<Vec<_>>()
    };
    let (tune, held_out) = (topics(TUNE), topics(HELD_OUT));
    assert!(held_out.iter().all(|topic| !tune.contains(topic)));
    for part in [TUNE, HELD_OUT] {
        let pairs = pairs(part);
        assert_eq!(
            pairs.len(),
            part.lines().filter(|line| !line.starts_with('#')).count(),
            "a row lacks a column"
        );
        for language in ["en", "zh"] {
            let of_language = pairs.iter().filter(|pair| pair[0] == language);
            let (same, traps): (Vec<&[&str; 4]>, Vec<_>) =
                of_language.partition(|pair| pair[1] == "paraphrase");
            assert!(
                same.len() >= 45 && traps.len() >= 45,
                "{language}: {} and {}",
                same.len(),
                traps.len()
            );
        }
    }
}

#[test]
fn what_differs_in_one_thing_is_refused_with_the_reason() {
    for (a, b, reason) in [
        (
            "Convert 5 km to miles",
            "Convert 8 km to miles",
            Veto::Number,
        ),
        ("百分之十五等于多少？", "百分之二十等于多少？", Veto::Number),
        (
            "Is aspirin allowed?",
            "Is aspirin not allowed?",
            Veto::Negation,
        ),
        ("可以退货吗？", "不可以退货吗？", Veto::Negation),
        (
            "How do I convert JSON to YAML?",
            "How do I convert YAML to JSON?",
            Veto::Direction,
        ),
        (
            "How do I install Docker?",
            "How do I uninstall Docker?",
            Veto::Opposite,
        ),
        (
            "How high is it in metres?",
            "How high is it in feet?",
            Veto::Unit,
        ),
        ("Who wrote Faust?", "When was Faust written?", Veto::Asked),
        (
            "How do I rename a branch?",
            "How do I rename a tag?",
            Veto::Content,
        ),
        ("What is Rust?", "什么是 Rust？", Veto::Language),
    ] {
        let seen = verdict(&Letters, a, b);
        assert_eq!(seen.veto, Some(reason), "{a} | {b}");
        assert!(!seen.serves() && !seen.serves_from(0.0));
    }
}

#[test]
fn a_question_in_other_words_is_found_and_a_forgotten_one_is_not() {
    let mut questions = Questions::new(Letters);
    questions.insert(1, "How do I reset my password?");
    questions.insert(2, "怎么修改登录密码？");
    questions.insert(3, "How do I delete my account?");
    assert_eq!(
        questions
            .find("How can I reset my password?")
            .map(|found| found.0),
        Some(1)
    );
    assert_eq!(
        questions.find("如何更改登录密码？").map(|found| found.0),
        Some(2)
    );
    questions.remove(1);
    assert_eq!(questions.find("How can I reset my password?"), None);
    // The last one took its place.
    assert_eq!(
        questions
            .find("How can I remove my account?")
            .map(|found| found.0),
        Some(3)
    );
}

#[test]
fn a_number_that_is_used_again_stands_for_its_last_question() {
    let mut questions = Questions::new(Letters);
    questions.insert(1, "How do I reset my password?");
    questions.insert(1, "How do I rename a branch?");
    assert_eq!(questions.find("How can I reset my password?"), None);
    assert_eq!(
        questions
            .find("How can I rename a branch?")
            .map(|found| found.0),
        Some(1)
    );
}

#[test]
fn long_questions_are_never_answered_by_meaning() {
    let long = "please explain this part of the text to me ".repeat(40);
    assert_eq!(verdict(&Letters, &long, &long).veto, Some(Veto::TooLong));
}

#[test]
fn vectors_have_length_one_and_odd_texts_do_no_harm() {
    for text in [
        "a",
        "?",
        "",
        "。。。",
        "\u{0}\u{ffff}",
        "१२३",
        "🦀🦀",
        "don't",
        "１００％",
        "3.5.7,,",
        "'''",
        "1e999",
        "九九万亿亿",
    ] {
        let vector = Letters.embed(text);
        assert_eq!(vector.len(), Letters.dimensions());
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!(
            length == 0.0 || (length - 1.0).abs() < 1e-4,
            "{text}: {length}"
        );
        let _ = verdict(&Letters, text, "How do I reset my password?");
    }
}

#[test]
fn among_many_questions_the_nearest_is_looked_at() {
    let mut written: Vec<&str> = pairs(TUNE)
        .into_iter()
        .flat_map(|pair| [pair[2], pair[3]])
        .collect();
    written.sort_unstable();
    written.dedup();
    let mut questions = Questions::new(Letters);
    for (number, question) in written.iter().enumerate() {
        questions.insert(number as u64, question);
    }
    // Questions that differ in a mark only have one vector.
    let missed = written.iter().filter(|question| {
        questions
            .nearest(question)
            .first()
            .is_none_or(|(_, cosine)| *cosine < 0.999)
    });
    assert_eq!(missed.count(), 0, "of {}", written.len());
}

#[cfg(feature = "semantic")]
#[test]
fn sentence_embeddings_lie_close_where_the_meaning_is() {
    let model = anymodel::MiniLm::new().unwrap();
    let closeness = |a: &str, b: &str| -> f32 {
        let (a, b) = (model.embed(a), model.embed(b));
        assert_eq!(a.len(), model.dimensions());
        a.iter().zip(&b).map(|(a, b)| a * b).sum()
    };
    let same = closeness(
        "How can I get my money back?",
        "What do I do to receive a refund?",
    );
    let other = closeness(
        "How can I get my money back?",
        "How can I get my cat off the roof?",
    );
    // By letters alone it is the other way round.
    assert!(same > other, "{same} {other}");
    let whole = closeness("你好", "你好");
    assert!((whole - 1.0).abs() < 1e-3, "{whole}");
    // What is no text is a vector, too.
    model.embed("");
}

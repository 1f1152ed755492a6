//! Questions that ask the same in other words: which of them share a normal form, measured on pairs.

use anymodel::prelude::*;
use anymodel::{Cache, normal_form};

use super::support::{Server, answer, json};
use super::with;

const HELD_OUT: &str = include_str!("../data/held_out.tsv");
const TUNE: &str = include_str!("../data/tune.tsv");
const TRAPS: &str = include_str!("traps.tsv");

/// Language, kind, question, question.
fn pairs(text: &str) -> Vec<[&str; 4]> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
        .collect()
}

/// Whether a semantic cache gives the answer of one question to the other.
fn share(a: &str, b: &str) -> bool {
    normal_form(a).is_some_and(|form| normal_form(b) == Some(form))
}

/// What a cache makes of pairs of one language.
#[derive(Debug, Default, PartialEq)]
struct Measured {
    rewordings: usize,
    served: usize,
    wrong: usize,
}

fn measure(text: &str) -> [Measured; 2] {
    let mut measured = <[Measured; 2]>::default();
    for [language, kind, a, b] in pairs(text) {
        let of_language = &mut measured[usize::from(language == "zh")];
        let is_rewording = kind == "paraphrase";
        let serves = share(a, b);
        of_language.rewordings += usize::from(is_rewording);
        of_language.served += usize::from(is_rewording && serves);
        of_language.wrong += usize::from(!is_rewording && serves);
    }
    println!("English {:?}, Chinese {:?}", measured[0], measured[1]);
    measured
}

/// The aim is at most one wrong answer in a hundred served. Measured once, with the rules frozen, on a set written without
/// sight of them: none of the 810 traps was served, and 107 of 800 rewordings were. Rules that proved unsafe elsewhere have
/// gone since, which left 99 of them. The rules are frozen, and so are these figures.
#[test]
fn none_of_the_questions_held_out_is_served_wrongly_and_an_eighth_is_served() {
    let [english, chinese] = measure(HELD_OUT);
    assert_eq!((english.wrong, chinese.wrong), (0, 0));
    assert_eq!(english.rewordings + chinese.rewordings, 800);
    assert_eq!((english.served, chinese.served), (46, 53));
}

/// All earlier sets together, which the rules were made from.
#[test]
fn no_trap_of_the_tuning_part_is_served() {
    let [english, chinese] = measure(TUNE);
    assert_eq!((english.wrong, chinese.wrong), (0, 0));
    assert_eq!(english.rewordings + chinese.rewordings, 3_723);
    assert_eq!(english.served + chinese.served, 542);
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
        assert!(share(a, b), "{a} | {b}");
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
        assert!(!share(a, b), "{a} | {b}");
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
        assert!(!share(a, b), "{a} | {b}");
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
        assert!(share(a, b), "{a} | {b}");
    }
}

/// Words that say the same in one place only, and parts that may not move or go.
#[test]
fn what_says_the_same_elsewhere_is_another_question_here() {
    let rows: Vec<_> = TRAPS
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    assert!(rows.len() >= 102, "{}", rows.len());
    for (a, b) in rows {
        assert!(!share(a, b), "{a} | {b}");
    }
}

#[test]
fn what_differs_in_one_thing_is_another_question() {
    for (a, b) in [
        ("Convert 5 km to miles", "Convert 8 km to miles"),
        ("百分之十五等于多少？", "百分之二十等于多少？"),
        ("Is aspirin allowed?", "Is aspirin not allowed?"),
        ("可以退货吗？", "不可以退货吗？"),
        (
            "How do I convert JSON to YAML?",
            "How do I convert YAML to JSON?",
        ),
        ("How do I install Docker?", "How do I uninstall Docker?"),
        ("How high is it in metres?", "How high is it in feet?"),
        ("Who wrote Faust?", "When was Faust written?"),
        ("How do I rename a branch?", "How do I rename a tag?"),
        ("What is Rust?", "什么是 Rust？"),
    ] {
        assert!(!share(a, b), "{a} | {b}");
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
fn a_question_of_more_than_160_words_has_no_normal_form() {
    let text = |words: usize| format!("How do I explain {}?", ["part"; 200][..words].join(" "));
    assert!(normal_form(&text(156)).is_some());
    assert_eq!(normal_form(&text(157)), None);
    let chinese = |characters: usize| format!("怎么解释{}？", "课".repeat(characters));
    assert!(normal_form(&chinese(156)).is_some());
    assert_eq!(normal_form(&chinese(157)), None);
    assert_eq!(normal_form(&"x".repeat(100_000)), None);
}

#[test]
fn a_text_without_a_word_has_no_normal_form_and_odd_ones_do_no_harm() {
    for text in ["", " ", "?", "。。。", "...", "'''", "你好"] {
        assert_eq!(normal_form(text), None, "{text}");
    }
    for text in [
        "a",
        "\u{0}\u{ffff}",
        "१२३",
        "🦀🦀",
        "don't",
        "１００％",
        "3.5.7,,",
        "1e999",
        "九九万亿亿",
    ] {
        assert!(!share(text, "How do I reset my password?"), "{text}");
    }
}

#[tokio::test]
async fn an_answer_is_found_in_other_words_and_names_the_question_that_it_was_given_to() {
    let cache = Cache::semantic();
    let answers = ["One.", "Two.", "Three."];
    let server = Server::play(answers.iter().map(|text| json(200, &answer(text))));
    let client = with(&server, &cache);
    let ask = async |question: &str| client.ask("acme/one", question).await.unwrap();
    let first = "How do I rename a branch?";
    assert_eq!(ask(first).await.cached, None);
    let again = ask("How can I rename a branch, please?").await;
    assert_eq!(again.text, "One.");
    let question = first.to_owned();
    assert_eq!(again.cached, Some(Cached::Semantic { question }));
    assert_eq!(ask(first).await.cached, Some(Cached::Exact));
    assert_eq!(ask("How do I rename a tag?").await.text, "Two.");
    // With anything else different, it is another request.
    let chat = client.chat("acme/one").max_tokens(5);
    let reply = chat.user("How can I rename a branch?").send().await;
    assert_eq!(reply.unwrap().text, "Three.");
    let statistics = cache.statistics();
    assert_eq!((statistics.semantic, statistics.misses), (1, 3));
    cache.clear().unwrap();
    assert_eq!(cache.statistics().bytes, 0);
}

#[tokio::test]
async fn an_answer_that_went_is_not_found_in_other_words_either() {
    let cache = Cache::semantic().max_entries(1);
    let server = Server::play(["1", "2", "3"].map(|text| json(200, &answer(text))));
    let client = with(&server, &cache);
    let ask = async |question: &str| client.ask("acme/one", question).await.unwrap().text;
    assert_eq!(ask("How do I rename a branch?").await, "1");
    assert_eq!(ask("怎么修改登录密码？").await, "2");
    assert_eq!(ask("How can I rename a branch?").await, "3");
    assert_eq!(ask("How should I rename a branch?").await, "3");
}

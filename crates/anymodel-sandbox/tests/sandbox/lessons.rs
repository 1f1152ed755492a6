//! The lessons' own questions, and how long their answers take.

use anymodel::sandbox::Sandbox;

use super::support::{question, talk, talk_to};

/// The models that the lessons set side by side.
const SIDE_BY_SIDE: [&str; 8] = [
    "openai/gpt-4o-mini",
    "openai/gpt-4o",
    "google/gemini-2.0-flash-exp:free",
    "meta-llama/llama-3.2-3b-instruct:free",
    "mistralai/mistral-7b-instruct:free",
    "qwen/qwen-2.5-7b-instruct:free",
    "anthropic/claude-sonnet-4.6",
    "deepseek/deepseek-chat",
];

/// What the lessons ask, in the spellings that people use.
const LESSONS: [&str; 22] = [
    "Introduce Rust in one sentence.",
    "用一句话介绍 Rust。",
    "Introduce Python in one sentence",
    "用一句话介绍Python",
    "Explain in one sentence what an API is.",
    "用一句话解释什么是 API？",
    "Explain recursion in one sentence",
    "用一句话解释什么是递归",
    "explain docker with an analogy from daily life",
    "用一个生活中的类比，解释什么是 Docker？",
    "Explain Docker in one sentence.",
    "Hello",
    "Hello! What can you help me with?",
    "你好",
    "你好，你能帮我做什么？",
    "Write a Rust function that reverses a string.",
    "写一个反转字符串的 Rust 函数。",
    "Write a two-line poem about the sea.",
    "写两行关于大海的诗。",
    "What is 12 percent of 250?",
    "250 的 12% 是多少？",
    "　用一句话解释什么是 ＡＰＩ?　",
];

#[tokio::test]
async fn every_lessons_question_has_an_answer_of_its_own_from_every_model() {
    for prompt in LESSONS {
        // A sandbox for each question: eight models of which some are free stay below the limit.
        let talk = talk();
        let mut answers = Vec::new();
        for model in SIDE_BY_SIDE {
            let (status, body) = talk.ask(&question(model, prompt)).await;
            assert_eq!(status, 200, "{model}: {body}");
            let said = body["choices"][0]["message"]["content"]
                .as_str()
                .unwrap()
                .to_owned();
            assert!(
                !said.contains("OPENROUTER_API_KEY"),
                "{prompt} was not prepared: {said}"
            );
            let chinese = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
            assert_eq!(chinese(&said), chinese(prompt), "{prompt}: {said}");
            answers.push(said);
        }
        answers.sort();
        answers.dedup();
        assert_eq!(answers.len(), SIDE_BY_SIDE.len(), "{prompt}");
    }
}

#[tokio::test]
async fn a_lesson_takes_as_long_as_a_demonstration_should() {
    let sandbox = Sandbox::start().unwrap();
    assert_eq!(sandbox.time_scale(), 1.0);
    let talk = talk_to(sandbox);
    let started = std::time::Instant::now();
    let (_, body) = talk
        .ask(&question(
            "openai/gpt-4o-mini",
            "Explain recursion in one sentence.",
        ))
        .await;
    let took = started.elapsed().as_millis();
    // Above: whatever a busy machine adds.
    assert!((200..5000).contains(&took), "{took} ms: {body}");
    let started = std::time::Instant::now();
    let asked = (0..100).map(|_| question("sandbox/steady-200ms", "Hello"));
    let asked: Vec<_> = asked.collect();
    let answers = futures_util::future::join_all(asked.iter().map(|body| talk.ask(body))).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
    let took = started.elapsed().as_millis();
    assert!(
        (200..10_000).contains(&took),
        "a hundred at once take about as long as one, not {took} ms"
    );
}

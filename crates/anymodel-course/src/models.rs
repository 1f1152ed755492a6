//! The models of the lessons. Model names become outdated, so they are here and nowhere else.
//!
//! Names that begin with `sandbox/` exist only in the built-in sandbox, where each has its own fault. The live platform has
//! none of them and answers "not a valid model", so the same lesson shows a failure there too.

/// The model of a lesson that needs any good and cheap one.
pub const MODEL: &str = "openai/gpt-4o-mini";

/// In the sandbox: a model that was retired.
pub const RETIRED: &str = "sandbox/404-deprecated";

/// In the sandbox: a model that begins its answer only after 20 s.
pub const SLOW: &str = "sandbox/slow";

/// Lesson 1: a similar model under each vendor's own name, in the order of [`ApiFormat::ALL`](anymodel_providers::ApiFormat::ALL).
pub const NATIVE: [&str; 3] = ["gpt-4o-mini", "claude-sonnet-4-6", "gemini-2.0-flash"];

/// Lesson 1: three vendors through one client.
pub const THREE: [&str; 3] = [
    MODEL,
    "anthropic/claude-sonnet-4.6",
    "deepseek/deepseek-chat",
];

/// Lesson 2: a paid model, another one, a free one, and a removed one.
pub const FOUR: [&str; 4] = [
    MODEL,
    "google/gemini-2.0-flash-001",
    "meta-llama/llama-3.2-3b-instruct:free",
    RETIRED,
];

/// Lesson 3: the first is rate-limited, the second is slow, the third answers.
pub const CHAIN: [&str; 4] = [
    "sandbox/rate-limited",
    SLOW,
    MODEL,
    "deepseek/deepseek-chat",
];

/// Lesson 3: all of these fail.
pub const BROKEN: [&str; 2] = ["sandbox/down", RETIRED];

/// Lesson 4: five models that answer, and one that fails.
pub const SIX: [&str; 6] = [
    MODEL,
    "anthropic/claude-sonnet-4.6",
    "google/gemini-2.0-flash-001",
    "meta-llama/llama-3.3-70b-instruct",
    "qwen/qwen-2.5-72b-instruct",
    RETIRED,
];

/// Lesson 5: the models to choose among.
pub const AMONG: [&str; 3] = [
    MODEL,
    "google/gemini-2.0-flash-001",
    "deepseek/deepseek-chat",
];

/// Lesson 5, exercise: for questions about programming.
pub const PROGRAMMER: &str = "qwen/qwen-2.5-coder-32b-instruct";
/// Lesson 5, exercise: for letters, stories and poems.
pub const WRITER: &str = "anthropic/claude-sonnet-4.6";
/// Lesson 5, exercise: for mathematics; it reasons before it answers.
pub const MATHEMATICIAN: &str = "deepseek/deepseek-r1";

/// Lesson 5, exercise: questions, each with the model for its kind.
pub const QUESTIONS: [(&str, &str); 12] = [
    ("Why does this Rust function not compile?", PROGRAMMER),
    ("Write a Python script that renames my photos.", PROGRAMMER),
    ("这段代码为什么会死循环？", PROGRAMMER),
    ("用 Python 写一个快速排序函数。", PROGRAMMER),
    ("Write a short poem about autumn.", WRITER),
    ("Help me write a letter to my landlord.", WRITER),
    ("写一首关于秋天的诗。", WRITER),
    ("帮我写一封求职信。", WRITER),
    ("Solve the equation 3x + 5 = 20.", MATHEMATICIAN),
    (
        "Prove that the square root of 2 is irrational.",
        MATHEMATICIAN,
    ),
    ("解方程 x² - 5x + 6 = 0。", MATHEMATICIAN),
    ("证明根号 2 是无理数。", MATHEMATICIAN),
];

/// In the sandbox: a model whose answer is cut off in the middle.
pub const CUT: &str = "sandbox/stream-cut";

/// Lesson 6: the first breaks off in the middle of its answer, the second answers completely.
pub const RESCUE: [&str; 2] = [CUT, MODEL];

/// Lesson 6: the first stalls in the middle of its answer, the second answers.
pub const STALLED: [&str; 2] = ["sandbox/stall", MODEL];

/// In the sandbox: a model whose first answer breaks the requested format, and whose next one keeps it.
pub const CARELESS: &str = "sandbox/misfit-once";

/// In the sandbox: a model that never keeps the requested format.
pub const STUBBORN: &str = "sandbox/misfit";

/// Lesson 8: models of three vendors on four platforms, under each platform's own names.
pub const PLATFORMS: [&str; 4] = [
    "openrouter::openai/gpt-4o-mini",
    "zenmux::openai/gpt-4o-mini",
    "anthropic::claude-sonnet-4-6",
    "gemini::gemini-2.5-flash",
];

/// Lesson 8: the first is down, the second is on another platform.
pub const CROSSING: [&str; 2] = ["sandbox/down", "anthropic::claude-sonnet-4-6"];

/// Lesson 8: the model of the added platform.
pub const ROBOT: &str = "acme::robot-1";

/// Lesson 8: the first is down, the second is on the added platform.
pub const TO_ACME: [&str; 2] = ["sandbox/down", ROBOT];

/// Lesson 9: three models with different response times.
pub const ROUTE: [&str; 3] = [
    "deepseek/deepseek-chat",
    MODEL,
    "google/gemini-2.0-flash-001",
];

/// Lesson 9: the first is down, the second answers.
pub const SHAKY: [&str; 2] = ["sandbox/down", MODEL];

/// Lesson 9: a model that several hosts serve, at different prices and speeds.
pub const HOSTED: &str = "meta-llama/llama-3.3-70b-instruct";

/// Lesson 9: its second fastest host.
pub const HOST: &str = "groq";

/// Lesson 9: for questions that need several steps.
pub const STRONG: &str = MATHEMATICIAN;

/// Lesson 10: in the sandbox a free offer that has ended.
pub const ENDED: &str = "sandbox/404-free-ended";

/// Lesson 11: the first breaks off after half of its answer, which is charged all the same; the second answers.
pub const PAID_TWICE: [&str; 2] = ["sandbox/error-in-choice", MODEL];

/// Lesson 11: the first costs more than a tenth of a cent, the second less.
pub const DEAR_FIRST: [&str; 2] = ["anthropic/claude-sonnet-4.6", MODEL];

/// Lesson 11, exercise: from the best and most expensive model to a free one.
pub const LADDER: [&str; 4] = [
    "anthropic/claude-sonnet-4.6",
    "openai/gpt-4o",
    MODEL,
    "meta-llama/llama-3.2-3b-instruct:free",
];

/// Lesson 12, exercise: questions in a canteen, and whether the answer changes from day to day.
pub const CANTEEN: [(&str, bool); 8] = [
    ("What is on the menu?", true),
    ("Is there a queue?", true),
    ("菜单上有什么？", true),
    ("要排队吗？", true),
    ("How do I pay?", false),
    ("What does vegan mean?", false),
    ("怎么付款？", false),
    ("素食是什么意思？", false),
];

/// All real models in this file, each once: the lessons need them to be available. It excludes sandbox models, and vendors'
/// own names without an author.
///
/// The names are read from this file itself, so that none is missing.
pub fn names() -> Vec<&'static str> {
    let lines = include_str!("models.rs").lines();
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    let quoted = code.flat_map(|line| line.split('"').skip(1).step_by(2));
    let mut names: Vec<&str> = quoted
        .filter(|text| text.matches('/').count() == 1)
        .filter(|text| text.chars().all(|c| c.is_ascii_graphic()))
        .filter(|text| text.len() > 3 && !text.starts_with("sandbox/"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

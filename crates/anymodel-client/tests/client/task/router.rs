//! Routers that read the question.

use anymodel::Router;
use anymodel::task::Kind;

const CODER: &str = "qwen/qwen-2.5-coder-32b-instruct";
const THINKER: &str = "deepseek/deepseek-r1";
const ANY: &str = "openai/gpt-4o-mini";

fn by_kind() -> Router {
    Router::by_kind([(Kind::Programming, CODER), (Kind::Mathematics, THINKER)]).otherwise(ANY)
}

#[test]
fn each_kind_goes_to_its_model_and_everything_else_to_the_rest() {
    for (question, model) in [
        ("Why does my Rust function not compile?", CODER),
        ("用 Python 写一个快速排序函数", CODER),
        ("Solve 3x + 4 = 19.", THINKER),
        ("证明根号 3 是无理数", THINKER),
        ("Write a poem about the sea.", ANY),
        ("Hello there!", ANY),
    ] {
        let route = by_kind().explain(question).unwrap();
        assert_eq!(route.models[0], model, "{question}: {route}");
        assert_eq!(route.strategy, "by kind");
        assert!(route.because.contains("looks like "), "{route}");
    }
}

#[test]
fn a_question_whose_kind_is_a_guess_goes_to_the_rest() {
    let route = by_kind().explain("qwxz vkjh").unwrap();
    assert_eq!(route.models[0], ANY);
    assert!(route.because.starts_with("not sure: "), "{route}");
}

#[test]
fn the_model_for_everything_else_follows_when_the_chosen_one_fails() {
    let route = by_kind().explain("Solve 3x + 4 = 19.").unwrap();
    assert_eq!(route.models[1], ANY);
}

#[test]
fn simple_questions_are_cheap_and_hard_ones_are_not() {
    let router = Router::by_difficulty(ANY, THINKER);
    for (question, model) in [
        ("What is the capital of Chile?", ANY),
        ("智利的首都是哪里？", ANY),
        (
            "Prove that every continuous function on a closed interval attains its maximum.",
            THINKER,
        ),
        (
            "设计一个支持一万并发的消息系统，并分析故障时如何保证不丢消息。",
            THINKER,
        ),
    ] {
        let route = router.explain(question).unwrap();
        assert_eq!(route.models[0], model, "{question}: {route}");
        assert_eq!(route.strategy, "by difficulty");
        assert!(!route.because.is_empty());
    }
}

#[tokio::test]
async fn a_reply_tells_why_its_model_was_chosen() {
    let client = anymodel::Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .build()
        .unwrap();
    let reply = client.ask(&by_kind(), "Solve 3x + 4 = 19.").await.unwrap();
    assert_eq!(reply.model, THINKER);
    let routed = reply.trail.routed().unwrap();
    assert_eq!(routed.strategy, "by kind");
    assert!(
        routed.because.starts_with("looks like mathematics"),
        "{}",
        routed.because
    );
}

use anymodel::course;

fn more_models() -> Vec<&'static str> {
    let mut models = course::FOUR.to_vec();
    models.retain(|&model| model != course::RETIRED);
    models.extend([
        "anthropic/claude-haiku-4.5",
        "deepseek/deepseek-chat",
        "qwen/qwen-2.5-72b-instruct",
    ]);
    models
}

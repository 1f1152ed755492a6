use anymodel::course;
use anymodel::course::prelude::*;

fn short_answer(client: &Client, question: &str) -> anymodel::Chat {
    client
        .chat(course::MODEL)
        .system("Answer in one sentence.")
        .user(question)
        .temperature(0.0)
        .max_tokens(60)
}

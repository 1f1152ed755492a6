use anymodel::FinishReason;
use anymodel::adapter::{Answer, Outcome, read_json};
use serde_json::Value;

// TODO: the text from reply.parts, the finish reason from end.
fn read_bolt(body: &str) -> Outcome<Answer> {
    todo!()
}

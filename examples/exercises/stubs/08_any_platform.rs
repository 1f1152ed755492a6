use anymodel::FinishReason;
use anymodel::adapter::{Answer, PlatformResult, read_json};
use serde_json::Value;

// TODO: the text from reply.parts, the finish reason from end.
fn read_bolt(body: &str) -> PlatformResult<Answer> {
    todo!()
}

use anymodel::FinishReason;
use anymodel::adapter::{Answer, PlatformResult, read_json};
use serde_json::Value;

fn read_bolt(body: &str) -> PlatformResult<Answer> {
    let said: Value = read_json(body)?;
    let parts = said["reply"]["parts"].as_array().into_iter().flatten();
    Ok(Answer {
        text: parts.filter_map(Value::as_str).collect(),
        finish_reason: match said["end"].as_str() {
            Some("done") => Some(FinishReason::Stop),
            Some("full") => Some(FinishReason::Length),
            _ => None,
        },
        ..Answer::default()
    })
}

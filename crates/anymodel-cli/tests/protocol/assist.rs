//! Completion and help at the cursor, for a session and not for a cell alone.

use std::time::{Duration, Instant};

use jupyter_protocol::{CompleteRequest, InspectRequest};
use serde_json::{Value, json};

use crate::client::{Kernel, PATIENCE};

/// Asks until the answer fits: the analyser needs some seconds to load.
async fn until(
    kernel: &mut Kernel,
    ask: impl AsyncFn(&mut Kernel) -> Value,
    fits: fn(&Value) -> bool,
) -> Value {
    let started = Instant::now();
    loop {
        let reply = ask(kernel).await;
        assert_eq!(reply["status"], "ok");
        if fits(&reply) {
            return reply;
        }
        assert!(started.elapsed() < PATIENCE, "{reply}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test]
async fn a_method_of_an_earlier_cells_variable_is_completed_and_explained_and_places_are_code_points()
 {
    let mut kernel = Kernel::start().await;
    kernel.run("let größe = String::from(\"groß\");").await;

    let code = "// 你好\nlet a = größe.to_upper";
    let complete = async |kernel: &mut Kernel| {
        let request = CompleteRequest {
            code: code.to_owned(),
            cursor_pos: code.chars().count(),
        };
        kernel.ask(request).await.reply
    };
    let has_method = |reply: &Value| {
        let matches = reply["matches"].as_array().unwrap();
        let mut texts = matches.iter().filter_map(Value::as_str);
        texts.any(|text| text.starts_with("to_uppercase"))
    };
    let reply = until(&mut kernel, complete, has_method).await;
    assert_eq!(
        reply["cursor_start"],
        code.chars().count() - "to_upper".len()
    );
    assert_eq!(reply["cursor_end"], code.chars().count());
    let first = &reply["metadata"]["_jupyter_types_experimental"][0];
    assert_eq!(first["type"], json!("function"));

    let inspect = async |kernel: &mut Kernel| {
        let request = InspectRequest {
            code: "größe.to_uppercase()".to_owned(),
            cursor_pos: 9,
            detail_level: Some(0),
        };
        kernel.ask(request).await.reply
    };
    let reply = until(&mut kernel, inspect, |reply| reply["found"] == true).await;
    let text = reply["data"]["text/plain"].as_str().unwrap();
    assert!(text.contains("to_uppercase"), "{text}");
}

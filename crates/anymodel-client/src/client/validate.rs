//! Request validation: refuses, before the round trip, what every platform would refuse: an empty prompt, a number out of
//! its range, a tool without a proper name. An adapter refuses what one platform or one model cannot do.

use anymodel_providers::output_adaptation::FINAL_ANSWER;
use anymodel_types::{
    ChatRequest, Error, ErrorKind, Image, Message, Reasoning, Result, ToolChoice,
};

/// The longest name of a tool. Source: OpenAI's reference of chat completions, `tools.function.name`.
const LONGEST_NAME: usize = 64;

/// Refuses a request that every platform would refuse.
pub(super) fn validate(request: &ChatRequest) -> Result<()> {
    let said = |message: &Message| !message.content.trim().is_empty() || !message.images.is_empty();
    if !request.messages.iter().any(said) {
        return refuse(
            "the prompt is empty",
            "write a question: client.ask(model, \"What is recursion?\")",
        );
    }
    if request.max_tokens == Some(0) {
        return refuse(
            "an answer of at most 0 tokens was asked for",
            "leave .max_tokens(…) out, or allow at least 16",
        );
    }
    check_numbers(request)?;
    if let Some((prompt, completion)) = request.max_price
        && (prompt.is_sign_negative() || completion.is_sign_negative())
    {
        return refuse(
            "the highest price of a million tokens is below 0, or no number",
            "write US dollars, such as .max_price(1, 4): for a million tokens of the question, and of the answer",
        );
    }
    if request.hosts.iter().any(|host| host.trim().is_empty()) {
        return refuse(
            "a host has an empty name",
            "leave .hosts(…) out, or name the hosts as the platform does, such as .hosts([\"azure\", \"openai\"])",
        );
    }
    if request.stop.iter().any(String::is_empty) {
        return refuse(
            "an empty text is to stop the answer, and it would stop every answer at once",
            "leave .stop(…) out, or name the text at which the answer ends",
        );
    }
    if let Some(Reasoning::Tokens(most)) = request.reasoning {
        check_thinking(most, request.max_tokens)?;
    }
    for image in request.messages.iter().flat_map(|message| &message.images) {
        check_image(image)?;
    }
    check_tools(request)
}

fn check_numbers(request: &ChatRequest) -> Result<()> {
    let penalty = "above 0 it keeps the model from repeating itself, 0 is the usual default";
    let numbers = [
        (
            "temperature",
            request.temperature,
            0.0..=2.0,
            "0 gives the most predictable answer, 1 is the usual default",
        ),
        (
            "top_p",
            request.top_p,
            0.0..=1.0,
            "1 leaves all words in play and is the usual default",
        ),
        (
            "presence penalty",
            request.presence_penalty,
            -2.0..=2.0,
            penalty,
        ),
        (
            "frequency penalty",
            request.frequency_penalty,
            -2.0..=2.0,
            penalty,
        ),
    ];
    for (name, number, range, hint) in numbers {
        if let Some(number) = number
            && !range.contains(&number)
        {
            let (from, to) = (range.start(), range.end());
            return refuse(
                format!("the {name} is {number}, and it goes from {from} to {to}"),
                hint,
            );
        }
    }
    Ok(())
}

fn check_thinking(most: u32, answer: Option<u32>) -> Result<()> {
    if most == 0 {
        return refuse(
            "thinking was limited to 0 tokens",
            ".reasoning(Reasoning::Off) switches it off",
        );
    }
    match answer {
        // Anthropic refuses it, and elsewhere no tokens would be left for the answer.
        Some(answer) if answer <= most => refuse(
            format!(
                "thinking may take {most} tokens, and the whole answer {answer}: nothing is left to say it with"
            ),
            "what .max_tokens(…) allows includes the thinking: allow more, or less thinking",
        ),
        _ => Ok(()),
    }
}

fn check_image(image: &Image) -> Result<()> {
    match image {
        Image::Url(url) => {
            let known = ["https://", "http://", "data:image/"];
            if known.iter().any(|start| url.starts_with(start)) {
                return Ok(());
            }
            let shown: String = url.chars().take(60).collect();
            refuse(
                format!("{shown:?} is no address of a picture"),
                "an address begins with https://; a file goes along with Image::data(\"image/png\", &bytes)",
            )
        }
        Image::Data { media_type, base64 } => {
            if !media_type.starts_with("image/") {
                return refuse(
                    format!("{media_type:?} is no kind of picture"),
                    "say which it is: image/png, image/jpeg, image/webp or image/gif",
                );
            }
            match base64.is_empty() {
                true => refuse("a picture is empty", "read the file before it is sent"),
                false => Ok(()),
            }
        }
    }
}

fn check_tools(request: &ChatRequest) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut names: Vec<&str> = Vec::new();
    for tool in &request.tools {
        let name = tool.name.as_str();
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            return refuse(
                format!("a tool cannot be called {name:?}"),
                "a name has letters, digits, _ and -, and at most 64 of them: get_weather",
            );
        }
        if name == FINAL_ANSWER || names.contains(&name) {
            return refuse(
                match name {
                    FINAL_ANSWER => format!("the name {name:?} is taken by this crate"),
                    _ => format!("two tools are called {name:?}"),
                },
                "give each tool a name of its own",
            );
        }
        if !tool.parameters.is_object() {
            return refuse(
                format!("the arguments of the tool {name:?} have no names"),
                "let the function take one struct that derives Deserialize and JsonSchema: its fields are the arguments",
            );
        }
        names.push(name);
    }
    match &request.tool_choice {
        ToolChoice::Named(name) if !names.contains(&name.as_str()) => refuse(
            format!("the tool {name:?} is to be called, and it is not among the tools"),
            "offer it with .tool(…)",
        ),
        ToolChoice::Required if names.is_empty() => refuse(
            "a tool is to be called, and there is none",
            "offer one with .tool(…)",
        ),
        _ => Ok(()),
    }
}

fn refuse<T>(message: impl Into<String>, hint: &str) -> Result<T> {
    Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(hint))
}

//! Request validation: refuses, before the round trip, what every platform would refuse: an empty prompt, a number out of
//! its range, a tool without a proper name. An adapter refuses what one platform or one model cannot do.

use anymodel_providers::output_adaptation::FINAL_ANSWER;
use anymodel_types::{
    ChatRequest, Error, ErrorKind, Image, Message, Reasoning, Result, ToolChoice, words,
};

/// The longest name of a tool. Source: OpenAI's reference of chat completions, `tools.function.name`.
const LONGEST_NAME: usize = 64;

/// Refuses a request that every platform would refuse.
pub(super) fn validate(request: &ChatRequest) -> Result<()> {
    let said = |message: &Message| !message.content.trim().is_empty() || !message.images.is_empty();
    if !request.messages.iter().any(said) {
        return refuse(
            words::requests().prompt_is_empty(),
            words::requests().write_a_question(),
        );
    }
    if request.max_tokens == Some(0) {
        return refuse(
            words::requests().answer_of_0_tokens_was_asked_for(),
            words::requests().leave_max_tokens_out(),
        );
    }
    check_numbers(request)?;
    if let Some((prompt, completion)) = request.max_price
        && (prompt.is_sign_negative() || completion.is_sign_negative())
    {
        return refuse(
            words::requests().highest_price_is_below_0(),
            words::requests().write_us_dollars(),
        );
    }
    if request.hosts.iter().any(|host| host.trim().is_empty()) {
        return refuse(
            words::requests().host_has_an_empty_name(),
            words::requests().leave_hosts_out(),
        );
    }
    if request.stop.iter().any(String::is_empty) {
        return refuse(
            words::requests().empty_text_is_to_stop_the_answer(),
            words::requests().leave_stop_out(),
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
    let penalty = words::requests().penalty_keeps_from_repeating();
    let numbers = [
        (
            "temperature",
            request.temperature,
            0.0..=2.0,
            words::requests().temperature_0_is_most_predictable(),
        ),
        (
            "top_p",
            request.top_p,
            0.0..=1.0,
            words::requests().top_p_1_leaves_all_words_in_play(),
        ),
        (
            words::requests().presence_penalty(),
            request.presence_penalty,
            -2.0..=2.0,
            penalty,
        ),
        (
            words::requests().frequency_penalty(),
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
                words::requests().is_out_of_its_range(&name, &number, &from, &to),
                hint,
            );
        }
    }
    Ok(())
}

fn check_thinking(most: u32, answer: Option<u32>) -> Result<()> {
    if most == 0 {
        return refuse(
            words::requests().thinking_was_limited_to_0_tokens(),
            words::requests().reasoning_switches_it_off(),
        );
    }
    match answer {
        // Anthropic refuses it, and elsewhere no tokens would be left for the answer.
        Some(answer) if answer <= most => refuse(
            words::requests().thinking_takes_the_whole_answer(&most, &answer),
            words::requests().what_max_tokens_allows_includes_the_thinking(),
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
                words::requests().is_no_address_of_a_picture(&format_args!("{shown:?}")),
                words::requests().address_begins_with_https(),
            )
        }
        Image::Data { media_type, base64 } => {
            if !media_type.starts_with("image/") {
                return refuse(
                    words::requests().is_no_kind_of_picture(&format_args!("{media_type:?}")),
                    words::requests().say_which_kind_of_picture(),
                );
            }
            match base64.is_empty() {
                true => refuse(
                    words::requests().picture_is_empty(),
                    words::requests().read_the_file_before_it_is_sent(),
                ),
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
                words::requests().tool_cannot_be_called(&format_args!("{name:?}")),
                words::requests().name_has_letters(),
            );
        }
        if name == FINAL_ANSWER || names.contains(&name) {
            return refuse(
                match name {
                    FINAL_ANSWER => {
                        words::requests().name_is_taken_by_this_crate(&format_args!("{name:?}"))
                    }
                    _ => words::requests().two_tools_are_called(&format_args!("{name:?}")),
                },
                words::requests().give_each_tool_a_name_of_its_own(),
            );
        }
        if !tool.parameters.is_object() {
            return refuse(
                words::requests().arguments_of_the_tool_have_no_names(&format_args!("{name:?}")),
                words::requests().let_the_function_take_one_struct(),
            );
        }
        names.push(name);
    }
    match &request.tool_choice {
        ToolChoice::Named(name) if !names.contains(&name.as_str()) => refuse(
            words::requests().tool_to_be_called_is_not_among_the_tools(&format_args!("{name:?}")),
            words::requests().offer_it_with_tool(),
        ),
        ToolChoice::Required if names.is_empty() => refuse(
            words::requests().tool_to_be_called_is_none(),
            words::requests().offer_one_with_tool(),
        ),
        _ => Ok(()),
    }
}

fn refuse<T>(message: impl Into<String>, hint: &str) -> Result<T> {
    Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(hint))
}

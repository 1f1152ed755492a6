//! `anymodel ask`: one question to a model, from the command line.

mod report;

use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use anymodel::{Chat, Client, ClientBuilder, Error, Event, FinishReason, Image, Reply, Target};
use clap::Args;

use crate::terminal::print;
use report::AskReport;

/// Ask a model, and others when it fails
///
/// The answer goes to standard output, everything else to standard error. The exit status is 0 only for a whole answer: 1
/// means that no model gave one, or that it was cut at a limit; 2 that the command line is wrong.
#[derive(Args)]
pub struct Arguments {
    /// The question; without it, or with `-`, it is read from standard input
    prompt: Option<String>,
    /// The model; `platform:model` names where, too. The default is OPENROUTER_MODEL
    #[arg(long, short, value_name = "MODEL")]
    model: Option<String>,
    /// The model to ask when the one before failed; may be given several times
    #[arg(long, value_name = "MODEL", requires = "model")]
    fallback: Vec<String>,
    /// Where to ask: one of `anymodel platforms`, or sandbox. The default is LLM, else openrouter
    #[arg(long, value_name = "NAME")]
    platform: Option<String>,
    /// The configuration file. The default is ANYMODEL_CONFIG, else ./anymodel.yaml when it is there
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Another server that speaks OpenAI's protocol, such as http://localhost:11434/v1. The key comes from
    /// OPENROUTER_API_KEY or OPENAI_API_KEY; none is needed if the server needs none
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// How long one attempt may be silent: until its answer; streamed, until the first word and between two words
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// How long the whole call may take
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    deadline: Option<Duration>,
    /// How often a model that failed is asked again, in the whole call
    #[arg(long, value_name = "TIMES")]
    retries: Option<u32>,
    /// Let the answer come word by word. With --json nothing is shown before the end, and an answer that breaks off begins
    /// anew
    #[arg(long)]
    stream: bool,
    /// With --stream: when an answer breaks off, begin anew below it instead of failing
    #[arg(long, requires = "stream")]
    restart: bool,
    /// One JSON object on standard output: content, model, platform, finish_reason, usage, cost, error, trail
    #[arg(long)]
    json: bool,
    /// Standing orders for the model
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// A picture for the model: an address, or a file (png, jpeg, gif, webp)
    #[arg(long, value_name = "URL or FILE")]
    image: Vec<String>,
    /// How freely the model chooses its words, 0 to 2
    #[arg(long, value_name = "NUMBER")]
    temperature: Option<f64>,
    /// The longest answer
    #[arg(long, value_name = "TOKENS")]
    max_tokens: Option<u32>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "a number of seconds is needed, more than 0, such as 2.5".to_owned();
    let number: f64 = text.parse().map_err(|_| wrong())?;
    if number <= 0.0 {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(number).map_err(|_| wrong())
}

/// Runs the command: sends the question, and prints the answer or the error.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let result = match prepare(&arguments)? {
        Ok((client, chat)) => {
            if let Some(left_out) = client.skipped_models() {
                eprintln!("anymodel: {left_out}");
            }
            if client.is_sandbox() {
                eprintln!("anymodel: the built-in sandbox answers (simulated, free)");
            }
            answer(&arguments, chat).await?
        }
        Err(error) => Err(error),
    };
    if arguments.json {
        let report = match &result {
            Ok(reply) => AskReport::of_reply(reply, cut(reply)),
            Err(error) => AskReport::of_error(error),
        };
        print(&format!("{}\n", serde_json::to_string(&report)?))?;
    } else {
        explain(&result);
    }
    Ok(match &result {
        Ok(reply) if cut(reply).is_none() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The client and the chat for the question. The inner error is one that a call could also return.
fn prepare(arguments: &Arguments) -> anyhow::Result<Result<(Client, Chat), Error>> {
    let prompt = match arguments.prompt.as_deref() {
        Some(prompt) if prompt != "-" => prompt.to_owned(),
        _ => read_prompt()?,
    };
    let images = arguments
        .image
        .iter()
        .map(|place| picture(place))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let client = match connect(arguments) {
        Ok(client) => client,
        Err(error) => return Ok(Err(error)),
    };
    let target = match &arguments.model {
        None => Target::Default,
        Some(model) if arguments.fallback.is_empty() => Target::from(model),
        Some(model) => Target::Chain(
            [model]
                .into_iter()
                .chain(&arguments.fallback)
                .cloned()
                .collect(),
        ),
    };
    let mut chat = client.chat(target);
    if let Some(orders) = &arguments.system {
        chat = chat.system(orders);
    }
    chat = chat.user(prompt);
    for image in images {
        chat = chat.image(image);
    }
    if let Some(temperature) = arguments.temperature {
        chat = chat.temperature(temperature);
    }
    if let Some(tokens) = arguments.max_tokens {
        chat = chat.max_tokens(tokens);
    }
    if let Some(limit) = arguments.timeout {
        chat = chat.timeout(limit);
    }
    if let Some(limit) = arguments.deadline {
        chat = chat.deadline(limit);
    }
    if let Some(retries) = arguments.retries {
        chat = chat.retries(retries);
    }
    Ok(Ok((client, chat)))
}

fn connect(arguments: &Arguments) -> Result<Client, Error> {
    let mut builder = match &arguments.config {
        Some(path) => ClientBuilder::from_config(path)?,
        None => ClientBuilder::from_env()?,
    };
    if let Some(name) = &arguments.platform {
        builder = builder.platform(name);
    }
    if let Some(url) = &arguments.base_url {
        builder = builder.base_url(url);
        if arguments.platform.is_none() {
            // `LLM` is ignored here, because the address was given on the command line.
            builder = builder.platform("openrouter").base_url(url);
            builder = builder.key_of("openai")?.key_of("openrouter")?;
        }
    }
    builder.or_sandbox().build()
}

fn read_prompt() -> anyhow::Result<String> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        bail!(
            "no question was given: anymodel ask --model openai/gpt-4o-mini \"What is recursion?\""
        );
    }
    let mut prompt = String::new();
    input
        .read_to_string(&mut prompt)
        .context("standard input is not text in UTF-8")?;
    Ok(prompt)
}

fn picture(place: &str) -> anyhow::Result<Image> {
    if place.starts_with("http://") || place.starts_with("https://") {
        return Ok(Image::url(place));
    }
    let path = PathBuf::from(place);
    let kind = path.extension().and_then(|extension| extension.to_str());
    let by_name = match kind.map(str::to_ascii_lowercase).as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        _ => "",
    };
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {place}"))?;
    let picture = Image::data(by_name, &bytes);
    match &picture {
        Image::Data { media_type, .. } if media_type.is_empty() => {
            bail!("{place} is no picture that models read: png, jpeg, gif or webp is needed")
        }
        _ => Ok(picture),
    }
}

/// Sends the question. The outer error is one of the terminal, such as a closed pipe.
async fn answer(arguments: &Arguments, chat: Chat) -> anyhow::Result<Result<Reply, Error>> {
    if !arguments.stream {
        let result = chat.send().await;
        if let (Ok(reply), false) = (&result, arguments.json) {
            print(&format!("{reply}\n"))?;
        }
        return Ok(result);
    }
    if arguments.json {
        return Ok(chat.stream().final_reply().await);
    }
    let chat = match arguments.restart {
        true => chat.restart_on_break(),
        false => chat,
    };
    let mut stream = chat.stream();
    let mut begun = false;
    // A line may end in two characters, and each may arrive separately.
    let mut half_an_end = false;
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Text(text)) => {
                begun = true;
                let mut text = match std::mem::take(&mut half_an_end) {
                    true => format!("\r{text}"),
                    false => text,
                };
                half_an_end = text.ends_with('\r');
                if half_an_end {
                    text.pop();
                }
                print(&anymodel::sanitize(&text))?;
            }
            Ok(Event::Restarted { model, reason, .. }) => {
                print("\n")?;
                eprintln!("({reason}: what stands above is void; {model} begins anew)");
            }
            Ok(Event::Finished(reply)) => {
                print("\n")?;
                return Ok(Ok(*reply));
            }
            Ok(_) => {}
            Err(error) => {
                if begun {
                    print("\n")?;
                }
                return Ok(Err(error));
            }
        }
    }
    bail!("the stream ended without an end")
}

/// The reason why an answer is incomplete.
fn cut(reply: &Reply) -> Option<(&'static str, &'static str, &'static str)> {
    match reply.finish_reason {
        Some(FinishReason::Length) => Some((
            "length",
            "the answer was cut at the token limit",
            "raise --max-tokens, or ask for a shorter answer",
        )),
        Some(FinishReason::ContentFilter) => Some((
            "content_filter",
            "a filter cut the answer",
            "put the question differently, or ask another model",
        )),
        Some(FinishReason::Other(_)) => Some((
            "paused",
            "the model paused before the end of its answer",
            "send its words back as its own turn, and it goes on",
        )),
        _ => None,
    }
}

/// Prints which model answered, or why there is no answer.
fn explain(result: &Result<Reply, Error>) {
    match result {
        Ok(reply) => {
            if reply.trail.len() > 1 || !reply.trail.skipped().is_empty() {
                eprintln!("{}", reply.trail);
            }
            eprintln!("[{}]", reply.summary());
            if let Some((_, message, hint)) = cut(reply) {
                eprintln!("error: {message}\nhint: {hint}");
            }
        }
        Err(error) => {
            if error.partial().is_some() {
                eprintln!("(what stands above is not the whole answer)");
            }
            eprintln!("error: {error:?}");
        }
    }
}

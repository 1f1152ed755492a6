//! `anymodel sandbox`: a simulated OpenRouter server on loopback, for any client.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use anymodel::Table;
use anymodel::sandbox::{Sandbox, faults};
use clap::Args;

/// Serve simulated models on this machine, in OpenRouter's protocol
///
/// The first line on standard output is the base URL to give to a client; any key that looks like one is accepted. The
/// server runs until it is stopped with Ctrl-C. It listens on 127.0.0.1 only.
#[derive(Args)]
pub struct Arguments {
    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// How long simulated time takes: 1 looks real, 0.1 is ten times as fast, 0 never waits
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor)]
    time_scale: f64,
    /// Refuse what the real service does not know, such as `route: "cheapest"`
    #[arg(long)]
    strict: bool,
    /// Let a real OpenAI-compatible server give the answers, such as http://localhost:11434/v1
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Print every failure that can be asked for, and serve nothing
    #[arg(long)]
    list_faults: bool,
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(factor) if (0.0..=100.0).contains(&factor) => Ok(factor),
        _ => Err("a number from 0 to 100 is needed".to_owned()),
    }
}

/// Serves until Ctrl-C.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if arguments.list_faults {
        return list_faults();
    }
    let sandbox = Sandbox::builder()
        .port(arguments.port)
        .time_scale(arguments.time_scale)
        .strict(arguments.strict)
        .upstream(arguments.upstream)
        .start()
        .with_context(|| match arguments.port {
            0 => "cannot listen on 127.0.0.1".to_owned(),
            port => format!(
                "cannot listen on 127.0.0.1:{port}; is it in use? --port 0 takes a free one"
            ),
        })?;
    println!("{}", sandbox.base_url());
    std::io::stdout().flush()?;
    eprintln!("Answers are simulated. Ctrl-C stops; --list-faults lists what can go wrong.");
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}

fn list_faults() -> anyhow::Result<ExitCode> {
    let mut table = Table::new(
        "Ask for the model, and this happens",
        ["model", "status", "what happens"],
    );
    for fault in faults() {
        table.push([
            format!("sandbox/{}", fault.name),
            fault
                .status
                .map_or_else(|| "–".to_owned(), |status| status.to_string()),
            fault.summary.to_owned(),
        ]);
    }
    // A reader such as `head` may close the pipe early; that is not an error.
    match writeln!(std::io::stdout(), "{table}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

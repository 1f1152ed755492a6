//! Command-line program `anymodel`: reads the arguments, runs one command, turns its result into an exit
//! status. Each command has one small file.
//!
//! Data goes to standard output, everything else to standard error.

mod ask;
mod config;
mod doctor;
mod gateway;
mod kernel;
mod lab;
mod models;
mod platforms;
mod run;
mod sandbox;
mod spend;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Lessons and tools around one Rust code base that asks any large language model.
#[derive(Parser)]
#[command(name = "anymodel", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What each is for stands with its arguments: a line here would hide it.
#[derive(Subcommand)]
enum Command {
    Ask(Box<ask::Arguments>),
    Run(run::Arguments),
    Config(config::Arguments),
    Doctor(doctor::Arguments),
    Sandbox(sandbox::Arguments),
    Gateway(gateway::Arguments),
    Platforms(platforms::Arguments),
    Models(Box<models::Arguments>),
    Spend(spend::Arguments),
    /// Install, remove or inspect the course's Jupyter kernel
    Kernel(kernel::Arguments),
    Lab(lab::Arguments),
}

fn main() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let status = runtime.block_on(async {
        match command {
            Command::Ask(arguments) => ask::run(*arguments).await,
            Command::Run(arguments) => run::run(arguments).await,
            Command::Config(arguments) => config::run(arguments).await,
            Command::Doctor(arguments) => doctor::run(arguments).await,
            Command::Sandbox(arguments) => sandbox::run(arguments).await,
            Command::Gateway(arguments) => gateway::run(arguments).await,
            Command::Platforms(arguments) => platforms::run(&arguments),
            Command::Models(arguments) => models::run(*arguments).await,
            Command::Spend(arguments) => spend::run(&arguments),
            Command::Kernel(arguments) => kernel::run(arguments).await,
            Command::Lab(arguments) => lab::run(arguments).await,
        }
    });
    // An interrupted command may leave a blocking read behind; the program does not wait for it.
    runtime.shutdown_background();
    status
}

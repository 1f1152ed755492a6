//! Each platform by itself: what goes out and what comes in, held against shapes that its vendor publishes.
//!
//! A local server plays the platform; the fixtures beside this file name their sources.

#[cfg(feature = "bedrock")]
mod event_stream;
#[cfg(all(feature = "bedrock", feature = "online-tests"))]
#[path = "../../../../tests/support/python.rs"]
mod python;
#[path = "../../../../tests/support/mod.rs"]
mod support;
#[macro_use]
mod vendor;

mod anthropic;
mod anthropic_compatible;
mod any_url;
mod azure;
#[cfg(feature = "bedrock")]
mod bedrock;
mod bytes;
mod clouds;
mod deepseek;
mod faces;
mod gemini;
mod gemini_compatible;
mod glm;
mod left_out;
mod llamacpp;
mod ollama;
mod openai;
mod openrouter;
mod openrouter_compatible;
mod qwen;
#[cfg(feature = "vertex")]
mod vertex;
mod zenmux;

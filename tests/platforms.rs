//! Each platform by itself: what goes out and what comes in, held against shapes that its vendor publishes.
//!
//! A local server plays the platform; the fixtures in `platforms/` name their sources.

#[path = "support/event_stream.rs"]
#[cfg(feature = "bedrock")]
mod event_stream;
#[cfg(all(feature = "bedrock", feature = "online-tests"))]
#[path = "support/python.rs"]
mod python;
mod support;
#[macro_use]
#[path = "platforms/vendor.rs"]
mod vendor;

#[path = "platforms/anthropic.rs"]
mod anthropic;
#[path = "platforms/anthropic_compatible.rs"]
mod anthropic_compatible;
#[path = "platforms/any_url.rs"]
mod any_url;
#[path = "platforms/azure.rs"]
mod azure;
#[cfg(feature = "bedrock")]
#[path = "platforms/bedrock.rs"]
mod bedrock;
#[path = "platforms/bytes.rs"]
mod bytes;
#[path = "platforms/clouds.rs"]
mod clouds;
#[path = "platforms/deepseek.rs"]
mod deepseek;
#[cfg(feature = "sandbox")]
#[path = "platforms/faces.rs"]
mod faces;
#[path = "platforms/gemini.rs"]
mod gemini;
#[path = "platforms/gemini_compatible.rs"]
mod gemini_compatible;
#[path = "platforms/glm.rs"]
mod glm;
#[path = "platforms/left_out.rs"]
mod left_out;
#[path = "platforms/llamacpp.rs"]
mod llamacpp;
#[path = "platforms/ollama.rs"]
mod ollama;
#[path = "platforms/openai.rs"]
mod openai;
#[path = "platforms/openrouter.rs"]
mod openrouter;
#[path = "platforms/openrouter_compatible.rs"]
mod openrouter_compatible;
#[path = "platforms/qwen.rs"]
mod qwen;
#[cfg(feature = "vertex")]
#[path = "platforms/vertex.rs"]
mod vertex;
#[path = "platforms/zenmux.rs"]
mod zenmux;

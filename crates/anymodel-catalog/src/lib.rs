//! Models, prices, hosts, token counts, and the platforms known by name: plain data about what can be asked for, no network.
//!
//! - [`model`]: the built-in catalogue, lists of models, recommendations, token counts
//! - [`platform_spec`]: base URL, key variables, protocol and capabilities of each platform known by name
//!
//! # Features
//! - `tokens`: counts the tokens of OpenAI's models by their own vocabularies, which weigh 5 MB

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod model;
pub mod platform_spec;

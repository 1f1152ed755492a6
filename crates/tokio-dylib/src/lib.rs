//! tokio as a shared library.
//!
//! evcxr, the stock kernel, compiles each cell into a library and links what a cell uses into it. Each cell would have a
//! tokio of its own, and a task that one cell spawns would not find the runtime that another has started. What links
//! this library has one tokio. `notebooks/*/evcxr.toml` brings it into every cell.

pub use tokio::*;

//! An OpenRouter on loopback.

//! Names of what some models can do.

crate::words::english! {
    /// Names of what some models can do.
    CapabilityNamesWords {
        reasoning = "reasoning",
        vision = "vision",
        tools = "tools",
        schema = "schema",
    }
}

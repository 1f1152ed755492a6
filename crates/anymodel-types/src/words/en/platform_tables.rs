//! The table of platforms.

crate::words::english! {
    /// The table of platforms.
    PlatformTablesWords {
        platforms = "Platforms",
        platforms_all_of_them(of_all) = "Platforms (all of them: {of_all})",
        speaks = "speaks",
        differs = "differs",
        openai_compatible = "OpenAI-compatible",
        native = "native",
        native_messages = "native (Messages)",
        native_generatecontent = "native (generateContent)",
        native_converse = "native (Converse)",
        streams = "streams",
        tools = "tools",
        json_schema = "JSON schema",
        json = "JSON",
        cost = "cost",
        fallback = "fallback",
    }
}

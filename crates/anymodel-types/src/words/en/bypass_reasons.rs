//! Why a question is always asked, and its answer never kept.

crate::words::english! {
    /// Why a question is always asked, and its answer never kept.
    BypassReasonsWords {
        time = "time",
        date = "date",
        weather = "weather",
        prices = "prices",
        news = "news",
        randomness = "randomness",
        again = "again",
        personal_data = "personal data",
        own_list = "own list",
        functions = "functions",
        temperature_above_1 = "temperature above 1",
        opted_out = "no_cache()",
    }
}

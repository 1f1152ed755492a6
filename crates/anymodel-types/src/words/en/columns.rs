//! Heads of columns, and short words in cells, that several tables share.

crate::words::english! {
    /// Heads of columns, and short words in cells, that several tables share.
    ColumnsWords {
        model = "model",
        result = "result",
        status = "status",
        first_token = "first token",
        took = "took",
        tokens = "tokens",
        cost = "cost",
        then = "then",
        answered = "answered",
        failed = "failed",
        all = "all",
        calls = "calls",
        median = "median",
        p95 = "95 of 100",
        answer = "answer",
        time = "time",
        name = "name",
        platform = "platform",
        can = "can",
    }
}

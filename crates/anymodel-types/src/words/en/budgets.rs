//! Budgets and prices.

crate::words::english! {
    /// Budgets and prices.
    BudgetsWords {
        per_call = "per call",
        per_day = "per day",
        in_all = "in all",
        budget_is_wrong(which, amount) = "the budget {which} is {amount}, and that is no amount of money",
        budget_is_no_amount_of_money(which) = "the budget {which} is no amount of money",
        write_us_dollars = "write US dollars, 0 or more, such as 0.05",
    }
}

//! Sample data of lesson 7: the menu of a kitchen, and an order as a tool argument.

use schemars::JsonSchema;
use serde::Deserialize;

/// The dishes and their prices.
pub const MENU: [(&str, u32); 3] = [("noodles", 9), ("dumplings", 7), ("soup", 5)];

/// An order, as a model writes it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Order {
    /// The name of the dish.
    pub dish: String,
    /// How many portions.
    pub portions: u32,
}

use anymodel::course::{MENU, Order};

// TODO: the price of an order, or an error that tells the model what it can do.
fn price(order: Order) -> Result<u32, String> {
    todo!()
}

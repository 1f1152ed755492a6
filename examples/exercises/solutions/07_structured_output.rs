use anymodel::course::{MENU, Order};

fn price(order: Order) -> Result<u32, String> {
    let dish = order.dish.to_lowercase();
    let Some((_, each)) = MENU.iter().find(|(known, _)| *known == dish) else {
        let known: Vec<&str> = MENU.iter().map(|(known, _)| *known).collect();
        return Err(format!("no such dish; there are: {}", known.join(", ")));
    };
    match each.checked_mul(order.portions) {
        None => Err("too many portions".to_owned()),
        Some(0) => Err("0 portions: ask how many".to_owned()),
        Some(price) => Ok(price),
    }
}

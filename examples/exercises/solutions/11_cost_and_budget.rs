use anymodel::Decimal;
use anymodel::course;
use anymodel::model::catalogue;

fn best_that_fits(left: Decimal, asked: u64, answer: u64) -> Option<&'static str> {
    let fits = |model: &&str| match catalogue().get(model) {
        Some(found) => found.pricing.cost(asked, answer) <= left,
        None => false,
    };
    course::LADDER.into_iter().find(fits)
}

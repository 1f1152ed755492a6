use anymodel::Decimal;
use anymodel::course;
use anymodel::model::catalogue;

// TODO: the first model of course::LADDER that costs no more than what is left.
fn best_that_fits(left: Decimal, asked: u64, answer: u64) -> Option<&'static str> {
    todo!()
}

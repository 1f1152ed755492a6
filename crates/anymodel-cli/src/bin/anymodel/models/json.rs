//! JSON output of `anymodel models`.

use anymodel::model::{
    Availability, AvailabilityCheck, Capability, Day, Model, Models, Pricing, UseCase,
};
use anymodel::usd;
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub(super) fn head(models: &Models) -> Value {
    json!({
        "origin": models.origin().as_str(),
        "platform": models.platform(),
        "as_of": Day::at(models.as_of()).to_string(),
        "note": models.note(),
    })
}

pub(super) fn checked(one: &AvailabilityCheck) -> Value {
    let (state, day) = match one.presence {
        Availability::There => ("there", None),
        Availability::Ending(day) => ("ending", Some(day)),
        Availability::Retired(day) => ("retired", Some(day)),
        _ => ("gone", None),
    };
    json!({ "model": one.name, "state": state, "day": day.map(|day| day.to_string()), "instead": one.instead })
}

pub(super) fn listed(models: &Models, wanted: Option<UseCase>, limit: Option<usize>) -> Value {
    let most = limit.unwrap_or(usize::MAX);
    let rows: Vec<Value> = match wanted {
        None => models.iter().take(most).map(row).collect(),
        Some(wanted) => {
            let found = models.recommend(wanted).first(most);
            let rows = found.iter().map(|one| {
                let mut row = row(&one.model);
                row["because"] = one.because.as_str().into();
                row
            });
            rows.collect()
        }
    };
    let mut report = head(models);
    report["models"] = rows.into();
    report
}

/// One model. Prices are strings, so that no digit is lost: US dollars for a million tokens, or null.
fn row(model: &Model) -> Value {
    let price = |pricing: &Pricing, price: Decimal| {
        let dollars = usd(price * Decimal::from(1_000_000));
        pricing
            .is_known()
            .then(|| dollars.trim_start_matches('$').to_owned())
    };
    let abilities: Vec<&str> = model.abilities().map(Capability::as_str).collect();
    json!({
        "id": model.id,
        "name": model.name,
        "family": model.family(),
        "free": model.is_free(),
        "context": model.context_length,
        "longest_answer": model.max_completion_tokens,
        "can": abilities,
        "input_modalities": model.input_modalities,
        "output_modalities": model.output_modalities,
        "input_per_million": price(&model.pricing, model.pricing.prompt),
        "output_per_million": price(&model.pricing, model.pricing.completion),
        "ends": model.ends().map(|day| day.to_string()),
        "description": model.description,
    })
}

//! Tables and charts of models: lists, recommendations, statistics, prices.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{
    Availability, AvailabilityReport, Capability, Hosts, Model, Models, Pricing, Quartiles,
    Recommendations, Statistics, UseCase, grouped,
};
use anymodel_display::{BarChart, Show, Table, UNKNOWN, or_unknown, time};
use anymodel_types::{Language, captioned, usd, words};

impl Models {
    /// One row a model: context, capabilities, and the prices of a million tokens of prompt and of answer.
    pub fn table(&self) -> Table {
        let columns = [
            words::columns().model(),
            words::model_tables().context(),
            words::model_tables().can(),
            words::model_tables().input_per_million(),
            words::model_tables().output_per_million(),
            words::model_tables().ends(),
        ];
        let caption = format!("{} · {}", count(self.len()), self.provenance());
        let mut table = Table::new(caption, columns).right_align(&[1, 3, 4]);
        for model in self {
            table.push([
                model.id.clone(),
                tokens(model.context_length),
                abilities(model),
                per_million(&model.pricing, model.pricing.prompt),
                per_million(&model.pricing, model.pricing.completion),
                model.ends().map(|end| end.to_string()).unwrap_or_default(),
            ]);
        }
        if self.iter().any(|model| model.ends().is_some()) {
            table
        } else {
            table.without(5)
        }
    }

    /// A bar chart of the prices of a million tokens: three parts of prompt to one of answer, as
    /// [`Pricing::blended`](crate::model::Pricing::blended) counts. Models without a price are left out.
    ///
    /// ```
    /// use anymodel::model::Models;
    /// use anymodel::prelude::*;
    ///
    /// let models = Models::built_in().of_family("Claude").not_retired();
    /// show(&models.cheapest_first().price_chart());
    /// ```
    pub fn price_chart(&self) -> BarChart {
        let title = words::model_tables().us_dollars_for_a_million_tokens(&self.provenance());
        let priced = self.iter().filter(|model| model.pricing.is_known());
        priced.fold(BarChart::new(title), |chart, model| {
            let price = million(model.pricing.blended());
            let shown = words::model_tables().price_in_and_out(
                &usd(price.round_dp(3)),
                &per_million(&model.pricing, model.pricing.prompt),
                &per_million(&model.pricing, model.pricing.completion),
            );
            chart.bar(&model.id, price.to_f64().unwrap_or(0.0), shown)
        })
    }

    /// One row a use case: the best paid model, with the reason, and the best free one.
    ///
    /// ```
    /// use anymodel::model::Models;
    /// use anymodel::prelude::*;
    ///
    /// show(&Models::built_in().tasks());
    /// ```
    pub fn tasks(&self) -> Table {
        let caption = words::model_tables().which_model_for_what(&self.provenance());
        let mut table = Table::new(
            caption,
            [
                words::model_tables().for_what(),
                words::model_tables().paid(),
                words::model_tables().because(),
                words::model_tables().free(),
            ],
        );
        let (paid, free) = (self.paid(), self.free());
        for wanted in UseCase::ALL {
            let best = paid.recommend(wanted);
            let best = best.best();
            let costs_nothing = free.recommend(wanted);
            table.push([
                wanted.title().to_owned(),
                best.map_or(UNKNOWN, |one| &one.model.id).to_owned(),
                best.map_or("", |one| &one.because).to_owned(),
                costs_nothing
                    .best()
                    .map_or(UNKNOWN, |one| &one.model.id)
                    .to_owned(),
            ]);
        }
        table
    }
}

impl Recommendations {
    /// One row a model, with the reason.
    pub fn table(&self) -> Table {
        let caption = words::model_tables().for_a_use_case(&self.wanted.title(), &self.provenance);
        let columns = [
            "#",
            words::columns().model(),
            words::model_tables().context(),
            words::model_tables().in_and_out_per_million(),
            words::model_tables().because(),
        ];
        let mut table = Table::new(caption, columns).right_align(&[0, 2, 3]);
        for (place, one) in self.iter().enumerate() {
            table.push([
                (place + 1).to_string(),
                one.model.id.clone(),
                tokens(one.model.context_length),
                both(&one.model.pricing),
                one.because.clone(),
            ]);
        }
        table
    }
}

impl Statistics {
    /// One row a figure.
    pub fn table(&self) -> Table {
        let caption = words::model_tables().in_numbers(&count(self.models), &self.provenance);
        let mut table = Table::new(
            caption,
            [words::model_tables().what(), words::model_tables().figure()],
        );
        let mut row = |what: &str, figure: String| table.push([what.to_owned(), figure]);
        row(
            words::model_tables().free(),
            words::model_tables().some_of_all(&self.free, &self.models),
        );
        row(words::model_tables().families(), listed(&self.families));
        let can = |can: Capability| {
            let found = self.abilities.iter().find(|(known, _)| *known == can);
            found.map_or(0, |(_, count)| *count)
        };
        let can = Capability::ALL.map(|ability| format!("{} {}", can(ability), ability));
        row(words::model_tables().can(), can.join(", "));
        if let Some((model, most)) = &self.longest {
            row(
                words::model_tables().longest_context(),
                format!("{} ({model})", tokens(Some(*most))),
            );
        }
        row(
            words::model_tables().half_read_at_least(),
            tokens(self.median_context),
        );
        row(
            words::model_tables().input_where_it_costs(),
            spread(self.input),
        );
        row(
            words::model_tables().output_where_it_costs(),
            spread(self.output),
        );
        if self.ending > 0 {
            row(
                words::model_tables().end_within_30_days(),
                self.ending.to_string(),
            );
        }
        if self.retired > 0 {
            row(words::model_tables().retired(), self.retired.to_string());
        }
        table
    }
}

impl AvailabilityReport {
    /// One row a name.
    pub fn table(&self) -> Table {
        let caption = words::model_tables().still_there(&self.provenance);
        let mut table = Table::new(
            caption,
            [
                words::columns().model(),
                words::model_tables().state(),
                words::model_tables().instead(),
            ],
        );
        for one in self.iter() {
            let state = match one.presence {
                Availability::There => words::model_tables().there().to_owned(),
                Availability::Ending(day) => words::model_tables().ends_on(&day),
                Availability::Retired(day) => words::model_tables().retired_on(&day),
                Availability::Gone => words::model_tables().gone().to_owned(),
            };
            let instead = one.instead.clone().unwrap_or_default();
            table.push([one.name.clone(), state, instead]);
        }
        table
    }
}

impl Hosts {
    /// One row a host.
    pub fn table(&self) -> Table {
        let caption = captioned(
            &words::model_tables().who_serves(&self.model),
            self.is_simulated,
        );
        let columns = [
            words::model_tables().host(),
            words::model_tables().input_per_million(),
            words::model_tables().output_per_million(),
            words::columns().first_token(),
            words::model_tables().tokens_per_second(),
            words::model_tables().uptime(),
            words::model_tables().context(),
            words::model_tables().weights(),
        ];
        let mut table = Table::new(caption, columns).right_align(&[1, 2, 3, 4, 5, 6]);
        for offer in self.iter() {
            table.push([
                offer.provider.clone(),
                per_million(&offer.pricing, offer.pricing.prompt),
                per_million(&offer.pricing, offer.pricing.completion),
                or_unknown(offer.first_token.map(time)),
                or_unknown(offer.tokens_per_second.map(|speed| speed.round())),
                or_unknown(offer.uptime.map(|percent| format!("{percent:.1} %"))),
                tokens(offer.context_length),
                or_unknown(offer.quantization.clone()),
            ]);
        }
        table
    }
}

fn count(models: usize) -> String {
    match models {
        1 => words::model_tables().one_model().to_owned(),
        n => words::model_tables().models(&n),
    }
}

fn tokens(number: Option<u64>) -> String {
    number.map_or_else(|| UNKNOWN.to_owned(), grouped)
}

fn abilities(model: &Model) -> String {
    let all: Vec<&str> = model
        .abilities()
        .map(|ability| ability.name_in(Language::current()))
        .collect();
    all.join(", ")
}

fn million(price: Decimal) -> Decimal {
    price * Decimal::from(1_000_000)
}

fn per_million(pricing: &Pricing, price: Decimal) -> String {
    match pricing.is_known() {
        true if pricing.is_zero() => words::model_tables().free().to_owned(),
        true => usd(million(price)),
        false => UNKNOWN.to_owned(),
    }
}

/// `$0.15, $0.6`
fn both(pricing: &Pricing) -> String {
    let both = [pricing.prompt, pricing.completion].map(|price| per_million(pricing, price));
    match both {
        [input, output] if input == output => input,
        both => both.join(", "),
    }
}

fn spread(prices: Option<Quartiles>) -> String {
    prices.map_or_else(
        || UNKNOWN.to_owned(),
        |prices| {
            let dollars = |price| usd(million(price));
            words::model_tables().spread_of_prices(
                &dollars(prices.lowest),
                &dollars(prices.highest),
                &dollars(prices.median),
                &dollars(prices.upper),
            )
        },
    )
}

/// The largest items, and the number of the others.
fn listed(counted: &[(String, usize)]) -> String {
    const SHOWN: usize = 9;
    let parts = counted
        .iter()
        .map(|(name, count)| format!("{name} {count}"));
    let mut parts: Vec<String> = parts.take(SHOWN).collect();
    if let Some(more) = counted.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        parts.push(words::model_tables().more(&more));
    }
    parts.join(", ")
}

/// Implements display as a table.
macro_rules! shown_as_table {
    ($($type:ty),+) => {$(
        impl Show for $type {
            fn to_html(&self) -> String {
                self.table().to_html()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.table().fmt(f)
            }
        }
    )+};
}

shown_as_table!(
    Models,
    Recommendations,
    Statistics,
    AvailabilityReport,
    Hosts
);

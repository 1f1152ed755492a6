//! Report as text: a table, a chart and sentences.

use std::fmt;
use std::time::Duration;

use anymodel_display::{BarChart, Table};

use super::outcome::{Outcome, share};
use super::report::{Report, percent};
use super::traffic::Kind;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        traffic(self, f)?;
        writeln!(f, "{}\n{}", table(self), chart(self))?;
        findings(self, f)
    }
}

/// Which calls came, and who answered them.
fn traffic(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (options, drawn) = (&report.options, &report.drawn);
    writeln!(
        f,
        "A help desk with {} calls a day for {} days, answered by the built-in sandbox: requests over loopback are real,\n\
         answers are simulated, prices and speeds are the catalogue's. {} answers everything;\n\
         with routing, {} answers what looks simple.\n",
        options.calls, options.days, options.models.strong, options.models.cheap
    )?;
    writeln!(
        f,
        "{} calls, {} of them people's: {} repeat an earlier question word by word, {} in any words ({} answers out of\n\
         {} written topics and their values), {} are hard. The rest of the calls is one feature that always asks the same.\n",
        drawn.calls,
        drawn.people,
        percent(share(drawn.exact, drawn.people)),
        percent(share(drawn.known, drawn.people)),
        drawn.topics,
        report.written,
        percent(share(drawn.hard, drawn.people)),
    )
}

/// What metering found, some wrong answers, and the comparisons.
fn findings(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(day) = report.columns[1].1.found {
        writeln!(
            f,
            "Metering: on the evening of day {day} the count of repeats had shown one call far too often three days running;\n\
             the feature behind it was switched off."
        )?;
    }
    for wrong in report.all().wrong.iter().take(4) {
        let what = match wrong.kind {
            Kind::Now => "an answer that was no longer true, to",
            _ => "the answer to",
        };
        writeln!(f, "Wrong: {:?} got {what} {:?}", wrong.asked, wrong.answers)?;
    }
    write!(
        f,
        "What if? The first {} days of such a month:",
        report.short
    )?;
    for (what, came) in report.comparisons() {
        write!(f, "\n  {what}: {came}")?;
    }
    Ok(())
}

fn cents(one: &Outcome) -> String {
    format!("${:.2}", one.bill.round_dp(2))
}

fn time(took: Duration) -> String {
    match took.as_secs_f64() {
        short if short < 0.01 => format!("{:.2} ms", short * 1e3),
        long => format!("{long:.2} s"),
    }
}

fn table(report: &Report) -> Table {
    let [a, b, c, d, e] = report.columns.each_ref().map(|(name, _)| *name);
    let mut table = Table::new("A month", ["", a, b, c, d, e]).right_align(&[1, 2, 3, 4, 5]);
    let nothing = report.nothing();
    let mut row = |name: &str, cell: &dyn Fn(&Outcome) -> String| {
        let [a, b, c, d, e] = report.columns.each_ref().map(|(_, outcome)| cell(outcome));
        table.push([name.to_owned(), a, b, c, d, e]);
    };
    let rate = |part: usize, whole: usize| match whole {
        0 => "–".to_owned(),
        _ => percent(share(part, whole)),
    };
    row("cost", &|one| cents(one));
    row("saved", &|one| percent(one.sum().saved(&nothing.sum())));
    row("calls paid for", &|one| {
        (one.calls - one.hits()).to_string()
    });
    row("found: the same words", &|one| rate(one.exact, one.people));
    row("found: in flight", &|one| rate(one.in_flight, one.people));
    row("found: the same meaning", &|one| {
        rate(one.semantic, one.people)
    });
    row("wrong, of those found", &|one| match one.hits() {
        0 => "–".to_owned(),
        _ => format!("{:.2} %", one.sum().wrong_rate() * 100.0),
    });
    row("hard to the weak model", &|one| {
        rate(one.hard_to_weak, one.hard)
    });
    row("simple to the strong one", &|one| {
        rate(one.easy_to_strong, one.people - one.hard)
    });
    row("time, median", &|one| time(one.time(0.5)));
    row("time, 95 of 100 at most", &|one| time(one.time(0.95)));
    table
}

fn chart(report: &Report) -> BarChart {
    let nothing = report.nothing();
    let mut chart = BarChart::new("What is left of the bill");
    for (name, outcome) in &report.columns {
        let left = 1.0 - outcome.sum().saved(&nothing.sum());
        chart = chart.bar(
            *name,
            left,
            format!("{} ({})", cents(outcome), percent(left)),
        );
    }
    chart
}

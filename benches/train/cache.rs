//! Trains the guard of the semantic cache and measures it.
//!
//! `cargo run --release --example tune_cache` prints the curves; with `-- --write` it also writes the weights that the crate
//! compiles in. `--features semantic` adds the sentence embeddings. The same data give the same weights, to the last digit.
//!
//! Everything is learned from `data/tune.tsv`: weights by logistic regression, thresholds by cross-validation over topics, so
//! that each pair is judged by a guard that saw no question of its topic. `data/held_out.tsv`, with other topics, is only
//! measured.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anymodel::{EVIDENCE, Embedder, Letters, Veto, verdict};

const TUNE: &str = include_str!("../../src/cache/semantic/data/tune.tsv");
const HELD_OUT: &str = include_str!("../../src/cache/semantic/data/held_out.tsv");
const WEIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cache/semantic/weights.rs");

/// Of 100 served answers, 1 may be wrong. The threshold is chosen by how sure the model is of pairs that the rules permit, those
/// of one normal form: of these, this share may be wrong. That is stricter, and has to be, since new questions are harder than
/// those trained on.
const WRONG_AT_MOST: f64 = 0.005;
const FOLDS: usize = 10;
/// Keeps weights small: few hundred pairs, so many pieces of evidence.
const RIDGE: f64 = 1.0;
const LANGUAGES: [&str; 2] = ["en", "zh"];
const N: usize = EVIDENCE.len() + 1;

/// Two questions, and what the guard's senses say of them.
struct Pair {
    topic: usize,
    /// Which set it stood in; those that were written without sight of the guard are named, the others have no name.
    set: String,
    language: String,
    kind: String,
    a: String,
    b: String,
    /// `None` when a veto forbids.
    evidence: Option<[f64; N]>,
    /// Content is left over, or held together otherwise: it is learned from, and never served.
    left_over: bool,
    cosine: f64,
}

impl Pair {
    fn same(&self) -> bool {
        self.kind == "paraphrase"
    }
}

/// A pair and how sure a guard is of it.
type Judged<'p> = Vec<(&'p Pair, f64)>;

struct Trained {
    weights: [f64; N],
    threshold: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let has = |option: &str| options.iter().any(|given| given == option);
    let mut file = String::from(
        "//! What the training found: written by `cargo run --release --example tune_cache -- --write`.\n\n\
         use super::guard::Model;\n",
    );
    for (name, embedder, by_words) in embedders()? {
        let tune = read(TUNE, &*embedder, by_words);
        let held_out = read(HELD_OUT, &*embedder, by_words);
        println!(
            "\n# {name}: {} pairs to tune, {} held out",
            tune.len(),
            held_out.len()
        );
        let (mut crossed, mut judged) = (Vec::new(), Vec::new());
        let mut models = Vec::new();
        for language in LANGUAGES {
            let tune: Vec<&Pair> = tune
                .iter()
                .filter(|pair| pair.language == language)
                .collect();
            let by_fold = cross_validate(&tune);
            let threshold = choose(&by_fold);
            let trained = Trained {
                weights: fit(&tune),
                threshold,
            };
            let served = |pair: &Pair, score: f64| {
                if pair.left_over {
                    0.0
                } else {
                    score / threshold
                }
            };
            crossed.extend(
                by_fold
                    .into_iter()
                    .map(|(pair, score)| (pair, served(pair, score))),
            );
            let held_out = held_out.iter().filter(|pair| pair.language == language);
            judged.extend(held_out.map(|pair| (pair, served(pair, score(&trained.weights, pair)))));
            println!("\n{language}: threshold {threshold:.3}");
            for (what, weight) in ["bias"].iter().chain(&EVIDENCE).zip(trained.weights) {
                println!("  {weight:7.2}  {what}");
            }
            models.push(trained);
        }
        if !by_words {
            curve(
                "tune, closeness alone",
                &tune.iter().map(|pair| (pair, pair.cosine)).collect(),
                &[0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98],
            );
            curve(
                "held out, closeness alone",
                &held_out.iter().map(|pair| (pair, pair.cosine)).collect(),
                &[0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98],
            );
        }
        let steps = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0, 1.02, 1.05];
        curve(
            "tune, guard, cross-validated (1 = the threshold)",
            &crossed,
            &steps,
        );
        by_set(&crossed);
        by_kind(&crossed);
        if has("--held-out") || !has("--tune") {
            curve("held out, guard (1 = the threshold)", &judged, &steps);
            by_kind(&judged);
        }
        if has("--show") {
            show(if has("--held-out") { &judged } else { &crossed });
        }
        if name != "MINILM" {
            write_models(&mut file, name, &models)?;
        }
    }
    if has("--write") {
        std::fs::write(WEIGHTS, file)?;
        println!("\nwritten: {WEIGHTS}");
    }
    Ok(())
}

/// Name in the weights' file, embedder, and whether closeness is left out of the evidence.
type Senses = (&'static str, Box<dyn Embedder>, bool);

fn embedders() -> Result<Vec<Senses>, Box<dyn std::error::Error>> {
    #[cfg_attr(not(feature = "semantic"), expect(unused_mut))]
    let mut all: Vec<Senses> = vec![
        ("WORDS", Box::new(Letters), true),
        ("LETTERS", Box::new(Letters), false),
    ];
    #[cfg(feature = "semantic")]
    all.push(("MINILM", Box::new(anymodel::MiniLm::new()?), false));
    Ok(all)
}

fn read(text: &str, embedder: &dyn Embedder, by_words: bool) -> Vec<Pair> {
    let mut topics = BTreeMap::new();
    let mut topic = 0;
    let mut set = String::new();
    let mut pairs = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# topic ") {
            let next = topics.len();
            topic = *topics.entry(name).or_insert(next);
        }
        if let Some(name) = line.strip_prefix("# set ") {
            name.clone_into(&mut set);
        }
        let columns: Vec<&str> = line.split('\t').collect();
        let [language, kind, a, b] = columns[..] else {
            continue;
        };
        let verdict = verdict(embedder, a, b);
        let mut evidence = [1.0; N];
        evidence[1..].copy_from_slice(&verdict.evidence.map(f64::from));
        if by_words {
            evidence[1] = 0.0;
        }
        let cosine = embedder
            .embed(a)
            .iter()
            .zip(embedder.embed(b))
            .map(|(x, y)| f64::from(x * y))
            .sum();
        pairs.push(Pair {
            topic,
            set: set.clone(),
            language: language.into(),
            kind: kind.into(),
            a: a.into(),
            b: b.into(),
            evidence: matches!(verdict.veto, None | Some(Veto::Content | Veto::Frame))
                .then_some(evidence),
            left_over: verdict.veto.is_some(),
            cosine,
        });
    }
    pairs
}

fn score(weights: &[f64; N], pair: &Pair) -> f64 {
    pair.evidence
        .as_ref()
        .map_or(0.0, |evidence| likelihood(weights, evidence))
}

fn likelihood(weights: &[f64; N], evidence: &[f64; N]) -> f64 {
    let sum: f64 = weights
        .iter()
        .zip(evidence)
        .map(|(weight, value)| weight * value)
        .sum();
    1.0 / (1.0 + (-sum).exp())
}

/// Each pair judged by what was learned from the other topics.
fn cross_validate<'p>(pairs: &[&'p Pair]) -> Judged<'p> {
    let mut judged = Vec::with_capacity(pairs.len());
    for fold in 0..FOLDS {
        let (test, train): (Vec<&Pair>, Vec<&Pair>) =
            pairs.iter().partition(|pair| pair.topic % FOLDS == fold);
        let weights = fit(&train);
        judged.extend(test.into_iter().map(|pair| (pair, score(&weights, pair))));
    }
    judged
}

/// The lowest threshold from which on, at every higher one too, few enough of the served answers are wrong.
fn choose(judged: &Judged) -> f64 {
    let mut by_score: Vec<(f64, bool)> = judged
        .iter()
        .filter(|(pair, _)| !pair.left_over)
        .map(|(pair, score)| (*score, pair.same()))
        .collect();
    by_score.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut wrong, mut best) = (0, 1.0);
    for (served, (score, same)) in by_score.iter().enumerate() {
        wrong += usize::from(!same);
        if wrong as f64 <= WRONG_AT_MOST * (served + 1) as f64 {
            best = *score;
        }
    }
    best
}

/// Logistic regression with a ridge, by Newton's method.
fn fit(pairs: &[&Pair]) -> [f64; N] {
    let rows: Vec<(&[f64; N], f64)> = pairs
        .iter()
        .filter_map(|pair| Some((pair.evidence.as_ref()?, f64::from(u8::from(pair.same())))))
        .collect();
    let mut weights = [0.0; N];
    for _ in 0..50 {
        let mut slope = [0.0; N];
        let mut bend = [[0.0; N]; N];
        for i in 1..N {
            slope[i] -= RIDGE * weights[i];
            bend[i][i] += RIDGE;
        }
        bend[0][0] += 1e-6;
        for (evidence, same) in &rows {
            let p = likelihood(&weights, evidence);
            for i in 0..N {
                slope[i] += (same - p) * evidence[i];
                for j in 0..N {
                    bend[i][j] += p * (1.0 - p) * evidence[i] * evidence[j];
                }
            }
        }
        let step = solve(bend, slope);
        weights
            .iter_mut()
            .zip(step)
            .for_each(|(weight, step)| *weight += step);
        if step.iter().all(|step| step.abs() < 1e-9) {
            break;
        }
    }
    weights
}

/// Solves a system of linear equations by elimination.
fn solve(mut a: [[f64; N]; N], mut b: [f64; N]) -> [f64; N] {
    for i in 0..N {
        let pivot = (i..N)
            .max_by(|x, y| a[*x][i].abs().total_cmp(&a[*y][i].abs()))
            .unwrap_or(i);
        a.swap(i, pivot);
        b.swap(i, pivot);
        for row in i + 1..N {
            let factor = a[row][i] / a[i][i];
            let above = a[i];
            a[row]
                .iter_mut()
                .zip(above)
                .skip(i)
                .for_each(|(x, y)| *x -= factor * y);
            b[row] -= factor * b[i];
        }
    }
    for i in (0..N).rev() {
        let known: f64 = (i + 1..N).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    b
}

/// Hits among the pairs that deserve it, and served, and wrong among the served.
fn rates<'p>(
    judged: impl Iterator<Item = &'p (&'p Pair, f64)>,
    threshold: f64,
) -> (f64, usize, usize) {
    let (mut same, mut hits, mut wrong) = (0, 0, 0);
    for (pair, score) in judged {
        same += usize::from(pair.same());
        if *score >= threshold {
            hits += usize::from(pair.same());
            wrong += usize::from(!pair.same());
        }
    }
    (hits as f64 / same.max(1) as f64, hits + wrong, wrong)
}

fn curve(title: &str, judged: &Judged, steps: &[f64]) {
    println!(
        "\n{title}\n  threshold   all: hits  wrong/served         en: hits  wrong/served         zh: hits  wrong/served"
    );
    for step in steps {
        print!("  {step:9.2}");
        for language in ["", "en", "zh"] {
            let (hits, served, wrong) = rates(
                judged
                    .iter()
                    .filter(|(pair, _)| language.is_empty() || pair.language == language),
                *step,
            );
            let share = 100.0 * wrong as f64 / served.max(1) as f64;
            print!(
                "   {:6.1} %  {wrong:3}/{served:<4} = {share:5.2} %",
                100.0 * hits
            );
        }
        println!();
    }
}

/// The sets that were written without sight of the guard tell what to expect; the others were written along with it.
fn by_set(judged: &Judged) {
    println!("  served at the threshold, by set:");
    let sets: BTreeSet<(&str, &str)> = judged
        .iter()
        .map(|(pair, _)| (pair.set.as_str(), pair.language.as_str()))
        .collect();
    for (set, language) in sets {
        let of_set = judged
            .iter()
            .filter(|(pair, _)| pair.set == set && pair.language == language);
        let (hits, served, wrong) = rates(of_set, 1.0);
        let name = if set.is_empty() { "1 to 8" } else { set };
        println!(
            "    {name:6} {language}  {:5.1} % of the rewordings, {wrong} wrong of {served}",
            100.0 * hits
        );
    }
}

fn by_kind(judged: &Judged) {
    println!("  served at the threshold, by kind:");
    let kinds: BTreeSet<(&str, &str)> = judged
        .iter()
        .map(|(pair, _)| (pair.language.as_str(), pair.kind.as_str()))
        .collect();
    for (language, kind) in kinds {
        let of_kind: Vec<&(&Pair, f64)> = judged
            .iter()
            .filter(|(pair, _)| pair.language == language && pair.kind == kind)
            .collect();
        let served = of_kind.iter().filter(|(_, score)| *score >= 1.0).count();
        println!("    {language} {kind:12} {served:4} of {}", of_kind.len());
    }
}

/// What was judged wrongly, the worst first.
fn show(judged: &Judged) {
    let mut wrong: Judged = judged
        .iter()
        .filter(|(pair, score)| pair.same() != (*score >= 1.0))
        .copied()
        .collect();
    wrong.sort_by(|a, b| {
        (a.0.same(), b.1)
            .partial_cmp(&(b.0.same(), a.1))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    for (pair, score) in wrong {
        println!("{:.2}\t{}\t{}\t{}", score, pair.kind, pair.a, pair.b);
    }
    println!("near misses:");
    for (pair, score) in judged
        .iter()
        .filter(|(pair, score)| !pair.same() && *score > 0.9)
    {
        println!("{:.2}\t{}\t{}\t{}", score, pair.kind, pair.a, pair.b);
    }
}

fn write_models(file: &mut String, name: &str, models: &[Trained]) -> std::fmt::Result {
    writeln!(file, "\npub(super) const {name}: [Model; 2] = [")?;
    for model in models {
        let weights: Vec<String> = model.weights[1..]
            .iter()
            .map(|weight| format!("{weight:.4}"))
            .collect();
        writeln!(file, "    Model {{")?;
        writeln!(file, "        bias: {:.4},", model.weights[0])?;
        writeln!(file, "        weights: [{}],", weights.join(", "))?;
        writeln!(file, "        threshold: {:.4},", model.threshold)?;
        writeln!(file, "    }},")?;
    }
    writeln!(file, "];")
}

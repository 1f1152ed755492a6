//! Task routers: choose a model by the kind of the question, or by its difficulty.

use super::{Router, RoutingContext, RoutingDecision};
use crate::task::{self, Difficulty, Kind};

/// Builder of a router by kind of question. [`otherwise`](Self::otherwise) makes the router.
#[derive(Clone, Debug)]
#[must_use = "say who answers everything else: .otherwise(model)"]
pub struct ByKind {
    models: Vec<(Kind, String)>,
}

impl Router {
    /// A router that sends each question to the model for its kind. The kind, of an English or Chinese question, is found
    /// here, without a request to a model; see [`task`]. [`otherwise`](ByKind::otherwise) names the model for all other
    /// kinds, and for questions whose kind is a guess.
    ///
    /// ```
    /// use anymodel::Router;
    /// use anymodel::task::Kind;
    ///
    /// let router = Router::by_kind([
    ///     (Kind::Programming, "qwen/qwen-2.5-coder-32b-instruct"),
    ///     (Kind::Mathematics, "deepseek/deepseek-r1"),
    /// ])
    /// .otherwise("openai/gpt-4o-mini");
    ///
    /// let route = router.explain("用 Python 写一个快速排序函数")?;
    /// assert_eq!(route.models[0], "qwen/qwen-2.5-coder-32b-instruct");
    /// println!("{}", route.because); // looks like programming (0.99): “函数”, “Python”, …
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    pub fn by_kind<S: Into<String>>(models: impl IntoIterator<Item = (Kind, S)>) -> ByKind {
        let models = models.into_iter().map(|(kind, model)| {
            let model: String = model.into();
            (kind, model.trim().to_owned())
        });
        ByKind {
            models: models.collect(),
        }
    }

    /// A router that sends simple questions to the cheap model and hard ones to the strong one. A question that may be hard
    /// goes to the strong model. Each is the other's fallback.
    ///
    /// ```
    /// use anymodel::Router;
    ///
    /// const CHEAP: &str = "openai/gpt-4o-mini";
    /// const STRONG: &str = "deepseek/deepseek-r1";
    ///
    /// let router = Router::by_difficulty(CHEAP, STRONG);
    /// assert_eq!(router.explain("What is the capital of France?")?.models[0], CHEAP);
    /// let question = "Prove that there are infinitely many primes of the form 6k - 1.";
    /// assert_eq!(router.explain(question)?.models[0], STRONG);
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    pub fn by_difficulty(cheap: impl Into<String>, strong: impl Into<String>) -> Router {
        let [cheap, strong] = [cheap.into(), strong.into()].map(|model| model.trim().to_owned());
        let models = [cheap.clone(), strong.clone()];
        Router::new(models)
            .choose_by(move |ask: &RoutingContext<'_>| {
                let task = task::classify(ask.question);
                let model = match task.difficulty {
                    Difficulty::Simple => &cheap,
                    Difficulty::Hard => &strong,
                };
                RoutingDecision::of(model.as_str()).reason(task.difficulty_because)
            })
            .called("by difficulty")
    }
}

impl ByKind {
    /// The model for all other kinds, and for questions whose kind is a guess. It is also the fallback of a chosen model.
    pub fn otherwise(self, model: impl Into<String>) -> Router {
        let rest: String = model.into();
        let rest = rest.trim().to_owned();
        let named = self.models;
        let all = named.iter().map(|(_, model)| model.clone());
        Router::new(all.chain([rest.clone()]))
            .choose_by(move |ask: &RoutingContext<'_>| {
                let task = task::classify(ask.question);
                let own = named
                    .iter()
                    .find(|(kind, _)| *kind == task.kind && !task.unsure);
                match own {
                    Some((_, model)) => RoutingDecision::of(model.as_str()).then(rest.as_str()),
                    None => RoutingDecision::of(rest.as_str()),
                }
                .reason(task.because)
            })
            .called("by kind")
    }
}

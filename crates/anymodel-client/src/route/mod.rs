//! Routers: choose a model for each question by a strategy.
//!
//! A router is a target that decides anew for each question. Its strategy gives an order of models: the first is asked, and
//! the next ones are its fallbacks. The router learns from the outcome of each request, so that its next choice is better.
//!
//! - this file: [`Router`]
//! - [`select`]: one choice, for a call or for people to read
//! - [`strategy`]: the strategies that use only the statistics of the models
//! - [`routing_context`]: input and output of a strategy that the caller defines
//! - `by_task`: by kind of question and by difficulty (feature `classify`)
//! - [`model_stats`]: the statistics of each model; one lock, taken for a few hundred nanoseconds
//! - [`load_tracker`]: counts the calls in flight at each model
//! - [`statistics`]: the same for people to read; [`table`]: as a table

#[cfg(feature = "classify")]
mod by_task;
mod load_tracker;
mod model_stats;
mod routing_context;
mod select;
mod statistics;
mod strategy;
mod table;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "classify")]
pub use by_task::ByKind;
pub(crate) use load_tracker::{LoadPermit, RouteObserver};
use model_stats::ModelStats;
pub use routing_context::{RoutingContext, RoutingDecision};
pub use select::Route;
pub use statistics::{RouteStatistics, RouterStatistics};
use strategy::Strategy;

/// The default number of fallbacks.
const FALLBACKS: usize = 3;

/// Router: a target of many models; a strategy chooses one for each question.
///
/// Clones share what they learn. No strategy asks a model whose circuit is open
/// ([`ClientBuilder::circuit_breaker`](crate::ClientBuilder::circuit_breaker)). When the circuit closes, the model gets its
/// share again. When the chosen model fails, up to three others follow in the same call.
///
/// ```
/// use anymodel::prelude::*;
/// use anymodel::Router;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
/// let router = Router::new(["openai/gpt-4o-mini", "anthropic/claude-haiku-4.5"]).round_robin();
/// for question in ["What is recursion?", "What is a stack?"] {
///     let reply = client.ask(&router, question).await?;
///     println!("{}: {reply}", reply.model); // one model, then the other
/// }
/// println!("{}", router.statistics());
/// # assert!(router.statistics().models.iter().all(|model| model.successes == 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Router {
    core: Arc<Core>,
}

struct Core {
    models: Arc<[Arc<str>]>,
    strategy: Strategy,
    /// Another name for the strategy, to be shown to people.
    called: Option<&'static str>,
    fallbacks: usize,
    memory: Arc<Mutex<ModelStats>>,
}

impl Router {
    /// A router over these models, each on its platform: `zenmux::openai/gpt-4o-mini`. Its strategy is
    /// [`failover`](Self::failover) until another is set.
    pub fn new<S: Into<String>>(models: impl IntoIterator<Item = S>) -> Self {
        let mut names: Vec<Arc<str>> = Vec::new();
        for model in models {
            let model: String = model.into();
            if !names.iter().any(|known| **known == *model.trim()) {
                names.push(model.trim().into());
            }
        }
        let models: Arc<[Arc<str>]> = names.into();
        Router {
            core: Arc::new(Core {
                memory: Arc::new(Mutex::new(ModelStats::new(&models))),
                models,
                strategy: Strategy::Failover,
                called: None,
                fallbacks: FALLBACKS,
            }),
        }
    }

    /// Round robin: one model after the other. The turns of a model that is left alone are shared by all others.
    pub fn round_robin(self) -> Self {
        self.with(Strategy::RoundRobin)
    }

    /// Any model, at random.
    pub fn random(self) -> Self {
        self.with(Strategy::Random(None))
    }

    /// At random, with these weights: one number for each model, in the order in which they were named. 3 and 1 are three
    /// questions of four for the first.
    ///
    /// ```
    /// use anymodel::Router;
    ///
    /// let router = Router::new(["openai/gpt-4o-mini", "openai/gpt-4o"]).random().weights([3, 1]);
    /// ```
    pub fn weights<W: Into<f64>>(self, weights: impl IntoIterator<Item = W>) -> Self {
        let weights: Arc<[f64]> = weights.into_iter().map(Into::into).collect();
        self.with(Strategy::Random(Some(weights)))
    }

    /// The least used model so far, calls in flight included. A model that was left alone for a while joins in at the count
    /// of the others: it does not catch up.
    pub fn least_used(self) -> Self {
        self.with(Strategy::LeastUsed)
    }

    /// The model that answered fastest of late, in seconds for one success. Each is measured once; later one choice of
    /// twenty measures again the model that was not asked for longest.
    pub fn fastest_first(self) -> Self {
        self.with(Strategy::FastestFirst)
    }

    /// The first model; the others only when it fails, or is left alone.
    pub fn failover(self) -> Self {
        self.with(Strategy::Failover)
    }

    /// A strategy that the caller defines: a function from the question and the statistics of the models to the model to
    /// ask.
    ///
    /// It returns a model's name, its index among the models, or a [`RoutingDecision`], which can give a reason too. The
    /// other models follow it in the order in which they were named. It is called for each question, so it should be quick.
    ///
    /// ```
    /// use anymodel::{RoutingContext, RoutingDecision, Router};
    ///
    /// const QUICK: &str = "openai/gpt-4o-mini";
    /// const LONG: &str = "google/gemini-2.5-flash";
    ///
    /// let router = Router::new([QUICK, LONG]).choose_by(|ask: &RoutingContext| {
    ///     match ask.question.chars().count() {
    ///         0..200 => RoutingDecision::of(QUICK).reason("the question is short"),
    ///         _ => RoutingDecision::of(LONG).reason("the question is long"),
    ///     }
    /// });
    /// let route = router.explain("What is recursion?")?;
    /// assert_eq!(route.because, "the question is short");
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    pub fn choose_by<P: Into<RoutingDecision>>(
        self,
        strategy: impl Fn(&RoutingContext<'_>) -> P + Send + Sync + 'static,
    ) -> Self {
        let strategy = move |ask: &RoutingContext<'_>| strategy(ask).into();
        self.with(Strategy::Own(Arc::new(strategy)))
    }

    /// The most fallbacks in one call, when the first model fails. The default is 3; 0 means none.
    pub fn fallbacks(self, most: usize) -> Self {
        Router {
            core: Arc::new(Core {
                fallbacks: most,
                ..self.core.copy()
            }),
        }
    }

    /// Another name for its strategy, to be shown to people.
    #[cfg(feature = "classify")]
    pub(crate) fn called(self, word: &'static str) -> Self {
        Router {
            core: Arc::new(Core {
                called: Some(word),
                ..self.core.copy()
            }),
        }
    }

    /// The models, in the order in which they were named.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.core.models.iter().map(|model| &**model)
    }

    /// The strategy in words, such as `round robin`.
    pub fn strategy(&self) -> &'static str {
        self.core.called.unwrap_or(self.core.strategy.in_words())
    }

    /// Statistics of the models: a copy of what was learned so far. It displays as a table.
    pub fn statistics(&self) -> RouterStatistics {
        RouterStatistics {
            strategy: self.strategy(),
            models: self.memory().statistics(),
        }
    }

    fn with(self, strategy: Strategy) -> Self {
        Router {
            core: Arc::new(Core {
                strategy,
                called: None,
                ..self.core.copy()
            }),
        }
    }

    fn memory(&self) -> MutexGuard<'_, ModelStats> {
        lock(&self.core.memory)
    }
}

impl Core {
    /// The same models with the same statistics.
    fn copy(&self) -> Core {
        Core {
            models: Arc::clone(&self.models),
            strategy: self.strategy.clone(),
            called: self.called,
            fallbacks: self.fallbacks,
            memory: Arc::clone(&self.memory),
        }
    }
}

/// Locks the statistics. They are plain counters, sound even when a thread panicked while it held the lock.
fn lock(memory: &Mutex<ModelStats>) -> MutexGuard<'_, ModelStats> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("strategy", &self.strategy())
            .field("models", &self.core.models)
            .finish_non_exhaustive()
    }
}

/// Two routers are equal when they share their models, strategy and statistics.
impl PartialEq for Router {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.core, &other.core)
    }
}

impl Eq for Router {}

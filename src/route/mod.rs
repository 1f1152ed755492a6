//! Routers: who of many models is asked.
//!
//! A router is a target that decides anew for each question. Its strategy names an order: the first of it is asked, and the
//! next ones when that one fails. What became of each request it learns by itself, so the next choice is a better one.
//!
//! - this file: [`Router`]
//! - [`select`]: one choice, for a call or for people to read
//! - [`strategy`]: the strategies that need to know nothing but how the models fare
//! - [`routing_context`]: what a strategy of the caller's own is told, and what it says
//! - `by_task`: by kind of question and by difficulty (feature `classify`)
//! - [`model_stats`]: what is learnt of each model; one lock, held for a few hundred nanoseconds
//! - [`load_tracker`]: the place of one call, from the choice to the answer
//! - [`statistics`]: the same for people to read

#[cfg(feature = "classify")]
mod by_task;
mod load_tracker;
mod model_stats;
mod routing_context;
mod select;
mod statistics;
mod strategy;

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

/// So many models may follow the first one, when it fails.
const FALLBACKS: usize = 3;

/// Many models, one target: a strategy says who is asked.
///
/// Clones share what they learn. No strategy asks a model whose circuit is open
/// ([`ClientBuilder::circuit_breaker`](crate::ClientBuilder::circuit_breaker)), and none forgets it: when it is well again, it
/// gets its share. When the model that was chosen fails, up to three others follow in the same call.
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
    /// Another word for the strategy, to be shown to people.
    called: Option<&'static str>,
    fallbacks: usize,
    memory: Arc<Mutex<ModelStats>>,
}

impl Router {
    /// A router over these models, each on its platform: `zenmux::openai/gpt-4o-mini`. Until a strategy is named it is
    /// [`failover`](Self::failover).
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

    /// One model after the other. A model that is left alone for a while does not burden its neighbour: its turns go round.
    pub fn round_robin(self) -> Self {
        self.with(Strategy::RoundRobin)
    }

    /// Any model, by lot.
    pub fn random(self) -> Self {
        self.with(Strategy::Random(None))
    }

    /// By lot, with these chances: one number for each model, in the order in which they were named. 3 and 1 are three
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

    /// The model that was asked least so far, what is under way included. One that was left alone for a while joins in
    /// where the others are: it need not catch up.
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

    /// A strategy of your own: a function from the question, and from how the models fare, to the model to ask.
    ///
    /// It returns a model's name, its place among the models, or a [`RoutingDecision`], which can give a reason too. The other models
    /// follow it in the order in which they were named. It is called for each question, so it should be quick.
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

    /// How many models may follow the first one in the same call, when it fails. The default is 3; 0 means none.
    pub fn fallbacks(self, most: usize) -> Self {
        Router {
            core: Arc::new(Core {
                fallbacks: most,
                ..self.core.copy()
            }),
        }
    }

    /// Another word for its strategy, to be shown to people.
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

    /// How the models fare: a copy of what was learnt so far. It displays as a table.
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
    /// The same models with the same memory.
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

/// Plain counters, sound even when a thread died while it held them.
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

/// Two routers are the same when they share their models, strategy and memory.
impl PartialEq for Router {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.core, &other.core)
    }
}

impl Eq for Router {}

//! Model lists, and the source of their facts.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Day, Model, catalogue, listing, nearest};
use anymodel_types::{Error, ErrorKind, Result, words};

/// The source of facts about models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListOrigin {
    /// The platform, in a request just now.
    Live,
    /// A list that was kept on disk after an earlier request.
    Kept,
    /// The built-in file.
    BuiltIn,
    /// The sandbox, which repeats the built-in file.
    Simulated,
    /// A text from the caller.
    Read,
}

impl ListOrigin {
    /// Its name, one word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            ListOrigin::Live => "live",
            ListOrigin::Kept => "kept",
            ListOrigin::BuiltIn => "built in",
            ListOrigin::Simulated => "simulated",
            ListOrigin::Read => "read",
        }
    }
}

impl fmt::Display for ListOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A list of models with prices, context, capabilities and expiry.
///
/// It comes from `Client::models`, or from the built-in file. Each filter returns a shorter list,
/// which keeps the source of its facts.
///
/// ```
/// use anymodel::model::{Capability, Models};
///
/// let models = Models::built_in();
/// let free = models.free().that_can(Capability::Tools).with_context(100_000);
/// for model in &free {
///     println!("{}: {:?} tokens", model.id, model.context_length);
/// }
/// assert!(free.len() > 2 && free.len() < models.len());
/// println!("{}", models.provenance()); // built in, as of 2026-02-20
/// ```
#[derive(Clone, Debug)]
#[must_use = "a filter gives other models and leaves these as they are"]
pub struct Models {
    pub(super) list: Vec<Arc<Model>>,
    origin: ListOrigin,
    platform: String,
    /// The time of the facts.
    as_of: SystemTime,
    /// The day for expiry: it decides which models have expired.
    today: Day,
    note: Option<String>,
}

impl Models {
    /// The models of the built-in file.
    pub fn built_in() -> Self {
        let list = catalogue().models().cloned().map(Arc::new).collect();
        let as_of = Day::read(catalogue().as_of()).map_or(SystemTime::UNIX_EPOCH, Day::begins);
        Models {
            list,
            origin: ListOrigin::BuiltIn,
            platform: "openrouter".to_owned(),
            as_of,
            today: Day::at(SystemTime::now()),
            note: None,
        }
    }

    /// Parses a platform's list from its JSON, in any known format: OpenRouter's, ZenMux's, OpenAI's, Anthropic's, Google's.
    ///
    /// A field of the wrong type counts as absent. A missing price means unknown, not free.
    ///
    /// ```
    /// use anymodel::model::Models;
    ///
    /// let models = Models::read(
    ///     r#"{"data": [{"id": "contoso/swift-1", "context_length": 131072,
    ///         "pricing": {"prompt": "0.0000005", "completion": "0.0000022"}}]}"#,
    /// )?;
    /// let swift = models.get("contoso/swift-1").unwrap();
    /// assert_eq!(swift.pricing.cost(1_000_000, 0).to_string(), "0.5");
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadReply`] when the text is no list, or no row has a name.
    pub fn read(json: &str) -> Result<Self> {
        let list = listing::page(json).map(|page| page.models);
        let list = list.filter(|list| !list.is_empty()).ok_or_else(|| {
            Error::new(
                ErrorKind::BadReply,
                words::model_lists().this_is_no_list_of_models(),
            )
            .with_hint(words::model_lists().list_of_models_is_json())
        })?;
        Ok(Models::of(list, ListOrigin::Read, "", SystemTime::now()))
    }

    /// Models in this order, of one platform, as they were known at this time. They count as expired by today's date.
    pub fn of(list: Vec<Model>, origin: ListOrigin, platform: &str, as_of: SystemTime) -> Self {
        Models {
            list: list.into_iter().map(Arc::new).collect(),
            origin,
            platform: platform.to_owned(),
            as_of,
            today: Day::at(SystemTime::now()),
            note: None,
        }
    }

    /// The same list, with a note on its source that its [`provenance`](Self::provenance) ends with.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The same list, with another source.
    pub fn with_origin(mut self, origin: ListOrigin) -> Self {
        self.origin = origin;
        self
    }

    /// The source of the facts.
    pub fn origin(&self) -> ListOrigin {
        self.origin
    }

    /// The platform of the models; empty when it is not known.
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// The time of the facts.
    pub fn as_of(&self) -> SystemTime {
        self.as_of
    }

    /// How old the facts are.
    pub fn age(&self) -> Duration {
        SystemTime::now()
            .duration_since(self.as_of)
            .unwrap_or_default()
    }

    /// The error that prevented newer facts.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The source and age of the facts, in words.
    pub fn provenance(&self) -> String {
        let day = Day::at(self.as_of);
        let platform = &self.platform;
        let told = match self.origin {
            ListOrigin::Live => words::model_lists().live_from(&platform, &day),
            ListOrigin::Kept => words::model_lists().from_kept(&platform, &ago(self.age())),
            ListOrigin::BuiltIn => words::model_lists().built_in(&day),
            ListOrigin::Simulated => {
                words::model_lists().sandbox_from_the_built_in_list(&catalogue().as_of())
            }
            ListOrigin::Read => words::model_lists().as_read().to_owned(),
        };
        match &self.note {
            Some(note) => format!("{told}; {note}"),
            None => told,
        }
    }

    /// The same list on another day: the day decides which models have expired.
    pub fn on(mut self, day: Day) -> Self {
        self.today = day;
        self
    }

    /// The day for expiry: today, unless [`on`](Self::on) set another one.
    pub fn today(&self) -> Day {
        self.today
    }

    /// The number of models.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All models, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Model> {
        self.list.iter().map(|model| &**model)
    }

    /// The model of this name: by its id, its dated name, or another name in the built-in catalogue.
    pub fn get(&self, name: &str) -> Option<&Model> {
        let named = |name: &str| {
            let is = |own: &str| own.eq_ignore_ascii_case(name);
            let mut all = self.iter();
            all.find(|model| is(&model.id))
                .or_else(|| self.iter().find(|model| is(&model.canonical_slug)))
        };
        let name = name.trim();
        named(name).or_else(|| named(&catalogue().find(name)?.model.id))
    }

    /// The `n` ids closest to a name that was not found, best first: for "did you mean".
    pub fn nearest(&self, name: &str, n: usize) -> Vec<&str> {
        nearest(name, n, self.iter().map(|model| model.id.as_str()))
    }

    /// Another list from the same source.
    pub(super) fn with_list(&self, list: Vec<Arc<Model>>) -> Self {
        Models {
            list,
            origin: self.origin,
            platform: self.platform.clone(),
            as_of: self.as_of,
            today: self.today,
            note: self.note.clone(),
        }
    }
}

impl<'a> IntoIterator for &'a Models {
    type Item = &'a Model;
    type IntoIter =
        std::iter::Map<std::slice::Iter<'a, Arc<Model>>, fn(&'a Arc<Model>) -> &'a Model>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter().map(|model| model)
    }
}

impl Model {
    /// The day of its retirement, when the platform names one.
    pub fn ends(&self) -> Option<Day> {
        self.expiration_date.as_deref().and_then(Day::read)
    }

    /// Whether it has been retired.
    pub fn is_retired(&self, today: Day) -> bool {
        self.ends().is_some_and(|end| end <= today)
    }
}

/// A span of time in one unit: `3 days`, `5 hours`.
fn ago(age: Duration) -> String {
    let words = words::model_lists();
    match age.as_secs() {
        0..60 => words.less_than_a_minute().to_owned(),
        60..120 => words.one_minute().to_owned(),
        seconds @ 120..3600 => words.minutes(&(seconds / 60)),
        3600..7200 => words.one_hour().to_owned(),
        seconds @ 7200..86_400 => words.hours(&(seconds / 3600)),
        86_400..172_800 => words.one_day().to_owned(),
        seconds => words.days(&(seconds / 86_400)),
    }
}

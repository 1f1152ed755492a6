//! Tools: Rust closures that a model may call, with the JSON schema of their arguments.

use std::any::Any;
use std::fmt;
use std::fmt::Display;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Chat, json_extract, schema};
use anymodel_types::ToolSpec;

/// The most rounds of tool calls before a model has to answer.
pub(super) const MAX_ROUNDS: u32 = 8;

impl Chat {
    /// Adds a function that the model may call: its name, what it does and when to call it, and the function itself, which
    /// takes a type that derives `Deserialize` and `JsonSchema`. Doc comments on the fields are sent to the model.
    ///
    /// [`send`](Self::send) then runs the tool loop: it runs the functions that the model calls, several calls of one round
    /// at once, sends it the results, and goes on until it answers. [`anymodel_types::Reply::tool_runs`] lists them. Errors are sent
    /// to the model, too: a function's error or panic, arguments that do not fit, a name that does not exist.
    ///
    /// Each call that a model makes is run at most once. Repairs of a [typed answer](Self::json), retries and the next model
    /// of a chain go on from the conversation with the results in it. When the call fails in the end,
    /// [`Error::tool_runs`](anymodel_types::Error::tool_runs) lists the functions that were run by then, and
    /// [`Error::messages`](anymodel_types::Error::messages) is the conversation to go on from. The same call made anew runs its
    /// functions anew. A function that the model calls twice is run twice.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Place {
    ///     city: String,
    /// }
    ///
    /// async fn weather(place: Place) -> Result<String, String> {
    ///     Ok(format!("12 degrees and rain in {}", place.city))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
    /// let reply = client
    ///     .chat("openai/gpt-4o-mini")
    ///     .user("What is the weather in Oslo?")
    ///     .tool("get_weather", "The weather of a city now.", weather)
    ///     .send()
    ///     .await?;
    /// println!("{}", reply.tool_runs[0]); // get_weather({"city":"Oslo"}) -> 12 degrees and rain in Oslo
    /// println!("{reply}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn tool<A, F, W>(
        mut self,
        name: impl Into<String>,
        description: impl Into<String>,
        function: F,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema,
        F: Fn(A) -> W + Send + Sync + 'static,
        W: Future<Output: ToolResult> + Send + 'static,
    {
        let function = RegisteredTool::new(name.into(), description.into(), function);
        self.request.tools.push(function.spec());
        self.functions.push(function);
        self
    }

    /// The most rounds of tool calls before a model has to answer. The default is 8. Each round costs a request;
    /// [`deadline`](Self::deadline) limits them all together, the functions' own time included.
    pub fn max_rounds(mut self, rounds: u32) -> Self {
        self.max_rounds = rounds;
        self
    }
}

/// The result of a tool: what a function of the caller may return, and the text that the model reads of it.
///
/// `Ok` of any value that serialises, or the text of an error: a model that reads the error often finds another way. A
/// text is sent as it is, everything else as JSON.
pub trait ToolResult {
    /// The text for the model; `Err` for an error.
    ///
    /// # Errors
    /// The function's own error, in words.
    fn tell(self) -> Result<String, String>;
}

impl<T: Serialize, E: Display> ToolResult for Result<T, E> {
    fn tell(self) -> Result<String, String> {
        let value = self.map_err(|error| error.to_string())?;
        match serde_json::to_value(value) {
            Ok(value) => value.tell(),
            Err(error) => Err(format!("the result cannot be written as JSON: {error}")),
        }
    }
}

impl ToolResult for String {
    fn tell(self) -> Result<String, String> {
        Ok(self)
    }
}

impl ToolResult for &str {
    fn tell(self) -> Result<String, String> {
        Ok(self.to_owned())
    }
}

impl ToolResult for Value {
    fn tell(self) -> Result<String, String> {
        Ok(match self {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }
}

/// The outcome of one call of a function.
pub(super) enum ToolOutcome {
    /// It ran: its result or its own error.
    Told(Result<String, String>),
    /// It could not be run: what is wrong with the arguments.
    BadArguments(String),
}

type Run = dyn Fn(&str) -> BoxFuture<'static, ToolOutcome> + Send + Sync;

/// A registered tool: its description for the model, and the function to run.
#[derive(Clone)]
pub(super) struct RegisteredTool {
    pub name: String,
    description: String,
    /// The schema of the arguments. It is null when they are not an object with named fields; a request with it is refused.
    parameters: Value,
    run: Arc<Run>,
}

impl RegisteredTool {
    pub fn new<A, F, W>(name: String, description: String, function: F) -> Self
    where
        A: DeserializeOwned + JsonSchema,
        F: Fn(A) -> W + Send + Sync + 'static,
        W: Future<Output: ToolResult> + Send + 'static,
    {
        let run = move |arguments: &str| -> BoxFuture<'static, ToolOutcome> {
            // A function without arguments is often called with an empty text.
            let arguments = match arguments.trim() {
                "" => "{}",
                some => some,
            };
            match json_extract::typed::<A>(arguments) {
                Ok(arguments) => {
                    let work = function(arguments);
                    Box::pin(async move { ToolOutcome::Told(work.await.tell()) })
                }
                Err(misfit) => Box::pin(std::future::ready(ToolOutcome::BadArguments(misfit))),
            }
        };
        RegisteredTool {
            name,
            description,
            parameters: schema::of_arguments::<A>().unwrap_or_default(),
            run: Arc::new(run),
        }
    }

    /// The description for the model.
    pub fn spec(&self) -> ToolSpec {
        ToolSpec::new(&self.name, &self.description, self.parameters.clone())
    }

    /// Runs it. A panic becomes an error: other calls of the round go on, and the model may find another way.
    pub async fn run(&self, arguments: &str) -> ToolOutcome {
        let running = AssertUnwindSafe(async { (self.run)(arguments).await });
        let ran = running.catch_unwind().await;
        ran.unwrap_or_else(|panic| ToolOutcome::Told(Err(words_of(&*panic))))
    }
}

/// The message of a panic.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    match text.or_else(|| panic.downcast_ref::<&str>().copied()) {
        Some(said) => format!("it panicked: {said}"),
        None => "it panicked".to_owned(),
    }
}

impl fmt::Debug for RegisteredTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RegisteredTool").field(&self.name).finish()
    }
}

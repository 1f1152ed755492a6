//! English, and with it the list of all texts.

mod answers;
mod budgets;
mod bypass_reasons;
mod cache;
mod calls;
mod capabilities;
mod capability_names;
mod columns;
mod comparisons;
mod connections;
mod credentials;
mod failures;
mod files;
mod health;
mod ledgers;
mod model_lists;
mod model_tables;
mod platform_specs;
mod platform_tables;
mod platforms;
mod recommendations;
mod replies;
mod requests;
mod routes;
mod settings;
mod settings_files;
mod spending;
mod targets;
mod tasks;
mod tools;
mod trail;
mod typed_answers;

pub use answers::AnswersWords;
pub use budgets::BudgetsWords;
pub use bypass_reasons::BypassReasonsWords;
pub use cache::CacheWords;
pub use calls::CallsWords;
pub use capabilities::CapabilitiesWords;
pub use capability_names::CapabilityNamesWords;
pub use columns::ColumnsWords;
pub use comparisons::ComparisonsWords;
pub use connections::ConnectionsWords;
pub use credentials::CredentialsWords;
pub use failures::FailuresWords;
pub use files::FilesWords;
pub use health::HealthWords;
pub use ledgers::LedgersWords;
pub use model_lists::ModelListsWords;
pub use model_tables::ModelTablesWords;
pub use platform_specs::PlatformSpecsWords;
pub use platform_tables::PlatformTablesWords;
pub use platforms::PlatformsWords;
pub use recommendations::RecommendationsWords;
pub use replies::RepliesWords;
pub use requests::RequestsWords;
pub use routes::RoutesWords;
pub use settings::SettingsWords;
pub use settings_files::SettingsFilesWords;
pub use spending::SpendingWords;
pub use targets::TargetsWords;
pub use tasks::TasksWords;
pub use tools::ToolsWords;
pub use trail::TrailWords;
pub use typed_answers::TypedAnswersWords;

crate::words::areas! {
    /// Answers that are none, or no whole ones.
    answers: AnswersWords,
    /// Budgets and prices.
    budgets: BudgetsWords,
    /// Why a question is always asked, and its answer never kept.
    bypass_reasons: BypassReasonsWords,
    /// The cache: its table, its reasons, its file.
    cache: CacheWords,
    /// A failed call: what happened, and what to do next.
    calls: CallsWords,
    /// What a platform or a model cannot do, and what to do instead.
    capabilities: CapabilitiesWords,
    /// Names of what some models can do.
    capability_names: CapabilityNamesWords,
    /// Heads of columns, and short words in cells, that several tables share.
    columns: ColumnsWords,
    /// A comparison of models.
    comparisons: ComparisonsWords,
    /// Connections, and what comes over them.
    connections: ConnectionsWords,
    /// Credentials of AWS and Google.
    credentials: CredentialsWords,
    /// Names of the classes of failure.
    failures: FailuresWords,
    /// SQLite files that cannot be used.
    files: FilesWords,
    /// The state of a circuit breaker.
    health: HealthWords,
    /// The ledger on disk.
    ledgers: LedgersWords,
    /// Lists of models and hosts, fetched from a platform.
    model_lists: ModelListsWords,
    /// Tables and charts of models, prices and hosts.
    model_tables: ModelTablesWords,
    /// How the models of each platform are named, and where it differs.
    platform_specs: PlatformSpecsWords,
    /// The table of platforms.
    platform_tables: PlatformTablesWords,
    /// Platforms, their keys and the sandbox: what a client says when it is built.
    platforms: PlatformsWords,
    /// Reasons of a recommendation.
    recommendations: RecommendationsWords,
    /// The line below a reply, and how a cached reply was found.
    replies: RepliesWords,
    /// Requests that cannot be sent as they are.
    requests: RequestsWords,
    /// Routers: the table, the reasons of a strategy, and what is wrong with a router.
    routes: RoutesWords,
    /// Settings: the table, and what is wrong with a value.
    settings: SettingsWords,
    /// The configuration file and `.env`: what cannot be read, and what to write instead.
    settings_files: SettingsFilesWords,
    /// Tables of spending.
    spending: SpendingWords,
    /// Targets that name no model.
    targets: TargetsWords,
    /// What kind of question it is, and how hard.
    tasks: TasksWords,
    /// Calls of tools that led to no answer.
    tools: ToolsWords,
    /// The trail of a call: its table, its reasons for requests that were not made, and how an error shows them.
    trail: TrailWords,
    /// Answers that do not fit the type that was asked for.
    typed_answers: TypedAnswersWords,
}

//! API keys and their usage: authentication, the limits of free models, `/key`, `/credits` and `/generation`.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::error_response::ErrorResponse;
use super::faults::FaultHistory;
use super::host_selection::json_number;
use super::server::ServerState;

/// Free requests a minute and a day, as OpenRouter publishes them for accounts without credits.
const FREE_PER_MINUTE: usize = 20;
const FREE_PER_DAY: u32 = 50;
/// Invented: the spending limit of every key, in US dollars.
const LIMIT: i64 = 20;
/// The number of answers that `/generation` can still find.
const REMEMBERED: usize = 1000;
const DAY: u64 = 86_400;

/// The usage ledger of one sandbox.
#[derive(Debug, Default)]
pub(super) struct UsageLedger {
    answers: u64,
    keys: HashMap<String, AccountUsage>,
    generations: VecDeque<Value>,
    requests: u64,
}

/// The usage of one key.
#[derive(Debug, Default)]
pub(super) struct AccountUsage {
    usage: Decimal,
    free_minute: VecDeque<Instant>,
    free_day: (u64, u32),
    pub faults: HashMap<&'static str, FaultHistory>,
}

impl UsageLedger {
    pub fn account(&mut self, key: &ApiKey) -> &mut AccountUsage {
        self.keys.entry(key.0.clone()).or_default()
    }

    /// A new id, unique in this sandbox.
    pub fn next_id(&mut self) -> String {
        self.answers += 1;
        format!("gen-{}-sandbox{:04}", now().as_secs(), self.answers)
    }

    /// A new request id, for vendors that number their requests.
    pub fn next_request(&mut self) -> String {
        self.requests += 1;
        format!("req_sandbox{:04}", self.requests)
    }

    /// Stores an answer for `/generation` and books its cost.
    pub fn book(&mut self, key: &ApiKey, cost: Decimal, generation: Value) {
        self.account(key).usage += cost;
        if self.generations.len() == REMEMBERED {
            self.generations.pop_front();
        }
        self.generations.push_back(generation);
    }
}

impl AccountUsage {
    /// Counts one request to a free model; an error when it exceeds the limit.
    pub fn count_free(&mut self) -> Result<(), ErrorResponse> {
        let minute = Duration::from_secs(60);
        self.free_minute.retain(|at| at.elapsed() < minute);
        let today = now().as_secs() / DAY;
        if self.free_day.0 != today {
            self.free_day = (today, 0);
        }
        let millis = |at: Duration| at.as_millis().to_string();
        if self.free_day.1 >= FREE_PER_DAY {
            let midnight = Duration::from_secs((today + 1) * DAY);
            return Err(too_many("per-day", FREE_PER_DAY as usize, millis(midnight)));
        }
        if self.free_minute.len() >= FREE_PER_MINUTE {
            let oldest = self
                .free_minute
                .front()
                .map_or(minute, |at| minute.saturating_sub(at.elapsed()));
            return Err(too_many("per-min", FREE_PER_MINUTE, millis(now() + oldest)));
        }
        self.free_day.1 += 1;
        self.free_minute.push_back(Instant::now());
        Ok(())
    }
}

fn too_many(window: &str, limit: usize, reset: String) -> ErrorResponse {
    let message = format!("Rate limit exceeded: free-models-{window}");
    let mut failure = ErrorResponse::new(429, "rate_limit_exceeded", message);
    let limit = limit.to_string();
    failure.metadata.insert(
        "headers".into(),
        json!({ "X-RateLimit-Limit": limit, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset }),
    );
    let until = reset.parse().map(Duration::from_millis).unwrap_or_default();
    failure.wait = Some(until.saturating_sub(now()));
    failure.headers = vec![
        ("x-ratelimit-limit", limit),
        ("x-ratelimit-remaining", "0".into()),
        ("x-ratelimit-reset", reset),
    ];
    failure
}

/// The client's API key. Never printed.
pub(super) struct ApiKey(String);

impl ApiKey {
    /// Whether the key may read the account.
    fn manages(&self) -> bool {
        self.0.starts_with("sk-or-mgmt-")
    }

    /// The key without its middle.
    fn label(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        match letters.len() {
            0..16 => "sk-or-…".to_owned(),
            n => letters[..8]
                .iter()
                .chain("...".chars().collect::<Vec<_>>().iter())
                .chain(&letters[n - 3..])
                .collect(),
        }
    }
}

impl ApiKey {
    /// A key from the request; `None` when it is empty or contains white space.
    pub fn new(key: &str) -> Option<Self> {
        let well_formed = !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic());
        well_formed.then(|| Self(key.to_owned()))
    }

    /// The key in the header `name`.
    pub fn in_header(headers: &HeaderMap, name: &str) -> Option<Self> {
        Self::new(headers.get(name)?.to_str().ok()?)
    }

    /// The key after the word `Bearer`.
    pub fn bearer(headers: &HeaderMap) -> Option<Self> {
        let (scheme, key) = headers
            .get("authorization")?
            .to_str()
            .ok()?
            .split_once(' ')?;
        Self::new(key).filter(|_| scheme.eq_ignore_ascii_case("bearer"))
    }
}

/// The client's key: any key without white space is accepted, a missing one is a 401.
pub(super) fn caller(headers: &HeaderMap) -> Result<ApiKey, ErrorResponse> {
    let refused = |message: &str| ErrorResponse::new(401, "authentication", message);
    if !headers.contains_key("authorization") {
        return Err(refused("Missing Authentication header"));
    }
    ApiKey::bearer(headers).ok_or_else(|| {
        refused("Invalid Authentication header: send \"Authorization: Bearer\" and a key without spaces")
    })
}

pub(super) fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// `GET /key`
pub(super) async fn key(
    State(shared): State<ServerState>,
    headers: HeaderMap,
) -> Result<Response, ErrorResponse> {
    let key = caller(&headers)?;
    let mut ledger = shared.ledger();
    let account = ledger.account(&key);
    let usage = json_number(account.usage);
    let today = now().as_secs() / DAY;
    let used = if account.free_day.0 == today {
        account.free_day.1
    } else {
        0
    };
    let remaining = json_number(Decimal::from(LIMIT) - account.usage);
    Ok(Json(json!({ "data": {
        "label": key.label(),
        "limit": LIMIT, "limit_remaining": remaining, "limit_reset": null, "include_byok_in_limit": false,
        "usage": usage, "usage_daily": usage, "usage_weekly": usage, "usage_monthly": usage,
        "byok_usage": 0, "byok_usage_daily": 0, "byok_usage_weekly": 0, "byok_usage_monthly": 0,
        "is_free_tier": true, "is_management_key": key.manages(), "is_provisioning_key": key.manages(),
        "free_model_daily_requests": { "limit": FREE_PER_DAY, "used": used, "remaining": FREE_PER_DAY - used.min(FREE_PER_DAY) },
        "rate_limit": { "requests": -1, "interval": "10s", "note": "This field is deprecated and says nothing." },
        "budgets": [], "effective_budget": null, "allowed_data_regions": ["global"],
        "creator_user_id": "user_sandbox", "organization_id": null, "workspace_id": null, "expires_at": null,
    }}))
    .into_response())
}

/// `GET /credits`
pub(super) async fn credits(
    State(shared): State<ServerState>,
    headers: HeaderMap,
) -> Result<Response, ErrorResponse> {
    let key = caller(&headers)?;
    if !key.manages() {
        return Err(ErrorResponse::new(
            403,
            "permission_denied",
            "Only management keys can perform this operation",
        ));
    }
    let usage: Decimal = shared
        .ledger()
        .keys
        .values()
        .map(|account| account.usage)
        .sum();
    Ok(
        Json(json!({ "data": { "total_credits": LIMIT, "total_usage": json_number(usage) } }))
            .into_response(),
    )
}

/// `GET /generation?id=…`
pub(super) async fn generation(
    State(shared): State<ServerState>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, ErrorResponse> {
    caller(&headers)?;
    let Some(id) = query.get("id") else {
        return Err(ErrorResponse::invalid(
            "id is missing: /generation?id=gen-…",
        ));
    };
    let ledger = shared.ledger();
    let found = ledger.generations.iter().find(|g| g["id"] == id.as_str());
    match found {
        Some(generation) => Ok(Json(json!({ "data": generation })).into_response()),
        None => Err(ErrorResponse::new(
            404,
            "not_found",
            format!("Generation {id} not found"),
        )),
    }
}

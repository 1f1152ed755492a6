//! Refusals: every error that the gateway answers, with its status, its code and its text in two languages.

use std::time::Duration;

use anymodel_types::{Error, ErrorKind, Language};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::limits::{RateLimit, RateRefusal};
use crate::model::Window;
use crate::money::Usd;
use crate::windows;

/// The protocol whose error shape a caller reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFormat {
    /// `{"error":{"message","type","param","code"}}`
    OpenAi,
    /// `{"type":"error","error":{"type","message"},"request_id"}`
    Anthropic,
}

/// Money that is used up: whose, in which window, and when it comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedUp {
    /// Whether it is the group's money, which all its keys share.
    pub of_group: bool,
    /// The window.
    pub window: Window,
    /// Its limit.
    pub limit: Usd,
    /// What is left of it now.
    pub left: Usd,
    /// When the window begins anew; `None` for the budget of the term.
    pub resets_at: Option<Timestamp>,
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No key, or one that does not count. All of these look alike.
    InvalidKey,
    /// The administrator's token is missing or wrong.
    AdminToken,
    /// The key does not count yet.
    NotYet(Timestamp),
    /// Outside the hours of the key or its group; with the moment at which they begin again.
    OutsideHours(Option<Timestamp>),
    /// The group of the key is paused.
    Paused,
    /// No model that was asked for may be asked with this key; with those that may.
    ModelForbidden(String, Vec<String>),
    /// There is no such model; with names that are near.
    ModelUnknown(String, Vec<String>),
    /// The request is wrong, in this field.
    Invalid(String, Option<String>),
    /// The request is larger than so many megabytes.
    TooLarge(u32),
    /// A model without a price was asked for under a budget.
    PriceUnknown(String),
    /// The money is used up.
    InsufficientQuota(UsedUp),
    /// A limit of requests, tokens or parallel calls.
    RateLimited(RateRefusal),
    /// The provider refused or failed, with this status and message.
    Provider(u16, &'static str, String, Option<Duration>),
    /// The store cannot be used now.
    StoreFailed,
    /// The gateway is about to stop.
    Draining,
    /// There is nothing at this path.
    NotFound(String),
    /// The thing of the admin API with this id is not there.
    NoSuchObject(String),
    /// The path takes no such method.
    WrongMethod,
    /// Another has changed the configuration in between.
    Stale,
    /// Something in the gateway failed.
    Internal,
}

impl Refusal {
    /// The refusal for a call in which no model answered.
    pub fn of_error(error: &Error) -> Refusal {
        let status = error.status();
        let mut text = error.to_string();
        if let Some(hint) = error.hint()
            && !matches!(error.kind(), ErrorKind::KeyRefused | ErrorKind::KeyMissing)
        {
            text = format!("{text}\n{hint}");
        }
        let (status, code) = match error.kind() {
            // Else people would throw a good key away.
            ErrorKind::KeyMissing
            | ErrorKind::KeyMalformed
            | ErrorKind::KeyRefused
            | ErrorKind::Forbidden => (502, "provider_auth"),
            ErrorKind::PaymentRequired => (502, "provider_payment"),
            ErrorKind::ModelNotFound => (404, "model_not_found"),
            ErrorKind::InvalidRequest => (400, "invalid_request_error"),
            ErrorKind::ContextTooLong => (400, "context_length_exceeded"),
            ErrorKind::ContentRefused => (400, "content_filter"),
            ErrorKind::RateLimited => (429, "provider_rate_limited"),
            ErrorKind::Overloaded => (503, "provider_overloaded"),
            ErrorKind::Timeout => (504, "provider_timeout"),
            ErrorKind::Server => (
                status
                    .filter(|status| (500..600).contains(status))
                    .unwrap_or(502),
                "provider_error",
            ),
            ErrorKind::Network => (502, "provider_unreachable"),
            ErrorKind::BrokenStream | ErrorKind::BadReply => (502, "provider_bad_answer"),
            _ => (502, "provider_error"),
        };
        Refusal::Provider(status, code, text, error.retry_after())
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::InvalidKey | Refusal::AdminToken => 401,
            Refusal::NotYet(_)
            | Refusal::OutsideHours(_)
            | Refusal::Paused
            | Refusal::ModelForbidden(..) => 403,
            Refusal::ModelUnknown(..) | Refusal::NotFound(_) | Refusal::NoSuchObject(_) => 404,
            Refusal::Invalid(..) | Refusal::PriceUnknown(_) => 400,
            Refusal::TooLarge(_) => 413,
            Refusal::InsufficientQuota(_) | Refusal::RateLimited(_) => 429,
            Refusal::Provider(status, ..) => *status,
            Refusal::StoreFailed | Refusal::Draining => 503,
            Refusal::WrongMethod => 405,
            Refusal::Stale => 412,
            Refusal::Internal => 500,
        }
    }

    /// The error's code, which programs read.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::InvalidKey | Refusal::AdminToken => "invalid_api_key",
            Refusal::NotYet(_)
            | Refusal::OutsideHours(_)
            | Refusal::Paused
            | Refusal::ModelForbidden(..) => "permission_denied",
            Refusal::ModelUnknown(..) => "model_not_found",
            Refusal::NotFound(_) | Refusal::NoSuchObject(_) => "not_found",
            Refusal::Invalid(..) => "invalid_request_error",
            Refusal::PriceUnknown(_) => "price_unknown",
            Refusal::TooLarge(_) => "request_too_large",
            Refusal::InsufficientQuota(_) => "insufficient_quota",
            Refusal::RateLimited(_) => "rate_limit_exceeded",
            Refusal::Provider(_, code, ..) => code,
            Refusal::StoreFailed => "store_unavailable",
            Refusal::Draining => "draining",
            Refusal::WrongMethod => "method_not_allowed",
            Refusal::Stale => "stale",
            Refusal::Internal => "internal_error",
        }
    }

    fn openai_type(&self) -> &'static str {
        match self {
            Refusal::InsufficientQuota(_) => "insufficient_quota",
            Refusal::RateLimited(_) => "rate_limit_exceeded",
            _ => match self.status() {
                401 | 403 => "permission_error",
                429 => "rate_limit_exceeded",
                status if status >= 500 => "server_error",
                _ => "invalid_request_error",
            },
        }
    }

    fn anthropic_type(&self) -> &'static str {
        match self.status() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            503 => "overloaded_error",
            status if status >= 500 => "api_error",
            _ => "invalid_request_error",
        }
    }

    fn param(&self) -> Option<&str> {
        match self {
            Refusal::ModelUnknown(..) | Refusal::PriceUnknown(_) => Some("model"),
            Refusal::Invalid(_, param) => param.as_deref(),
            Refusal::Provider(_, "model_not_found", ..) => Some("model"),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Refusal::RateLimited(refusal) => Some(refusal.retry_after),
            Refusal::Provider(_, _, _, wait) => *wait,
            Refusal::StoreFailed => Some(Duration::from_secs(1)),
            Refusal::Draining => Some(Duration::from_secs(5)),
            _ => None,
        }
    }

    /// The text for a person.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Chinese => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Refusal::InvalidKey => "This key does not count here. Check that it was copied whole; else ask whoever gave it to you for a new one.".into(),
            Refusal::AdminToken => "This needs the administrator's token: `Authorization: Bearer adm-…`. The gateway printed it when its database was made.".into(),
            Refusal::NotYet(until) => format!("This key counts from {until} on. Ask your teacher if that is wrong."),
            Refusal::OutsideHours(Some(opens)) => format!("This key does not count at this hour. It does again from {opens}. Ask your teacher if that is wrong."),
            Refusal::OutsideHours(None) => "This key does not count at this hour. Ask your teacher when it does.".into(),
            Refusal::Paused => "Your group is paused. Your teacher can resume it.".into(),
            Refusal::ModelForbidden(model, allowed) => match allowed.is_empty() {
                true => format!("`{model}` may not be asked with this key, and no other model may."),
                false => format!("`{model}` may not be asked with this key. These may: {}.", allowed.join(", ")),
            },
            Refusal::ModelUnknown(model, near) => match near.is_empty() {
                true => format!("There is no model `{model}`. `GET /v1/models` lists those that can be asked."),
                false => format!("There is no model `{model}`. Near to it: {}.", near.join(", ")),
            },
            Refusal::Invalid(message, _) | Refusal::Provider(_, _, message, _) => message.clone(),
            Refusal::TooLarge(limit) => format!("The request is larger than {limit} MB, the limit `max_body_mb` of this gateway."),
            Refusal::PriceUnknown(model) => format!("`{model}` has no known price, and this key has a budget. Ask your teacher to set a price, or choose another model."),
            Refusal::InsufficientQuota(used) => {
                let whose = if used.of_group { "your group's" } else { "your" };
                let when = used.resets_at.map_or_else(|| "It does not come back by itself; your teacher can raise it.".into(), |at| format!("It begins anew at {at}."));
                format!("Not enough is left of {whose} budget for the {}: ${} of ${}, and this call may cost more. {when}", english_window(used.window), used.left, used.limit)
            }
            Refusal::RateLimited(refusal) => match refusal.limit {
                RateLimit::Requests => format!("This gateway lets this key ask {} times a minute. Try again in {:.1} s.", refusal.allowed, refusal.retry_after.as_secs_f64()),
                RateLimit::Tokens => format!("This gateway lets this key use {} tokens a minute. Try again in {:.1} s.", refusal.allowed, refusal.retry_after.as_secs_f64()),
                RateLimit::Parallel => format!("This gateway lets this key have {} calls at the same time. Try again when one of them is over.", refusal.allowed),
            },
            Refusal::StoreFailed => "The gateway's database does not answer. Your key is fine. Try again in a moment.".into(),
            Refusal::Draining => "The gateway is about to stop, and takes no new calls. Try again in a moment.".into(),
            Refusal::NotFound(path) => format!("There is nothing at {path}. Models answer at /v1/chat/completions and /v1/messages; /v1/models lists them."),
            Refusal::NoSuchObject(id) => format!("There is no `{id}`."),
            Refusal::WrongMethod => "This path takes another method.".into(),
            Refusal::Stale => "The configuration was changed by another in between. Read it again, and repeat your change.".into(),
            Refusal::Internal => "Something in the gateway failed. Its log says what; the request id is in the header x-request-id.".into(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Refusal::InvalidKey => {
                "这个密钥在这里无效。请检查是否复制完整；若仍不行，请向发放密钥的人要一个新的。"
                    .into()
            }
            Refusal::AdminToken => {
                "这里需要管理员令牌：`Authorization: Bearer adm-…`。网关在创建数据库时打印过它。"
                    .into()
            }
            Refusal::NotYet(until) => format!("这个密钥从 {until} 起才有效。如有疑问，请问老师。"),
            Refusal::OutsideHours(Some(opens)) => {
                format!("现在不在这个密钥的可用时段内，{opens} 起可以再用。如有疑问，请问老师。")
            }
            Refusal::OutsideHours(None) => {
                "现在不在这个密钥的可用时段内。请问老师什么时候可以用。".into()
            }
            Refusal::Paused => "你所在的小组已暂停，老师可以恢复。".into(),
            Refusal::ModelForbidden(model, allowed) => match allowed.is_empty() {
                true => format!("这个密钥不能使用 `{model}`，也不能使用其他模型。"),
                false => format!(
                    "这个密钥不能使用 `{model}`。可以使用：{}。",
                    allowed.join("、")
                ),
            },
            Refusal::ModelUnknown(model, near) => match near.is_empty() {
                true => format!("没有名为 `{model}` 的模型。`GET /v1/models` 会列出可用的模型。"),
                false => format!(
                    "没有名为 `{model}` 的模型。名字相近的有：{}。",
                    near.join("、")
                ),
            },
            Refusal::Invalid(message, _) | Refusal::Provider(_, _, message, _) => message.clone(),
            Refusal::TooLarge(limit) => {
                format!("请求超过了 {limit} MB，即本网关 `max_body_mb` 的上限。")
            }
            Refusal::PriceUnknown(model) => format!(
                "`{model}` 没有已知的价格，而这个密钥有预算。请老师设定价格，或换一个模型。"
            ),
            Refusal::InsufficientQuota(used) => {
                let whose = if used.of_group { "小组" } else { "你" };
                let when = used.resets_at.map_or_else(
                    || "它不会自动恢复，老师可以调高。".into(),
                    |at| format!("{at} 会重新开始计算。"),
                );
                format!(
                    "{whose}的{}预算不够了：剩余 ${}，上限 ${}，而这次调用可能花费更多。{when}",
                    windows::current(used.window, Language::Chinese),
                    used.left,
                    used.limit
                )
            }
            Refusal::RateLimited(refusal) => match refusal.limit {
                RateLimit::Requests => format!(
                    "本网关限制这个密钥每分钟 {} 次请求。请在 {:.1} 秒后再试。",
                    refusal.allowed,
                    refusal.retry_after.as_secs_f64()
                ),
                RateLimit::Tokens => format!(
                    "本网关限制这个密钥每分钟 {} 个 token。请在 {:.1} 秒后再试。",
                    refusal.allowed,
                    refusal.retry_after.as_secs_f64()
                ),
                RateLimit::Parallel => format!(
                    "本网关限制这个密钥同时进行 {} 个调用。请等其中一个结束后再试。",
                    refusal.allowed
                ),
            },
            Refusal::StoreFailed => "网关的数据库没有响应。你的密钥没有问题，请稍后再试。".into(),
            Refusal::Draining => "网关即将停止，不再接受新的调用。请稍后再试。".into(),
            Refusal::NotFound(path) => format!(
                "{path} 处没有内容。模型在 /v1/chat/completions 和 /v1/messages 应答，/v1/models 会列出它们。"
            ),
            Refusal::NoSuchObject(id) => format!("没有 `{id}`。"),
            Refusal::WrongMethod => "这个路径不接受此方法。".into(),
            Refusal::Stale => "配置在此期间已被他人修改。请重新读取，再做你的修改。".into(),
            Refusal::Internal => {
                "网关内部出错，日志中有原因；请求编号在响应头 x-request-id 中。".into()
            }
        }
    }

    /// The body in a protocol's error format.
    pub fn body(&self, format: ErrorFormat, language: Language, request_id: &str) -> Value {
        let message = self.text(language);
        match format {
            ErrorFormat::OpenAi => json!({ "error": {
                "message": message, "type": self.openai_type(), "param": self.param(), "code": self.code(),
            } }),
            ErrorFormat::Anthropic => json!({
                "type": "error",
                "error": { "type": self.anthropic_type(), "message": message },
                "request_id": request_id,
            }),
        }
    }

    /// The whole response.
    pub fn response(&self, format: ErrorFormat, language: Language, request_id: &str) -> Response {
        let body = self.body(format, language, request_id).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.status()).unwrap_or(StatusCode::BAD_GATEWAY);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(wait) = self.retry_after() {
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
            headers.insert(
                header::RETRY_AFTER,
                HeaderValue::from(millis.div_ceil(1000)),
            );
            headers.insert("retry-after-ms", HeaderValue::from(millis));
        }
        if matches!(self, Refusal::InsufficientQuota(_)) {
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        response
    }
}

fn english_window(window: Window) -> &'static str {
    match window {
        Window::Total => "term",
        window => window.as_str(),
    }
}

/// The language that a caller reads, by the header `accept-language`; English where it says nothing.
pub fn language_of(accept: Option<&str>) -> Language {
    let first = accept
        .unwrap_or_default()
        .split(',')
        .next()
        .unwrap_or_default();
    match first.trim().to_ascii_lowercase().starts_with("zh") {
        true => Language::Chinese,
        false => Language::English,
    }
}

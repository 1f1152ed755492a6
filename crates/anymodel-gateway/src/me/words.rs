//! Texts of the page for the holder of a key, in two languages.

use anymodel_types::Language;

use crate::model::{Call, Outcome};

/// The texts.
pub(super) struct Words {
    pub title: &'static str,
    pub your_key: &'static str,
    pub key_hint: &'static str,
    pub open: &'static str,
    pub sign_out: &'static str,
    pub foreign_form: &'static str,
    pub may_ask: &'static str,
    pub money: &'static str,
    pub no_budget: &'static str,
    pub of_group: &'static str,
    pub group_suffix: &'static str,
    pub left: &'static str,
    pub of: &'static str,
    pub spent: &'static str,
    pub reserved: &'static str,
    pub begins_anew: &'static str,
    pub never_anew: &'static str,
    pub limits: &'static str,
    pub group: &'static str,
    pub models: &'static str,
    pub all_models: &'static str,
    pub no_models: &'static str,
    pub requests: &'static str,
    pub tokens_a_minute: &'static str,
    pub parallel: &'static str,
    pub hours: &'static str,
    pub not_before: &'static str,
    pub expires: &'static str,
    pub zone: &'static str,
    pub calls: &'static str,
    pub no_calls: &'static str,
    pub time: &'static str,
    pub result: &'static str,
    pub model: &'static str,
    pub tokens: &'static str,
    pub cost: &'static str,
}

impl Words {
    /// Those of a language.
    pub const fn of(language: Language) -> &'static Words {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}

const ENGLISH: Words = Words {
    title: "Your key",
    your_key: "Key",
    key_hint: "It begins with am-. This browser keeps it until you sign out or close it.",
    open: "Show my page",
    sign_out: "Sign out",
    foreign_form: "This form came from another site, so nothing was done. Open the page here and try again.",
    may_ask: "Ready: you may ask now",
    money: "Budget",
    no_budget: "Your key has no budget limit.",
    of_group: "shared with your group",
    group_suffix: " (group)",
    left: "left",
    of: "of",
    spent: "spent",
    reserved: "set aside for running calls",
    begins_anew: "begins anew",
    never_anew: "does not begin anew by itself",
    limits: "Limits",
    group: "Group",
    models: "Models",
    all_models: "all",
    no_models: "none",
    requests: "Requests left this minute",
    tokens_a_minute: "Tokens left this minute",
    parallel: "Calls at the same time",
    hours: "Hours",
    not_before: "Valid from",
    expires: "Valid until",
    zone: "Time zone",
    calls: "Last calls",
    no_calls: "No calls yet.",
    time: "Time",
    result: "Result",
    model: "Model",
    tokens: "Tokens in + out",
    cost: "Cost",
};

const CHINESE: Words = Words {
    title: "我的密钥",
    your_key: "密钥",
    key_hint: "以 am- 开头。在你退出或关闭浏览器之前，它会保存在本浏览器中。",
    open: "查看我的页面",
    sign_out: "退出",
    foreign_form: "这个表单来自其他网站，因此没有执行任何操作。请在这里打开页面后重试。",
    may_ask: "现在可以使用",
    money: "预算",
    no_budget: "这个密钥没有预算限制。",
    of_group: "小组共用",
    group_suffix: "（小组）",
    left: "剩余",
    of: "上限",
    spent: "已用",
    reserved: "为进行中的调用预留",
    begins_anew: "重新计算时间：",
    never_anew: "不会自动恢复",
    limits: "限制",
    group: "小组",
    models: "模型",
    all_models: "全部",
    no_models: "无",
    requests: "本分钟剩余请求数",
    tokens_a_minute: "本分钟剩余 token 数",
    parallel: "同时进行的调用数",
    hours: "可用时段",
    not_before: "生效时间",
    expires: "失效时间",
    zone: "时区",
    calls: "最近的调用",
    no_calls: "还没有调用。",
    time: "时间",
    result: "结果",
    model: "模型",
    tokens: "输入 + 输出 token",
    cost: "费用",
};

/// How a call ended.
pub(super) const fn outcome(outcome: Outcome, language: Language) -> &'static str {
    match (language, outcome) {
        (Language::English, Outcome::Ok) => "answered",
        (Language::English, Outcome::Refused) => "refused",
        (Language::English, Outcome::Failed) => "failed",
        (Language::English, Outcome::Cut) => "broken off",
        (Language::English, Outcome::Cancelled) => "cancelled",
        (Language::Chinese, Outcome::Ok) => "已回答",
        (Language::Chinese, Outcome::Refused) => "被拒绝",
        (Language::Chinese, Outcome::Failed) => "失败",
        (Language::Chinese, Outcome::Cut) => "中断",
        (Language::Chinese, Outcome::Cancelled) => "已取消",
    }
}

/// Why a call was not answered whole, in plain words; `None` for one that was.
pub(super) fn reason(call: &Call, language: Language) -> Option<&'static str> {
    let (english, chinese) = match (call.unsettled, call.outcome, call.code.as_deref()) {
        (true, ..) => (
            "The gateway stopped during this call. It is booked at the most that it can have cost; your teacher can release that.",
            "网关在这次调用期间停止了，费用按最高可能值计入，老师可以释放。",
        ),
        (_, Outcome::Ok, _) => return None,
        (_, Outcome::Cancelled, _) => (
            "Your program left before the answer was complete.",
            "你的程序在回答完成之前断开了连接。",
        ),
        (_, Outcome::Cut, _) => (
            "The answer broke off on its way. Ask again.",
            "回答在传输途中中断了，请重试。",
        ),
        (_, _, code) => reason_of_code(code.unwrap_or_default()),
    };
    Some(match language {
        Language::English => english,
        Language::Chinese => chinese,
    })
}

/// The reason behind an error's code.
fn reason_of_code(code: &str) -> (&'static str, &'static str) {
    match code {
        "insufficient_quota" => (
            "Not enough was left of your budget, or of your group's.",
            "你或小组的预算不够了。",
        ),
        "rate_limit_exceeded" => (
            "Too many requests or tokens in a minute, or too many calls at the same time. Wait a moment.",
            "一分钟内的请求或 token 太多，或同时进行的调用太多，请稍等片刻。",
        ),
        "permission_denied" => (
            "Your key may not ask this model, or not at that time, or your group was paused.",
            "这个密钥不能使用该模型，或当时不在可用时段，或小组已暂停。",
        ),
        "price_unknown" => (
            "The model has no known price, and your key has a budget. Choose another model.",
            "该模型没有已知价格，而你的密钥有预算限制，请换一个模型。",
        ),
        "model_not_found" => (
            "There is no model of this name. Check its spelling.",
            "没有这个名字的模型，请检查拼写。",
        ),
        "invalid_request_error" | "not_found" | "method_not_allowed" => (
            "The request had a wrong or missing field. The error that your program got names it.",
            "请求中有错误或缺失的字段，程序收到的错误信息会指出是哪一个。",
        ),
        "context_length_exceeded" => (
            "The conversation was too long for the model.",
            "对话内容超过了模型的上下文长度。",
        ),
        "content_filter" => (
            "The provider refused the content.",
            "服务商拒绝了请求的内容。",
        ),
        "request_too_large" => ("The request was too large.", "请求太大了。"),
        "provider_auth" | "provider_payment" => (
            "The provider refused the gateway's own account. Your key is fine; tell your teacher.",
            "服务商拒绝了网关自己的账户。你的密钥没有问题，请告诉老师。",
        ),
        "provider_rate_limited" | "provider_overloaded" => (
            "The provider was too busy. Your key is fine; try again later.",
            "服务商太忙。你的密钥没有问题，请稍后再试。",
        ),
        "provider_timeout" => (
            "The provider did not answer in time. Try again.",
            "服务商没有及时应答，请重试。",
        ),
        code if code.starts_with("provider_") => (
            "The provider failed or could not be reached. Your key is fine; try again.",
            "服务商出错或无法连接。你的密钥没有问题，请重试。",
        ),
        "store_unavailable" | "draining" => (
            "The gateway could not take calls at that moment. Try again.",
            "网关当时不能接受调用，请重试。",
        ),
        _ => (
            "The call failed. Your teacher can look it up by its time.",
            "调用失败。老师可以按时间查到原因。",
        ),
    }
}

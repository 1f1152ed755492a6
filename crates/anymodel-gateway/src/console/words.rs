//! Words of the console: every text of its pages, English beside Chinese.
//!
//! A text with values is a method with arguments. A text that lacks a language does not compile.

use std::fmt::Display;

use anymodel_types::Language;

/// The texts in one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub Language);

macro_rules! text {
    ($name:ident () $english:literal $chinese:literal) => {
        pub fn $name(self) -> &'static str {
            match self.0 {
                Language::English => $english,
                Language::Chinese => $chinese,
            }
        }
    };
    ($name:ident ($($value:ident),+) $english:literal $chinese:literal) => {
        pub fn $name(self, $($value: &dyn Display),+) -> String {
            match self.0 {
                Language::English => format!($english),
                Language::Chinese => format!($chinese),
            }
        }
    };
}

macro_rules! words {
    ($($name:ident $(($($value:ident),+))?: $english:literal, $chinese:literal;)+) => {
        impl Words {
            $(text! { $name ($($($value),+)?) $english $chinese })+
        }
    };
}

words! {
    pages: "Pages", "页面";
    now: "Now", "课堂实况";
    keys: "Keys", "密钥";
    calls: "Calls", "调用记录";
    spend: "Spend", "费用";
    sign_out: "Sign out", "退出登录";
    back: "Back", "返回";

    sign_in: "Sign in", "登录";
    admin_token: "Administrator's token", "管理员令牌";
    admin_token_hint: "It begins with adm- and was printed in the terminal when the gateway first started, unless ANYMODEL_ADMIN_TOKEN sets it.",
        "以 adm- 开头，网关首次启动时显示在终端中；如果设置了 ANYMODEL_ADMIN_TOKEN，则以它为准。";
    token_wrong: "This is not the administrator's token. Check that it was copied whole, and try again.",
        "管理员令牌不正确。请检查是否复制完整，然后重试。";
    too_many_tries: "Too many people are trying to sign in at the moment. Wait a minute, and try again.",
        "目前登录尝试过多，请等一分钟再试。";
    signed_out: "You are signed out.", "你已退出登录。";

    form_is_old: "This form is out of date", "表单已过期";
    form_is_old_why: "It was made before your last sign-in, or it did not come from this console. Nothing was changed. Go back, reload the page, and try again.",
        "它生成于你上次登录之前，或者不是由本控制台发出的。没有做任何修改。请返回，刷新页面后重试。";
    not_done: "That did not work", "操作没有成功";
    nothing_changed: "Nothing was changed.", "没有做任何修改。";
    form_too_large: "The form cannot be read: it is larger than 1 MB or damaged.", "无法读取表单：超过 1 MB 或内容已损坏。";

    refreshes: "This page refreshes itself every 5 seconds.", "本页每 5 秒自动刷新。";
    stop_refreshing: "Stop refreshing", "停止刷新";
    refresh_stopped(time): "This page shows {time} and does not refresh itself.", "本页显示的是 {time} 的情况，不会自动刷新。";
    start_refreshing: "Refresh every 5 seconds", "每 5 秒刷新";
    no_keys_yet: "There are no keys yet.", "还没有密钥。";
    make_keys: "Make keys from a list of names", "用名单批量创建密钥";
    without_group: "Without a group", "未分组";
    without_group_hint: "Keys without a group are not paused with the others. Block them on the page of keys.",
        "未分组的密钥不会随其他小组一起暂停，请在“密钥”页面停用。";
    pause_group(name): "Pause {name}", "暂停“{name}”";
    resume_group(name): "Resume {name}", "恢复“{name}”";
    pause_all: "Pause all groups", "暂停所有小组";
    resume_all: "Resume all groups", "恢复所有小组";
    paused: "Paused", "已暂停";
    blocked: "Blocked", "已停用";
    expired: "Expired", "已过期";
    closed: "Outside its hours", "不在可用时段";
    active: "Active", "可用";
    calls_today: "Calls today", "今日调用";
    cost_today: "Cost today", "今日费用";
    left: "Left", "剩余";
    left_of(left, limit, window): "${left} of ${limit} ({window})", "${left}，上限 ${limit}（{window}）";
    no_budget: "no budget set", "未设预算";
    group_left: "Left for the group", "小组剩余";
    last_error: "Last error", "最近错误";
    none: "none", "无";

    new_keys: "New keys", "新建密钥";
    names: "Names, one a line", "姓名，每行一个";
    names_hint: "Paste the class list. Each name gets a key of its own.", "粘贴班级名单，每个名字得到一个独立的密钥。";
    group: "Group", "小组";
    no_group: "No group", "不分组";
    new_group: "Or a new group's name", "或填写新小组的名称";
    new_group_hint: "A group can be paused with one button.", "小组可以一键暂停。";
    budget_of_each: "Budget of each key, in US dollars", "每个密钥的预算（美元）";
    budget: "Budget", "预算";
    budget_hint: "Leave it empty for no limit.", "留空表示不限。";
    for_each: "For each", "预算周期";
    hours: "Hours", "可用时段";
    hours_hint: "Such as mon-fri 08:00-12:00. Several are separated by semicolons. Empty means always.",
        "例如 mon-fri 08:00-12:00（周一至周五）。多个时段用分号隔开。留空表示随时可用。";
    models: "Models", "模型";
    models_hint: "Separated by commas. Empty means all.", "用逗号隔开。留空表示全部。";
    make_the_keys: "Make the keys and show the cards", "创建密钥并显示卡片";
    all_keys: "All keys", "所有密钥";
    name: "Name", "姓名";
    key: "Key", "密钥";
    state: "State", "状态";
    last_used: "Last used", "最近使用";
    never: "never", "从未使用";
    change: "Change", "修改";
    change_key(name): "Change {name}", "修改“{name}”";
    limit_of(window): "Limit in US dollars ({window})", "上限，美元（{window}）";
    save: "Save", "保存";
    block: "Block", "停用";
    unblock: "Unblock", "恢复使用";
    block_key(name): "Block {name}", "停用“{name}”";
    unblock_key(name): "Unblock {name}", "恢复使用“{name}”";
    rotate: "Give a new key", "更换密钥";
    rotate_hint(seconds): "The card of the new key is shown once. The old key counts for {seconds} more seconds.",
        "新密钥的卡片只显示一次，旧密钥在 {seconds} 秒内仍然有效。";
    delete: "Delete", "删除";
    delete_key: "Delete…", "删除…";
    delete_question(name): "Delete the key of {name}?", "要删除“{name}”的密钥吗？";
    delete_why: "It stops working at once, and cannot be brought back. Its calls stay in the log.",
        "密钥将立即失效，且无法恢复。它的调用记录会保留。";
    delete_it: "Delete this key", "删除这个密钥";
    keep_it: "Keep it", "保留";

    window_hour: "this hour", "本小时";
    window_day: "today", "今日";
    window_week: "this week", "本周";
    window_month: "this month", "本月";
    window_total: "the term", "本学期";
    each_hour: "hour", "每小时";
    each_day: "day", "每天";
    each_week: "week", "每周";
    each_month: "month", "每月";
    each_total: "the whole term", "整个学期";

    filter: "Filter", "筛选";
    show: "Show", "查看";
    all: "All", "全部";
    all_failed: "All that failed", "所有失败的";
    model: "Model", "模型";
    status: "Status", "状态码";
    status_hint: "Such as 429. Empty means all.", "例如 429。留空表示全部。";
    time: "Time", "时间";
    outcome: "Outcome", "结果";
    tokens: "Tokens in + out", "token 数（输入 + 输出）";
    cost: "Cost", "费用";
    seconds: "Seconds", "用时（秒）";
    no_calls: "No calls match.", "没有符合条件的调用。";
    older_calls: "Older calls", "更早的调用";
    newest_calls: "Newest calls", "最新的调用";
    outcome_ok: "answered", "成功";
    outcome_refused: "refused by the gateway", "被网关拒绝";
    outcome_failed: "failed", "失败";
    outcome_cut: "broke off", "中断";
    outcome_cancelled: "client left", "客户端已断开";

    by: "Grouped by", "分组方式";
    by_key: "key", "密钥";
    by_group: "group", "小组";
    by_model: "model", "模型";
    by_day: "day", "日期";
    period: "Period", "时间范围";
    period_total: "all", "全部";
    sum(cost, calls): "${cost} · calls: {calls}", "${cost} · 调用 {calls} 次";
    spend_chart(by): "Cost by {by}, in US dollars", "费用（美元），按{by}统计";
    chart_shows(shown): "The chart shows the {shown} with the highest cost; the table has all.", "图中显示费用最高的 {shown} 项，全部见下表。";
    download_csv: "Download as CSV", "下载 CSV";
    nothing_spent: "No calls in this period.", "这段时间没有调用。";
    prompt_tokens: "Tokens in", "输入 token";
    completion_tokens: "Tokens out", "输出 token";
    deleted_key: "deleted", "已删除";

    error_insufficient_quota: "money used up", "预算已用完";
    error_rate_limit_exceeded: "too many calls at once", "调用过于频繁";
    error_permission_denied: "not allowed now", "目前不允许";
    error_model_not_found: "unknown model", "没有这个模型";
    error_invalid_request_error: "wrong request", "请求有误";
    error_provider: "the provider failed", "服务商出错";
    error_client_closed_request: "the client left", "客户端已断开";
}

impl Words {
    /// What an error's code means, for a person.
    pub fn error(self, code: &str) -> Option<&'static str> {
        Some(match code {
            "insufficient_quota" => self.error_insufficient_quota(),
            "rate_limit_exceeded" => self.error_rate_limit_exceeded(),
            "permission_denied" => self.error_permission_denied(),
            "model_not_found" => self.error_model_not_found(),
            "invalid_request_error" => self.error_invalid_request_error(),
            "client_closed_request" => self.error_client_closed_request(),
            code if code.starts_with("provider_") => self.error_provider(),
            _ => return None,
        })
    }
}

//! What a phrase asks for, to the letter: finer than the lexicon says, for the frame.

use super::lexicon::ASKS;

/// What a phrase asks for, to the letter.
pub(super) enum Asked {
    /// Only whether.
    Nothing,
    /// The same wherever it is said; and what the phrase says beside, as the `写` of `怎么写`.
    Anywhere(&'static str, &'static str),
    /// Of what stands next to it.
    Here(String),
}

impl Asked {
    /// Reads a phrase of the lexicon and what it asks for there, which is coarser.
    pub fn of(written: &str, bits: u32) -> Self {
        let named = |name: &str| {
            ASKS.iter()
                .position(|known| *known == name)
                .is_some_and(|at| bits & 1 << at != 0)
        };
        let has = |parts: &[&str]| parts.iter().any(|part| written.contains(part));
        let anywhere = |what| Asked::Anywhere(what, "");
        if named("howto") {
            return how(written);
        }
        if named("can")
            && (has(&[
                "can",
                "could",
                "may",
                "might",
                "possibl",
                "allowed",
                "permitted",
                "able",
                "all right",
                "能",
                "可",
                "行",
            ]))
        {
            return anywhere("can");
        }
        if named("should") {
            return anywhere(if has(&["should", "ought", "better", "good", "应", "该"]) {
                "should"
            } else if has(&["必须"]) {
                "must"
            } else {
                "need"
            });
        }
        if named("why") && !has(&["形成", "引起", "造成", "一到", "could"]) {
            return Asked::Anywhere(
                "why",
                if written.ends_with('会') || has(&["怎么会"]) {
                    "会"
                } else {
                    ""
                },
            );
        }
        if named("when") {
            return match written {
                _ if has(&["year", "年"]) => anywhere("year"),
                _ if has(&["month", "几月", "月份"]) => anywhere("month"),
                _ if has(&["day", "天", "几号", "date"]) => anywhere("day"),
                _ if has(&["when", "time", "时"]) => anywhere("when"),
                _ => Asked::Here(written.into()),
            };
        }
        if named("where") {
            return anywhere("where");
        }
        if named("often") && has(&["often", "frequent", "interval", "regularly", "隔", "频率"]) {
            return anywhere("often");
        }
        if named("meaning") && !has(&["内容", "概念", "explain", "解释", "stand for"]) {
            return anywhere("meaning");
        }
        if named("purpose")
            && has(&["purpose", "use of", "used for", "用", "干什么", "做什么"])
            && !has(&["时候"])
        {
            return anywhere("purpose");
        }
        if named("difference") && !has(&["not the same", "change", "用法"]) {
            return anywhere("difference");
        }
        if named("price") && !has(&["how much does", "how much would", "贵"]) {
            return anywhere("price");
        }
        if named("is") && !has(&["有", "会"]) {
            return Asked::Nothing;
        }
        // What it is said of stands next to it.
        if named("duration") && has(&["how long", "how much time", "久", "长时间", "多少时间"])
        {
            return Asked::Here("duration".into());
        }
        if named("who") && !has(&["whose", "找", "家"]) && !written.starts_with("which") {
            return Asked::Here("who".into());
        }
        if (named("which") || named("what"))
            && !has(&["kind", "sort", "type"])
            && written.is_ascii()
        {
            return Asked::Here("what".into());
        }
        if written.is_ascii() {
            return Asked::Here(if named("count") {
                "count".into()
            } else {
                written.into()
            });
        }
        let plain = written
            .replace('几', "多少")
            .replace("怎样", "怎么")
            .replace("如何", "怎么");
        let plain = plain
            .trim_start_matches(['是', '有', '在'])
            .trim_end_matches(['个', '位', '名']);
        Asked::Here(plain.into())
    }
}

/// *How do I?*, *what do I do?* and *where do I?*
fn how(written: &str) -> Asked {
    let has = |parts: &[&str]| parts.iter().any(|part| written.contains(part));
    if written.is_ascii() {
        let cope = written.ends_with(" do") && written.starts_with("what")
            || written == "how do i proceed";
        return match written {
            "how is" | "how are" => Asked::Anywhere("how", "be"),
            _ if written.starts_with("where") => Asked::Anywhere("where", ""),
            _ if cope => Asked::Anywhere("cope", ""),
            _ if has(&[
                "command", "code", "syntax", "sql", "formula", "function", "query", "setting",
                "click", "tap", "set", "press", "type",
            ]) =>
            {
                Asked::Here(written.into())
            }
            _ => Asked::Anywhere("how", ""),
        };
    }
    let rest = written.trim_start_matches(['应', '该', '当', '要']);
    match rest {
        "怎么" | "怎样" | "如何" | "怎么样才能" | "怎样才能" | "怎么才能" | "怎么才" => {
            Asked::Anywhere("how", "")
        }
        "怎么办" | "怎么处理" | "如何处理" | "怎么解决" => {
            Asked::Anywhere("cope", "")
        }
        "怎么用" => Asked::Anywhere("how", "用"),
        "怎么写" => Asked::Anywhere("how", "写"),
        _ if has(&["方法", "办法"]) && !has(&["哪个"]) => Asked::Anywhere("how", ""),
        _ => Asked::Here(rest.into()),
    }
}

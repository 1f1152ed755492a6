//! New keys as CSV and as a page of cards to print: for each the name, address, key, QR code, lines of Python and budget.

use anymodel_types::Language;
use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::Value;

use crate::admin::csv_cell;
use crate::model::Window;
use crate::money::Usd;
use crate::pages::{document, html_response};
use crate::refusal::Refusal;
use crate::secret::random_hex;
use crate::settings::GatewaySettings;
use crate::state::Gateway;
use crate::windows;

/// The stylesheet of the page. It stands within the page, so that a saved page prints without the gateway.
const STYLESHEET: &str = include_str!("assets/cards.css");
/// Light modules around a QR code, which readers need.
const QUIET_ZONE: usize = 4;

/// Checks the setting `public_url`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_public_url(settings: &GatewaySettings) -> Result<(), String> {
    let Some(url) = &settings.public_url else {
        return Ok(());
    };
    let wrong = format!(
        "`public_url`: `{url}` is no address such as `https://models.example.org`, without a path"
    );
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let host = host.map(|host| host.trim_end_matches('/'));
    host.filter(|host| is_host(host)).map(drop).ok_or(wrong)
}

/// The gateway's address for holders of keys: the setting `public_url`, else the host that this request was sent to.
///
/// # Errors
/// [`Refusal::Invalid`] when the header `Host` is not a host and a port.
pub(crate) fn address(settings: &GatewaySettings, headers: &HeaderMap) -> Result<String, Refusal> {
    if let Some(url) = &settings.public_url {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.filter(|host| is_host(host)).ok_or_else(|| {
        let message =
            "The header `Host` names no address for the cards. Set `public_url` in the gateway's settings.";
        Refusal::Invalid(message.to_owned(), None)
    })?;
    Ok(format!("http://{host}"))
}

/// Whether a text is a host, perhaps with a port, and nothing else.
fn is_host(text: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let is_port = |rest: &str| {
        let port = rest.strip_prefix(':');
        rest.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_ok())
    };
    let plain = text.len() <= 255 && text.chars().all(usual);
    let authority = text.parse::<Authority>().ok().filter(|_| plain);
    authority.is_some_and(|authority| text.strip_prefix(authority.host()).is_some_and(is_port))
}

/// New keys as CSV, in their order.
pub(crate) fn csv(address: &str, made: &[Value]) -> Response {
    let mut text = "name,address,key\n".to_owned();
    for row in made {
        let [name, key] = [&row["name"], &row["key"]].map(|cell| cell.as_str().unwrap_or_default());
        text += &format!("{},{address}/v1,{}\n", csv_cell(name), csv_cell(key));
    }
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::CREATED;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// New keys as a page of cards, ten on a sheet of A4.
pub(crate) fn page(
    gateway: &Gateway,
    language: Language,
    address: &str,
    made: &[Value],
) -> Response {
    // Without random numbers the page would have no style, and the keys on it would not be lost.
    let nonce = random_hex(16).unwrap_or_default();
    let words = Words::of(language);
    let style = html! { style nonce=(nonce) { (PreEscaped(STYLESHEET)) } };
    let body = html! {
        header {
            h1 { (words.title) }
            p { (words.once) }
        }
        main.sheet {
            @for row in made { (card(gateway, language, address, row)) }
        }
    };
    let text = document(language, words.title, style, body).into_string();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    html_response(StatusCode::CREATED, text, policy)
}

fn card(gateway: &Gateway, language: Language, address: &str, row: &Value) -> Markup {
    let words = Words::of(language);
    let text = |field: &str| row[field].as_str().unwrap_or_default();
    let budget = budget(row, language);
    let ask = match language {
        Language::English => "What is recursion?",
        Language::Chinese => "什么是递归？",
    };
    html! {
        article.key-card {
            div {
                h2 { (text("name")) }
                p { span.label { (words.address) } " " code { (address) "/v1" } }
                p { span.label { (words.key) } " " code.key { (text("key")) } }
                @if !budget.is_empty() { p { span.label { (words.budget) } " " (budget) } }
            }
            (qr_code(&format!("{address}/me#{}", text("key")), words.qr_code).unwrap_or_default())
            pre {
                "from openai import OpenAI\n"
                "client = OpenAI(base_url=\"" (address) "/v1\", api_key=\"am-…\")\n"
                "print(client.chat.completions.create(model=" (quoted(&model(gateway, text("id"))))
                ", messages=[{\"role\": \"user\", \"content\": \"" (ask) "\"}]).choices[0].message.content)"
            }
        }
    }
}

/// A text of Python: JSON's escapes are Python's, too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A model that the key may ask: the first that its limits name, else the router.
fn model(gateway: &Gateway, id: &str) -> String {
    let directory = gateway.directory();
    let holder = directory.keys.get(id).map(|key| gateway.holder(key));
    let named = holder.and_then(|holder| holder.allowed().into_iter().next());
    named.unwrap_or_else(|| "auto".to_owned())
}

fn budget(row: &Value, language: Language) -> String {
    let limits = Window::ALL.into_iter().filter_map(|window| {
        let limit = row["budget"][window.as_str()]["limit"].clone();
        let limit: Usd = serde_json::from_value(limit).ok()?;
        Some(windows::each(window, limit, language))
    });
    let separator = match language {
        Language::English => ", ",
        Language::Chinese => "，",
    };
    limits.collect::<Vec<_>>().join(separator)
}

/// A QR code as SVG: one path of dark modules on white. `None` when the text is too long.
fn qr_code(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (index, color) in colors.iter().enumerate() {
        if *color == Color::Dark {
            let (x, y) = (index % width + QUIET_ZONE, index / width + QUIET_ZONE);
            path += &format!("M{x} {y}h1v1h-1z");
        }
    }
    let side = width + 2 * QUIET_ZONE;
    Some(html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {side} {side}")) role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

struct Words {
    title: &'static str,
    once: &'static str,
    address: &'static str,
    key: &'static str,
    budget: &'static str,
    qr_code: &'static str,
}

impl Words {
    const fn of(language: Language) -> Words {
        match language {
            Language::English => Words {
                title: "Keys to hand out",
                once: "Print or save this page now: the keys are shown this once.",
                address: "Base URL",
                key: "Key",
                budget: "Budget",
                qr_code: "QR code that opens the holder's page",
            },
            Language::Chinese => Words {
                title: "待发放的密钥",
                once: "请现在就打印或保存本页：密钥只显示这一次。",
                address: "接口地址",
                key: "密钥",
                budget: "预算",
                qr_code: "打开个人页面的二维码",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_and_a_host_and_nothing_else() {
        let check = |url: &str| {
            check_public_url(&GatewaySettings {
                public_url: Some(url.to_owned()),
                ..GatewaySettings::default()
            })
        };
        for url in [
            "https://models.example.org",
            "http://10.0.0.5:4000/",
            "http://[::1]:4000",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        for url in [
            "",
            "models.example.org",
            "ftp://a.example",
            "https://",
            "https://a.example/x",
            "https://u@a.example",
            "http://a.example:x",
            "http://a.example:99999",
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }
}

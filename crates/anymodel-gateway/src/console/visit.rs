//! Visit: what each page knows of its request, the frame of the pages, and forms.

use std::sync::Arc;

use anymodel_types::Language;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::sessions::Session;
use super::words::Words;
use crate::model::Window;
use crate::pages;
use crate::refusal::Refusal;
use crate::request_head::cookies;
use crate::state::Gateway;

/// The cookie of the language that was chosen.
const LANGUAGE: &str = "anymodel_lang";
/// Seconds until a page that refreshes itself does.
const REFRESH_SECONDS: u8 = 5;

/// One request of a signed-in administrator.
#[derive(Clone)]
pub(super) struct Visit {
    pub session: Arc<Session>,
    pub words: Words,
    pub path: String,
    pub query: Form,
    /// Whether the page refreshes itself.
    pub refreshes: bool,
}

/// The fields of a form or of a query.
#[derive(Clone, Default)]
pub(super) struct Form(Arc<Vec<(String, String)>>);

impl Form {
    pub fn read(body: &[u8]) -> Form {
        Form(Arc::new(
            url::form_urlencoded::parse(body).into_owned().collect(),
        ))
    }

    /// A field without the space around it; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The same, and `None` when it is empty.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|text| !text.is_empty())
    }

    /// Whether there is such a field, even an empty one.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }
}

impl Visit {
    pub fn new(session: Arc<Session>, uri: &Uri, headers: &HeaderMap) -> Visit {
        Visit {
            session,
            words: Words(language(uri, headers)),
            path: uri.path().to_owned(),
            query: Form::read(uri.query().unwrap_or_default().as_bytes()),
            refreshes: false,
        }
    }

    /// The field that each form carries.
    pub fn csrf(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.session.csrf); }
    }

    /// A page in the console's frame.
    pub fn page(&self, status: StatusCode, title: &str, body: Markup) -> Response {
        let words = self.words;
        let links = [
            ("/", words.now()),
            ("/keys", words.keys()),
            ("/calls", words.calls()),
            ("/spend", words.spend()),
        ];
        let (code, name) = match words.0 {
            Language::English => ("zh", "中文"),
            Language::Chinese => ("en", "English"),
        };
        let head = html! {
            link rel="stylesheet" href="/assets/gateway.css";
            @if self.refreshes { meta http-equiv="refresh" content=(REFRESH_SECONDS); }
        };
        let framed = html! {
            header.bar {
                span.brand { "anymodel" }
                nav aria-label=(words.pages()) {
                    @for (path, text) in links {
                        a href=(path) aria-current=[(path == self.path).then_some("page")] { (text) }
                    }
                }
                div.row {
                    a href={ "?lang=" (code) } lang=(code) hreflang=(code) { (name) }
                    form method="post" action="/sign-out" { (self.csrf()) button.quiet { (words.sign_out()) } }
                }
            }
            main { (body) }
        };
        let text = pages::document(words.0, title, head, framed).into_string();
        pages::html_response(status, text, HeaderValue::from_static(pages::POLICY))
    }

    /// A page of something that did not work.
    pub fn failed(&self, status: StatusCode, why: &str) -> Response {
        let words = self.words;
        let body = html! {
            h1 { (words.not_done()) }
            (notice(status, why))
            p { (words.nothing_changed()) " " a href="/" { (words.now()) } " · " a href="/keys" { (words.keys()) } }
        };
        self.page(status, words.not_done(), body)
    }

    /// The page of a refusal.
    pub fn refused(&self, refusal: &Refusal) -> Response {
        let status = StatusCode::from_u16(refusal.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.failed(status, &refusal.text(self.words.0))
    }

    /// The page of a form that was not made for this session.
    pub fn old_form(&self) -> Response {
        let words = self.words;
        let body = html! {
            h1 { (words.form_is_old()) }
            (notice(StatusCode::FORBIDDEN, words.form_is_old_why()))
            p { a href="/" { (words.back()) } }
        };
        self.page(StatusCode::FORBIDDEN, words.form_is_old(), body)
    }

    /// A moment in the gateway's zone: the time of today, else with its date.
    pub fn time(&self, gateway: &Gateway, at: Timestamp) -> Markup {
        let zone = &gateway.calendar.zone;
        let today = gateway.calendar.began(Window::Day, gateway.now());
        let format = if at >= today {
            "%H:%M:%S"
        } else {
            "%Y-%m-%d %H:%M"
        };
        let text = at
            .to_zoned_datetime(zone.clone())
            .strftime(format)
            .to_string();
        html! { time datetime=(at.to_string()) { (text) } }
    }

    /// What a window is called in a sentence.
    pub fn window(&self, window: Window) -> &'static str {
        match window {
            Window::Hour => self.words.window_hour(),
            Window::Day => self.words.window_day(),
            Window::Week => self.words.window_week(),
            Window::Month => self.words.window_month(),
            Window::Total => self.words.window_total(),
        }
    }
}

/// A message above a page's content: of a failure, or of something that was done.
pub(super) fn notice(status: StatusCode, text: &str) -> Markup {
    html! {
        @if status.is_success() { p.notice.good role="status" { (text) } }
        @else { p.notice.bad role="alert" { (text) } }
    }
}

/// An answer to a form: the browser loads this page next.
pub(super) fn redirect(path: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}

/// The language: `lang` of the query, else the one that was chosen before, else the browser's.
pub(super) fn language(uri: &Uri, headers: &HeaderMap) -> Language {
    let query = uri.query().unwrap_or_default();
    let chosen = cookies(headers, LANGUAGE).next().unwrap_or_default();
    pages::language(Some(&format!("{query}&lang={chosen}")), headers)
}

/// Keeps the language that a query names for the pages after it.
pub(super) fn remember_language(uri: &Uri, response: &mut Response) {
    let query = Form::read(uri.query().unwrap_or_default().as_bytes());
    let cookie = match query.get("lang") {
        "en" => "anymodel_lang=en; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000",
        "zh" => "anymodel_lang=zh; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000",
        _ => return,
    };
    let cookie = HeaderValue::from_static(cookie);
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

//! The kernel info reply: name, version and language of this kernel.

use jupyter_protocol::{CodeMirrorMode, HelpLink, KernelInfoReply, LanguageInfo, ReplyStatus};

/// The version of Jupyter's messaging protocol that this kernel speaks.
pub(super) const PROTOCOL: &str = "5.4";

/// The answer to `kernel_info_request`.
pub(super) fn kernel_info() -> KernelInfoReply {
    let version = env!("CARGO_PKG_VERSION");
    KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: PROTOCOL.to_owned(),
        implementation: "anymodel".to_owned(),
        implementation_version: version.to_owned(),
        language_info: LanguageInfo {
            name: "rust".to_owned(),
            // The oldest compiler that compiles the cells.
            version: env!("CARGO_PKG_RUST_VERSION").to_owned(),
            mimetype: Some("text/rust".to_owned()),
            file_extension: Some(".rs".to_owned()),
            pygments_lexer: Some("rust".to_owned()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".to_owned())),
            nbconvert_exporter: Some("script".to_owned()),
        },
        banner: format!("Rust notebooks of anymodel {version}"),
        help_links: [
            ("The Rust Book", "https://doc.rust-lang.org/book/"),
            ("Standard library", "https://doc.rust-lang.org/std/"),
            (
                "Rust by Example",
                "https://doc.rust-lang.org/rust-by-example/",
            ),
        ]
        .map(|(text, url)| HelpLink {
            text: text.to_owned(),
            url: url.to_owned(),
        })
        .to_vec(),
        debugger: false,
        error: None,
    }
}

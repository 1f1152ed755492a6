//! JupyterLab settings for lessons: no news, no updates, no extensions to install, the language of the lessons.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::ServerOptions;
use anymodel::Language;
use anymodel_kernel::kernelspec;
use anymodel_kernel::notebook::Result;

/// Writes the settings into `dir`, which JupyterLab reads at its start.
pub(super) fn write(dir: &Path, wish: &ServerOptions, port: u16, token: &str) -> Result<()> {
    let page = dir.join("page");
    fs::create_dir_all(&page)?;
    let locale = match wish.language {
        Language::English => "en",
        Language::Chinese => "zh_CN",
    };
    let overrides = json!({
        "@jupyterlab/apputils-extension:notification": { "fetchNews": "false", "checkForUpdates": false },
        "@jupyterlab/translation-extension:plugin": { "locale": locale },
        // A kernel needs hundreds of megabytes, so it ends with its notebook.
        "@jupyterlab/notebook-extension:tracker": { "kernelShutdown": true },
    });
    fs::write(page.join("overrides.json"), overrides.to_string())?;
    let config = json!({
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 0,
            "open_browser": wish.browser,
            "root_dir": wish.folder,
            "answer_yes": true,
            "allow_root": is_root(),
        },
        // In a file, because every user of the machine can read arguments, and every kernel can read variables.
        "IdentityProvider": { "token": token },
        "MultiKernelManager": { "default_kernel_name": kernelspec::NAME },
        "LabApp": {
            "default_url": format!("/lab/tree/{}", wish.first),
            "app_settings_dir": page,
            "news_url": null,
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
            "extension_manager": "readonly",
        },
    });
    let text = serde_json::to_string_pretty(&config)?;
    Ok(fs::write(dir.join("jupyter_lab_config.json"), text)?)
}

/// Whether this is root: Jupyter refuses to run as root without an option, and containers usually run as root.
fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    false
}

//! Checks of installed software: Rust, the course's kernel, Jupyter.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::process::Command;

use super::report::Finding;

/// The oldest compiler that this crate can be compiled with.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");
/// The timeout for a program that prints its version.
const PATIENCE: Duration = Duration::from_secs(20);

/// Checks the compiler, cargo and the linker.
pub async fn rust() -> Finding {
    const NAME: &str = "Rust";
    const GET: &str = "install Rust from https://rustup.rs and open a new terminal";
    let compiler = match version("rustc", &["--version"]).await {
        Ok(version) => version,
        Err(why) => return Finding::bad(NAME, why, GET),
    };
    let number = compiler.split_whitespace().nth(1).unwrap_or_default();
    if numbers(number) < numbers(OLDEST) {
        return Finding::bad(
            NAME,
            format!("rustc is version {number}, and {OLDEST} is the oldest that will do"),
            "rustup update stable",
        );
    }
    if let Err(why) = version("cargo", &["--version"]).await {
        return Finding::bad(NAME, why, GET);
    }
    // rustc links through the system's C compiler; on Windows it has its own way.
    if cfg!(unix)
        && let Err(why) = version("cc", &["--version"]).await
    {
        return Finding::bad(
            NAME,
            format!("no C compiler, by which Rust links programs: {why}"),
            "Debian, Ubuntu: sudo apt install build-essential; Fedora: sudo dnf install gcc; macOS: xcode-select --install",
        );
    }
    Finding::good(NAME, compiler)
}

/// Checks the course's Jupyter kernel of this user.
pub fn kernel() -> Finding {
    use anymodel_kernel::prebuilt_deps::{PrebuiltDeps, TemplateState};
    use anymodel_kernel::{kernelspec, paths};

    const NAME: &str = "kernel";
    const INSTALL: &str = "anymodel kernel install";
    let dir = match paths::kernelspecs_dir(None) {
        Ok(dir) => dir,
        Err(error) => {
            return Finding::skipped(NAME, format!("Jupyter's folder is not known: {error:#}"));
        }
    };
    let Some(kernel) = kernelspec::installed(&dir, kernelspec::NAME) else {
        return Finding::skipped(NAME, "not installed for this user").hint(format!(
            "for notebooks: `{INSTALL}`, or `cargo lab`, which brings one of its own"
        ));
    };
    if !kernel.program.exists() {
        return Finding::bad(
            NAME,
            format!("its program is gone: {}", kernel.program.display()),
            INSTALL,
        );
    }
    if !kernel.root.join("Cargo.toml").exists() {
        return Finding::bad(
            NAME,
            format!(
                "the crate that it compiles cells with is gone: {}",
                kernel.root.display()
            ),
            format!("{INSTALL}, in the folder where the crate is now"),
        );
    }
    let place = kernel.dir.display();
    match PrebuiltDeps::of(&kernel.root).map(|template| template.state()) {
        Ok(TemplateState::Fresh) => {
            Finding::good(NAME, format!("installed in {place}, up to date"))
        }
        _ => Finding::good(NAME, format!("installed in {place}")).hint(format!(
            "the first notebook waits for a build of some minutes; `{INSTALL}` makes it now"
        )),
    }
}

/// Checks for a Jupyter on the PATH, or the one that `cargo lab` made.
pub async fn jupyter() -> Finding {
    const NAME: &str = "Jupyter";
    match version("jupyter", &["--version"]).await {
        Ok(told) => {
            let lab = told.lines().find(|line| line.starts_with("jupyterlab"));
            let lab = lab.and_then(|line| line.split_whitespace().last());
            match lab {
                Some(number) if number != "installed" => {
                    Finding::good(NAME, format!("JupyterLab {number} is on the PATH"))
                }
                _ => Finding::good(NAME, "`jupyter` is on the PATH, without JupyterLab")
                    .hint("`cargo lab` brings a JupyterLab of its own"),
            }
        }
        Err(_) if has_lab() => Finding::good(NAME, "the one of `cargo lab`"),
        Err(_) => Finding::skipped(NAME, "none is on the PATH")
            .hint("for notebooks: `cargo lab` brings one of its own"),
    }
}

fn has_lab() -> bool {
    anymodel_cli::lab::environment::kept().is_ok_and(|kept| !kept.is_empty())
}

/// The version that a program prints, or a short reason why there is none.
async fn version(program: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).kill_on_drop(true);
    let output = match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {
            return Err(format!("`{program}` is not on the PATH"));
        }
        Ok(Err(error)) => return Err(format!("`{program}` does not start: {error}")),
        Err(_) => return Err(format!("`{program}` does not answer")),
    };
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let first = words.lines().next().unwrap_or_default();
        return Err(format!("`{program}` fails: {first}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The leading numeric parts of a version.
fn numbers(version: &str) -> Vec<u32> {
    let plain = version.split('-').next().unwrap_or_default();
    let parts = plain.split('.');
    parts.map_while(|part| part.parse().ok()).collect()
}

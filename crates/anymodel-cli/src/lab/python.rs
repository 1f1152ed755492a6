//! Discovery of a Python that can create an environment for JupyterLab.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anymodel_kernel::{notebook::Result, preflight::Missing};

/// The oldest Python that JupyterLab 4.6 runs on (its `Requires-Python`).
const OLDEST: (u32, u32) = (3, 10);
/// The program names to try: the usual name first, then those of newer versions beside an old one.
const NAMES: [&str; 7] = [
    "python3",
    "python",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
];
/// Prints the version, and then whether environments can be created; Python 2 ends after the first line.
const PROBE: &str = "import sys\n\
    print('%d.%d.%d' % sys.version_info[:3])\n\
    import importlib.util as u\n\
    print(all(u.find_spec(name) for name in ('venv', 'ensurepip')))";

/// A suitable Python.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Python {
    /// The program to run.
    pub program: PathBuf,
    /// Its version, such as `3.11.7`.
    pub version: String,
}

impl Python {
    /// The Python `told`, or the first suitable one on the PATH.
    ///
    /// # Errors
    /// When there is none; the error says what is wrong with the first one that exists.
    pub fn find(told: Option<&Path>) -> Result<Python> {
        let candidates = match told {
            Some(told) => vec![told.to_owned()],
            None => NAMES.iter().map(PathBuf::from).collect(),
        };
        let mut first_trouble = None;
        for program in &candidates {
            match probe(program) {
                Ok(Some(python)) => return Ok(python),
                Ok(None) => {}
                Err(missing) => first_trouble = first_trouble.or(Some(missing)),
            }
        }
        let missing = first_trouble.unwrap_or_else(|| none(&candidates[0]));
        Err(missing.into())
    }
}

/// Checks one program; `None` when it does not exist.
fn probe(program: &Path) -> std::result::Result<Option<Python>, Missing> {
    let answer = Command::new(program)
        .args(["-I", "-c", PROBE])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(answer) = answer else { return Ok(None) };
    let text = String::from_utf8_lossy(&answer.stdout);
    let mut lines = text.lines();
    // A stub that only says where to get Python, as macOS and Windows have, prints no version.
    let Some(version) = lines.next().filter(|line| numbers(line).is_some()) else {
        return Ok(None);
    };
    if numbers(version) < Some(OLDEST) {
        return Err(too_old(program, version));
    }
    if lines.next() != Some("True") {
        return Err(no_venv(program, version));
    }
    Ok(Some(Python {
        program: program.to_owned(),
        version: version.to_owned(),
    }))
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        _ => None,
    }
}

const WHY_PYTHON: &str = "JupyterLab, the page in which lessons are read, is a Python program";

fn none(first: &Path) -> Missing {
    Missing::new(
        format!("no Python is found: `{}` does not run", first.display()),
        WHY_PYTHON,
        "Debian, Ubuntu: `sudo apt install python3 python3-venv`; Fedora: `sudo dnf install python3`; \
         macOS: `brew install python`; or name one: `cargo lab --python PATH`",
    )
}

fn too_old(program: &Path, version: &str) -> Missing {
    let (major, minor) = OLDEST;
    Missing::new(
        format!(
            "`{}` is Python {version}, and {major}.{minor} is the oldest that will do",
            program.display()
        ),
        format!("{WHY_PYTHON} that needs {major}.{minor}"),
        "install a newer Python beside the old one (it is found as python3.12 and the like), or name one: \
         `cargo lab --python PATH`",
    )
}

fn no_venv(program: &Path, version: &str) -> Missing {
    Missing::new(
        format!(
            "`{}` (Python {version}) cannot make environments: its modules `venv` and `ensurepip` are not there",
            program.display()
        ),
        "JupyterLab gets an environment of its own, so that nothing of your Python changes",
        "Debian, Ubuntu: `sudo apt install python3-venv`; or name another Python: `cargo lab --python PATH`",
    )
}

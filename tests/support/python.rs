//! Python for tests: a virtual environment for each list of packages, made once in the target directory.
//!
//! Without Python or without the packages a test fails: a check that was not made has not passed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of the environment `name`, which has the packages of this list (a path from the crate's folder).
///
/// The environment is made when it is missing or its list changed. Lists that it names with `-r` or `-c` count as well.
pub fn python(name: &str, list: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let home = place.join(name);
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(list);
    // Tests of several processes may want the same environment at once.
    let lock = File::create(place.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let python = if cfg!(windows) {
        home.join("Scripts").join("python.exe")
    } else {
        home.join("bin").join("python3")
    };
    let made_for = home.join("requirements.txt");
    let wanted = contents(&list);
    if fs::read_to_string(&made_for).is_ok_and(|text| text == wanted) && python.exists() {
        return python;
    }
    fs::remove_dir_all(&home).ok();
    let base = if cfg!(windows) { "python" } else { "python3" };
    run(
        Command::new(base).args(["-m", "venv"]).arg(&home),
        "This test needs Python 3.10 or newer with its venv module (on Debian: apt install python3-venv)",
    );
    run(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ])
            .arg(&list),
        &format!(
            "This test needs the packages of {} from the Python package index",
            list.display()
        ),
    );
    fs::write(made_for, wanted).unwrap();
    python
}

/// A list of packages, and the lists it names.
fn contents(list: &Path) -> String {
    let text = fs::read_to_string(list).unwrap();
    let named = text
        .lines()
        .filter_map(|line| line.strip_prefix("-r ").or(line.strip_prefix("-c ")));
    let more: Vec<String> = named
        .map(|name| contents(&list.parent().unwrap().join(name.trim())))
        .collect();
    text.clone() + &more.concat()
}

/// Runs a command to its end; what it printed is shown when it fails, and given back when it does not.
pub fn run(command: &mut Command, needs: &str) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{needs}: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{needs}\n{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

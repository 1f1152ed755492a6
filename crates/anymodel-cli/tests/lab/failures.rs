//! What is told when a notebook fails, when pip fails, and when JupyterLab does not start.

use std::fs;
use std::path::Path;

use anymodel::Language;
use anymodel_cli::lab::check::notebooks;
use anymodel_kernel::progress::StepProgress;

use crate::kernel_support::{Kernel, notebook, tagged};
use crate::tools::{PYTHON, Tools, both};

#[tokio::test]
async fn the_check_tells_a_notebook_that_fails_from_one_whose_outputs_are_others() {
    let kernel = Kernel::installed();
    // The installed kernel's spec, which names the cache that the test process itself does not know.
    let root = kernel.scratch("check-fails");
    let spec = root.join("share/jupyter/kernels/anymodel");
    fs::create_dir_all(&spec).unwrap();
    let text = fs::read_to_string(kernel.jupyter.join("kernels/anymodel/kernel.json")).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["env"] = serde_json::json!({ "ANYMODEL_CACHE_DIR": kernel.cache });
    fs::write(spec.join("kernel.json"), json.to_string()).unwrap();
    let lessons = root.join("notebooks/en");
    fs::create_dir_all(&lessons).unwrap();
    let end = tagged("\"End\"", "end-of-lesson");
    notebook(
        &lessons.join("1.ipynb"),
        &["panic!(\"on purpose\");"],
        &[end],
    );
    // Its stored outputs are none, so fresh ones differ.
    notebook(&lessons.join("2.ipynb"), &["let seven = 7;"], &[end]);
    let rows = notebooks(&root, &spec, &[Language::English], &StepProgress::default())
        .await
        .unwrap();
    let what: Vec<_> = rows
        .iter()
        .map(|row| row.failure.as_ref().unwrap())
        .collect();
    assert!(what[0].what.starts_with("cell 1: "), "{:?}", what[0]);
    assert!(what[0].details.contains("on purpose"), "{:?}", what[0]);
    assert_eq!(what[1].what, "the outputs are not the stored ones");
}

/// A Python whose environments hold only `pip` and `start.py` as these two scripts play them.
fn python(pip: &str, start: &str) -> String {
    format!(
        r#"case "$*" in
*"-m venv"*)
    mkdir -p "$4/bin"
    cat > "$4/bin/python" <<'END'
#!/bin/sh
case "$*" in
*"-m pip"*) {pip} ;;
*) {start} ;;
esac
END
    chmod +x "$4/bin/python" ;;
*) {PYTHON} ;;
esac"#
    )
}

/// `anymodel lab` on the installed kernel's template, with this Python first on the PATH and this cache.
fn lab_with(kernel: &Kernel, cache: &Path, tools: &Tools) -> (Option<i32>, String) {
    let path = std::env::var("PATH").unwrap();
    let bin = tools.dir.join("bin").display().to_string();
    let output = kernel
        .command(&["lab", "--no-browser", "--edit"])
        .env("PATH", format!("{bin}:{path}"))
        .env("ANYMODEL_CACHE_DIR", cache)
        .output()
        .unwrap();
    (output.status.code(), both(&output))
}

fn environments(lab: &Path) -> Vec<String> {
    let entries = fs::read_dir(lab).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| name.starts_with("venv-") && !name.ends_with(".lock"))
        .collect()
}

#[test]
fn an_environment_is_made_whole_or_not_at_all() {
    let kernel = Kernel::installed();
    // The same templates, and no environment yet.
    let cache = kernel.scratch("environments");
    std::os::unix::fs::symlink(kernel.cache.join("kernel"), cache.join("kernel")).unwrap();
    let lab = cache.join("lab");

    let offline = "echo 'NewConnectionError: Temporary failure in name resolution'; exit 1";
    let tools = Tools::none("pip-offline").with("python3", &python(offline, "exit 0"));
    let (code, words) = lab_with(&kernel, &cache, &tools);
    assert_eq!(code, Some(1), "{words}");
    for said in [
        "error: pip cannot reach the network",
        "why: ",
        "hint: check the connection",
    ] {
        assert!(words.contains(said), "{words}");
    }
    assert!(environments(&lab).is_empty(), "nothing half made stays");

    let broken = "echo 'No matching distribution'; exit 1";
    let tools = Tools::none("pip-broken").with("python3", &python(broken, "exit 0"));
    let (code, words) = lab_with(&kernel, &cache, &tools);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("pip failed; its last words"), "{words}");
    assert!(words.contains("    No matching distribution"), "{words}");
    assert!(environments(&lab).is_empty());

    // Whole, but what is in it does not start: said with its own words, and kept.
    let tools = Tools::none("no-start").with("python3", &python("exit 0", "echo boom; exit 3"));
    let (code, words) = lab_with(&kernel, &cache, &tools);
    assert_eq!(code, Some(1), "{words}");
    assert!(
        words.contains("JupyterLab ended while starting (exit status: 3)"),
        "{words}"
    );
    assert!(words.contains("    boom"), "{words}");
    let made = environments(&lab);
    assert_eq!(made.len(), 1, "{made:?}");
    let made = lab.join(&made[0]);

    // Without its mark it is the rest of a failure, and is made anew.
    fs::remove_file(made.join("lab.json")).unwrap();
    fs::write(made.join("rest"), "").unwrap();
    lab_with(&kernel, &cache, &tools);
    assert!(made.join("lab.json").exists());
    assert!(!made.join("rest").exists());
}

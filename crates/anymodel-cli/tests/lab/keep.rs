//! What is kept is told by `status`, and taken away by `uninstall`.

use std::fs;

use serde_json::json;

use crate::tools::{PYTHON, Tools, both};

/// A cache with one of everything, and a kernelspec, as they are on the disk.
fn lived_in(name: &str) -> Tools {
    let tools = Tools::none(name)
        .with("python3", PYTHON)
        .with_rustc("1.95.0");
    let cache = tools.dir.join("cache");
    let venv = cache.join("lab/venv-0123456789abcdef");
    let template = cache.join("kernel/template-0123456789abcdef/build-1-1");
    let spec = tools.dir.join("jupyter/kernels/anymodel");
    for dir in [&venv, &template, &spec] {
        fs::create_dir_all(dir).unwrap();
    }
    let mark = json!({ "jupyterlab": "4.0.0", "python": "3.9.0" });
    fs::write(venv.join("lab.json"), mark.to_string()).unwrap();
    fs::write(template.join("libbig.so"), vec![0; 3_000_000]).unwrap();
    fs::write(spec.join("anymodel"), vec![0; 2_000_000]).unwrap();
    let kernel = json!({
        "argv": [spec.join("anymodel"), "kernel", "start"],
        "metadata": { "anymodel": { "crate": crate::kernel_support::root() } },
    });
    fs::write(spec.join("kernel.json"), kernel.to_string()).unwrap();
    tools
}

#[test]
fn status_tells_what_is_there_how_large_and_what_would_be_made_anew() {
    let tools = lived_in("status");
    let output = tools.command(&["kernel", "status"]).output().unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for said in [
        "program: ",
        "(2 MB, 0 min old)",
        "template: none for ",
        "it would be built",
        "lab: not the one that `cargo lab` would use now, which makes a new one",
        "JupyterLab 4.0.0 on Python 3.9.0",
        "next: `anymodel kernel install`",
    ] {
        assert!(text.contains(said), "{said} is missing in\n{text}");
    }
}

#[test]
fn uninstall_removes_all_of_it_and_says_what() {
    let tools = lived_in("uninstall");
    let output = tools.command(&["kernel", "uninstall"]).output().unwrap();
    let text = both(&output);
    assert!(output.status.success(), "{text}");
    for said in [
        "removed: kernel and program, ",
        "kernels/anymodel (2 MB)",
        "removed: JupyterLab of `cargo lab`, ",
        "removed: templates, ",
        "cache/kernel (3 MB)",
    ] {
        assert!(text.contains(said), "{said} is missing in\n{text}");
    }
    let left: Vec<_> = fs::read_dir(tools.dir.join("cache")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!tools.dir.join("jupyter/kernels/anymodel").exists());
    // Once more: nothing is there, and that is no failure.
    let again = tools.command(&["kernel", "uninstall"]).output().unwrap();
    assert!(again.status.success());
    assert!(
        both(&again).contains("there is no kernel"),
        "{}",
        both(&again)
    );
}

#[test]
fn a_kernel_that_runs_keeps_its_template() {
    let tools = lived_in("busy");
    let running = tools.dir.join("cache/kernel/running");
    fs::create_dir_all(&running).unwrap();
    let lock = fs::File::create(running.join("id.lock")).unwrap();
    lock.lock().unwrap();
    let output = tools.command(&["kernel", "uninstall"]).output().unwrap();
    let text = both(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("close their notebooks"), "{text}");
    assert!(tools.dir.join("jupyter/kernels/anymodel").exists());
}

#[test]
fn a_folder_that_is_not_ours_is_neither_used_nor_removed_for_all_users() {
    let tools = Tools::none("foreign-share").with("rustc", "echo /usr");
    let prefix = tools.dir.join("prefix");
    let theirs = prefix.join("share/anymodel/theirs.txt");
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    fs::write(&theirs, "theirs").unwrap();
    let place = prefix.display().to_string();
    for command in ["install", "uninstall"] {
        let place = ["kernel", command, "--system", "--prefix", &place];
        let output = tools.command(&place).output().unwrap();
        let text = both(&output);
        assert_eq!(output.status.success(), command == "uninstall", "{text}");
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    }
}

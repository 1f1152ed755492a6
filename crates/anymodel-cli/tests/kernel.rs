//! The course's kernel as it is installed, described and removed, through real processes.

mod kernel_support;

use std::fs;

use kernel_support::Kernel;

#[test]
fn status_says_that_the_kernel_is_installed_and_its_template_up_to_date() {
    let kernel = Kernel::installed();
    let output = kernel.command(&["kernel", "status"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("template: up to date"), "{text}");
}

#[test]
fn the_kernelspec_is_one_that_jupyter_reads() {
    let kernel = Kernel::installed();
    let path = kernel.jupyter.join("kernels/anymodel/kernel.json");
    let spec: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(spec["display_name"], "Rust (anymodel)");
    assert_eq!(spec["language"], "rust");
    assert_eq!(spec["interrupt_mode"], "message");
    let argv = spec["argv"].as_array().unwrap();
    assert!(
        argv.iter().any(|part| part == "{connection_file}"),
        "{spec}"
    );
}

#[test]
fn a_second_installation_leaves_the_template_alone_and_uninstall_takes_the_kernel_away() {
    let kernel = Kernel::installed();
    let prefix = kernel.scratch("prefix");
    let prefix = prefix.to_str().unwrap();
    let place = ["--name", "spare", "--prefix", prefix];

    let install = kernel
        .command(&["kernel", "install"])
        .args(place)
        .output()
        .unwrap();
    let words = String::from_utf8(install.stderr).unwrap();
    assert!(install.status.success(), "{words}");
    assert!(words.contains("template: up to date"), "{words}");
    let folder = std::path::Path::new(prefix).join("share/jupyter/kernels/spare");
    assert!(folder.join("kernel.json").exists());

    // Another cache folder, so that the template which the other tests use stays.
    let mut uninstall = kernel.command(&["kernel", "uninstall"]);
    uninstall
        .args(place)
        .env("ANYMODEL_CACHE_DIR", kernel.scratch("other-cache"));
    assert!(uninstall.status().unwrap().success());
    assert!(!folder.exists());
    let status = kernel
        .command(&["kernel", "status"])
        .args(place)
        .output()
        .unwrap();
    assert_eq!(status.status.code(), Some(1));
    assert!(
        String::from_utf8(status.stdout)
            .unwrap()
            .contains("not installed")
    );
}

#[test]
fn a_kernel_of_another_program_is_neither_overwritten_nor_removed() {
    let kernel = Kernel::installed();
    let prefix = kernel.scratch("foreign");
    let spec = prefix.join("share/jupyter/kernels/rust/kernel.json");
    fs::create_dir_all(spec.parent().unwrap()).unwrap();
    fs::write(
        &spec,
        r#"{"argv":["other"],"display_name":"Rust","language":"rust"}"#,
    )
    .unwrap();
    let before = fs::read_to_string(&spec).unwrap();
    for command in ["install", "uninstall"] {
        let output = kernel
            .command(&["kernel", command, "--name", "rust", "--prefix"])
            .arg(&prefix)
            .output()
            .unwrap();
        assert!(!output.status.success());
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("another program")
        );
        assert_eq!(fs::read_to_string(&spec).unwrap(), before);
    }
}

#[test]
fn a_crate_whose_source_changed_makes_the_template_stale_and_status_names_the_file() {
    let kernel = Kernel::installed();
    // A copy of the template's record in a cache of its own, with one hash that does not hold.
    let cache = kernel.scratch("stale-cache");
    let mut found = false;
    for build in kernel.builds() {
        let place = build.strip_prefix(&kernel.cache).unwrap();
        let copy = cache.join(place);
        fs::create_dir_all(&copy).unwrap();
        let text = fs::read_to_string(build.join("template.json")).unwrap();
        let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (path, hash) in record["files"].as_object_mut().unwrap() {
            if path.ends_with("src/lib.rs") {
                *hash = "0".into();
                found = true;
            }
        }
        fs::write(copy.join("template.json"), record.to_string()).unwrap();
    }
    assert!(found, "the record holds the sources that the compiler used");
    let output = kernel
        .command(&["kernel", "status"])
        .env("ANYMODEL_CACHE_DIR", cache)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("src/lib.rs changed"), "{text}");
    assert!(text.contains("anymodel kernel install"), "{text}");
}

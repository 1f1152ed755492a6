//! Where a kernel runs: folders that pin toolchains, environments that say much or little, things that were moved or
//! deleted. It works, or one message in the notebook says what to do.

use std::fs;
use std::path::{Path, PathBuf};

use jupyter_protocol::KernelInfoRequest;

use crate::client::{Kernel, Ran};
use crate::process::{self, Process};

/// A kernel whose process was changed before it started.
async fn kernel(change: impl FnOnce(&mut std::process::Command, &Path)) -> Kernel {
    let (folder, cache) = (process::folder(), process::installed());
    let (mut command, info) = Process::command(&folder, &cache, "a key").await;
    change(&mut command, &folder);
    Kernel::of(Process::run(command, info, folder, cache)).await
}

/// What a failed cell shows.
fn told(ran: &Ran) -> String {
    assert_eq!(ran.reply["status"], "error", "{:?}", ran.reply);
    ran.reply["traceback"].to_string()
}

async fn assert_runs(mut kernel: Kernel) {
    let ran = kernel.run("let x = 1; x + 1").await;
    assert_eq!(ran.reply["status"], "ok", "{:?}", ran.reply);
    let result = ran.all("execute_result");
    assert_eq!(result[0]["data"]["text/plain"], "2");
}

#[tokio::test]
async fn a_toolchain_that_the_folder_pins_and_nobody_installed_does_not_matter() {
    let kernel = kernel(|command, folder| {
        fs::write(
            folder.join("rust-toolchain.toml"),
            "[toolchain]\nchannel = \"1.80.0\"\n",
        )
        .unwrap();
        command.current_dir(folder);
    });
    assert_runs(kernel.await).await;
}

#[tokio::test]
async fn without_rust_on_the_path_the_compiler_of_the_template_is_called() {
    let kernel = kernel(|command, folder| {
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("HOME", folder).env_remove("CARGO_HOME");
    });
    assert_runs(kernel.await).await;
}

#[tokio::test]
async fn what_the_environment_tells_rust_and_cargo_disturbs_neither_cells_nor_crates() {
    let mut kernel = kernel(|command, folder| {
        command
            .env("RUSTFLAGS", "--no-such-flag")
            .env("RUSTC", "/no/such/rustc")
            .env("RUSTC_WRAPPER", "/no/such/wrapper")
            .env("CARGO_TARGET_DIR", folder.join("elsewhere"))
            .env("CARGO_BUILD_TARGET", "wasm32-unknown-unknown")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "3")
            .env("RUSTUP_TOOLCHAIN", "no-such-toolchain")
            .env("RUST_BACKTRACE", "1");
    })
    .await;
    let folder = kernel.process.folder.join("plain");
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = "[package]\nname = \"plain\"\nversion = \"0.1.0\"\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), "pub fn two() -> u8 { 2 }\n").unwrap();
    let line = format!(
        ":dep plain = {{ path = {:?} }}\nplain::two()",
        folder.display().to_string()
    );
    let ran = kernel.run(&line).await;
    assert_eq!(ran.reply["status"], "ok", "{:?}", ran.reply);
    assert_eq!(ran.all("execute_result")[0]["data"]["text/plain"], "2");
    assert!(!kernel.process.folder.join("elsewhere").exists());
    let wrong = kernel
        .run(":dep plain = { path = \"/no/such/crate\" }")
        .await;
    assert!(
        !told(&wrong).to_lowercase().contains("backtrace"),
        "{:?}",
        wrong.reply
    );
    assert_runs(kernel).await;
}

#[tokio::test]
async fn a_crate_that_was_moved_away_is_told_in_each_cell_with_what_to_do() {
    let folder = process::folder();
    let cache = folder.join("cache");
    let (command, info) = Process::command(&folder, &cache, "a key").await;
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let mut moved = std::process::Command::new(command.get_program());
    for argument in arguments {
        match argument == process::root() {
            true => moved.arg("/no/such/repository"),
            false => moved.arg(argument),
        };
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => moved.env(name, value),
            None => moved.env_remove(name),
        };
    }
    let mut kernel = Kernel::of(Process::run(moved, info, folder, cache)).await;
    let info = kernel.ask(KernelInfoRequest {}).await;
    assert_eq!(info.reply["status"], "ok");
    for _ in 0..2 {
        let words = told(&kernel.run("1 + 1").await);
        assert!(words.contains("/no/such/repository"), "{words}");
        assert!(words.contains("`cargo lab`"), "{words}");
    }
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_told_with_what_to_do() {
    let mut kernel = kernel(|command, folder| {
        fs::write(folder.join("file"), "").unwrap();
        command.env("ANYMODEL_CACHE_DIR", folder.join("file"));
    })
    .await;
    let words = told(&kernel.run("1 + 1").await);
    assert!(words.contains("set ANYMODEL_CACHE_DIR"), "{words}");
}

#[tokio::test]
async fn without_a_c_compiler_a_cell_says_what_to_install() {
    let mut kernel = kernel(|command, folder| {
        fs::create_dir(folder.join("empty")).unwrap();
        command.env("PATH", folder.join("empty"));
    })
    .await;
    let words = told(&kernel.run("1 + 1").await);
    assert!(words.contains("install a C compiler"), "{words}");
    assert!(words.contains("build-essential"), "{words}");
}

#[tokio::test]
async fn a_notebook_whose_folder_was_deleted_goes_on() {
    let mut gone = PathBuf::new();
    let kernel = kernel(|command, folder| {
        gone = folder.join("notebooks");
        fs::create_dir(&gone).unwrap();
        command.current_dir(&gone);
    });
    let mut kernel = kernel.await;
    kernel.run("let kept = 5;").await;
    fs::remove_dir_all(&gone).unwrap();
    let ran = kernel.run("kept + 1").await;
    assert_eq!(ran.reply["status"], "ok", "{:?}", ran.reply);
    assert_runs(kernel).await;
}

#[tokio::test]
async fn a_kernel_whose_own_files_were_deleted_begins_anew_and_says_what_that_cost() {
    let folder = process::folder();
    let (cache, own) = (process::installed(), folder.join("cache"));
    // The same templates, which are named by their whole paths, and a folder for running kernels that is ours alone.
    let kernels = fs::read_dir(cache.join("kernel")).unwrap().flatten();
    for template in kernels.filter(|one| one.file_name() != "running") {
        for build in fs::read_dir(template.path()).unwrap().flatten() {
            let copy = own
                .join("kernel")
                .join(template.file_name())
                .join(build.file_name());
            let record = build.path().join("template.json");
            if record.exists() {
                fs::create_dir_all(&copy).unwrap();
                fs::copy(record, copy.join("template.json")).unwrap();
                fs::copy(build.path().join("in-use"), copy.join("in-use")).unwrap();
            }
        }
    }
    let (command, info) = Process::command(&folder, &own, "a key").await;
    let mut kernel = Kernel::of(Process::run(command, info, folder, own.clone())).await;
    let ran = kernel.run("let kept = 5;").await;
    assert_eq!(ran.reply["status"], "ok", "{:?}", ran.reply);
    for entry in fs::read_dir(own.join("kernel/running")).unwrap().flatten() {
        if entry.path().is_dir() {
            fs::remove_dir_all(entry.path()).unwrap();
        }
    }
    let ran = kernel.run("1 + 1").await;
    assert_eq!(ran.reply["status"], "ok", "{:?}", ran.reply);
    let note = ran.text("stderr");
    assert!(note.contains("begins anew, without: kept"), "{note}");
    assert_runs(kernel).await;
}

#[tokio::test]
async fn without_a_network_what_was_fetched_before_is_added_and_the_rest_is_told() {
    let mut kernel = kernel(|command, _| {
        for name in ["https_proxy", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"] {
            command.env(name, "http://127.0.0.1:9");
        }
        command.env_remove("no_proxy").env_remove("NO_PROXY");
        command.env("CARGO_NET_RETRY", "0");
    })
    .await;
    let git = ":dep tool = { git = \"https://host.invalid/tool\" }";
    let words = told(&kernel.run(git).await);
    assert!(
        words.contains("`tool` cannot be added: cargo cannot reach the network"),
        "{words}"
    );
    assert!(words.contains("check the connection"), "{words}");
    let ran = kernel
        .run(":dep fastrand = \"2\"\nfastrand::u8(0..1)")
        .await;
    assert_eq!(ran.reply["status"], "ok", "{:?}", ran.reply);
}

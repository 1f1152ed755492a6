//! How a kernel ends, and what it leaves behind: nothing.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jupyter_protocol::{ExecuteRequest, KernelInfoRequest, ShutdownRequest};
use serde_json::json;

use crate::client::{Kernel, PATIENCE};
use crate::process::{self, Process};

fn signal(name: &str, id: u32) {
    let done = Command::new("kill")
        .args([name, &id.to_string()])
        .status()
        .unwrap();
    assert!(done.success());
}

fn is_alive(id: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let is_zombie = state
        .rsplit(')')
        .next()
        .is_some_and(|rest| rest.starts_with(" Z"));
    !state.is_empty() && !is_zombie
}

async fn wait_for(mut holds: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if holds() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test]
async fn shutdown_is_answered_with_its_flag_and_then_the_kernel_ends_well_and_leaves_nothing() {
    for restart in [false, true] {
        let mut kernel = Kernel::bare().await;
        kernel.ask(KernelInfoRequest {}).await;
        assert_eq!(kernel.process.left_behind(), 2, "a folder and its lock");
        let reply = kernel.control(ShutdownRequest { restart }).await;
        assert_eq!(reply, json!({ "status": "ok", "restart": restart }));
        let status = kernel.process.end().await;
        assert!(status.success(), "{status}");
        assert_eq!(kernel.process.left_behind(), 0);
    }
}

#[tokio::test]
async fn shutdown_is_obeyed_on_the_shell_channel_too() {
    let mut kernel = Kernel::bare().await;
    let id = kernel.send(ShutdownRequest { restart: false }).await;
    assert_eq!(kernel.reply(&id).await["status"], "ok");
    assert!(kernel.process.end().await.success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_kernel_that_is_told_to_end_by_a_signal_cleans_up() {
    for name in ["-TERM", "-HUP"] {
        let mut kernel = Kernel::bare().await;
        kernel.ask(KernelInfoRequest {}).await;
        signal(name, kernel.process.child.id().unwrap());
        let status = kernel.process.end().await;
        assert!(status.success(), "{name}: {status}");
        assert_eq!(kernel.process.left_behind(), 0);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_signal_of_ctrl_c_does_not_end_a_kernel() {
    let mut kernel = Kernel::bare().await;
    for _ in 0..3 {
        signal("-INT", kernel.process.child.id().unwrap());
        let reply = kernel.ask(KernelInfoRequest {}).await.reply;
        assert_eq!(reply["status"], "ok");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_signal_of_ctrl_c_interrupts_a_running_cell() {
    let mut kernel = Kernel::start().await;
    kernel.run("let kept = 7;").await;
    let request = ExecuteRequest::new("println!(\"it runs\"); loop {}".to_owned());
    let id = kernel.send(request).await;
    kernel.runs(&id).await;
    signal("-INT", kernel.process.child.id().unwrap());
    let ran = kernel.finish(&id).await;
    assert_eq!(ran.reply["ename"], "Interrupted", "{ran:?}");
    assert_eq!(kernel.run("kept").await.all("execute_result").len(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_kernel_ends_with_the_process_that_jupyter_names() {
    let mut jupyter = Command::new("sleep").arg("1000").spawn().unwrap();
    let folder = process::folder();
    let cache = folder.join("cache");
    let (mut command, info) = Process::command(&folder, &cache, "a key").await;
    command.env("JPY_PARENT_PID", jupyter.id().to_string());
    let process = Process::run(command, info, folder, cache);
    let mut kernel = Kernel::of(process).await;
    kernel.ask(KernelInfoRequest {}).await;
    jupyter.kill().unwrap();
    jupyter.wait().unwrap();
    assert!(kernel.process.end().await.success());
    assert_eq!(kernel.process.left_behind(), 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_kernel_ends_with_the_process_that_started_it() {
    let folder = process::folder();
    let cache = folder.join("cache");
    let (command, info) = Process::command(&folder, &cache, "a key").await;
    // A shell that starts the kernel, says its id, and waits.
    let mut shell = Command::new("sh");
    shell.args(["-c", r#""$0" "$@" & echo $! > "$ID"; wait"#]);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let id_file = folder.join("id");
    shell.env("ID", &id_file).stdin(Stdio::null());
    let process = Process::run(shell, info, folder, cache);
    let mut kernel = Kernel::of(process).await;
    kernel.ask(KernelInfoRequest {}).await;
    let id = std::fs::read_to_string(id_file).unwrap();
    let id: u32 = id.trim().parse().unwrap();
    assert!(is_alive(id));
    kernel.process.child.kill().await.unwrap();
    assert!(wait_for(|| !is_alive(id)).await, "the kernel ends");
    assert_eq!(kernel.process.left_behind(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_killed_kernel_left_behind_is_removed_by_the_next_one() {
    let mut killed = Kernel::bare().await;
    killed.ask(KernelInfoRequest {}).await;
    killed.process.child.kill().await.unwrap();
    assert_eq!(killed.process.left_behind(), 2);
    let (folder, cache) = (process::folder(), killed.process.cache.clone());
    let (command, info) = Process::command(&folder, &cache, "a key").await;
    let process = Process::run(command, info, folder, cache);
    let mut next = Kernel::of(process).await;
    next.ask(KernelInfoRequest {}).await;
    assert!(
        wait_for(|| killed.process.left_behind() == 2).await,
        "its own two are left"
    );
    next.control(ShutdownRequest { restart: false }).await;
    assert!(next.process.end().await.success());
    assert_eq!(next.process.left_behind(), 0);
}

/// The processes below this one.
#[cfg(target_os = "linux")]
fn descendants(id: u32) -> Vec<u32> {
    let mut found = vec![id];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        at += 1;
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
                continue;
            };
            let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            let wanted = format!("PPid:\t{parent}");
            if status.lines().any(|line| line == wanted) && !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found.split_off(1)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_of_a_running_cell_outlives_its_kernel_however_that_ends() {
    for end in ["shutdown", "-TERM", "-KILL"] {
        let mut kernel = Kernel::start().await;
        kernel.run("let a = 1;").await;
        let id = kernel.process.child.id().unwrap();
        let code = "std::process::Command::new(\"sleep\").arg(\"1000\").spawn()?;\nloop {}";
        kernel.send(ExecuteRequest::new(code.to_owned())).await;
        let mut below = Vec::new();
        let is_started = || {
            below = descendants(id);
            below.len() >= 2
        };
        assert!(
            wait_for(is_started).await,
            "the runner and what the cell started"
        );
        let asked = Instant::now();
        if end == "shutdown" {
            kernel.control(ShutdownRequest { restart: false }).await;
        } else {
            signal(end, id);
        }
        kernel.process.end().await;
        assert!(
            asked.elapsed() < Duration::from_secs(3),
            "{end}: {:?}",
            asked.elapsed()
        );
        let is_gone = || !below.iter().any(|id| is_alive(*id));
        assert!(wait_for(is_gone).await, "{end} leaves {below:?}");
    }
}

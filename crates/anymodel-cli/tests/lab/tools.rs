//! A PATH on which stand only the tools that a test puts there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder of this name for one test.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("lab")
        .join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// A folder of stand-ins, and everything else a run of the program needs for itself.
pub struct Tools {
    pub dir: PathBuf,
}

pub const PYTHON: &str = "echo 3.12.4; echo True";
pub const CC: &str = "echo cc 14";
/// Says that it is this version and that its folder is SYSROOT.
const RUSTC: &str = r#"case "$*" in
*sysroot*) echo SYSROOT ;;
*libdir*) echo SYSROOT/lib ;;
*) echo "rustc VERSION (0123 2026-01-01)"; echo "host: x86_64-unknown-linux-gnu" ;;
esac"#;

impl Tools {
    pub fn none(name: &str) -> Tools {
        let dir = scratch(name);
        for part in ["bin", "cache", "sysroot", "jupyter"] {
            fs::create_dir_all(dir.join(part)).unwrap();
        }
        Tools { dir }
    }

    /// Puts a stand-in for `name` on the PATH, which runs this shell script.
    pub fn with(self, name: &str, script: &str) -> Tools {
        let path = self.dir.join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    pub fn with_rustc(self, version: &str) -> Tools {
        let sysroot = self.dir.join("sysroot").display().to_string();
        let script = RUSTC
            .replace("SYSROOT", &sysroot)
            .replace("VERSION", version);
        self.with("rustc", &script)
    }

    /// The program with these arguments, on this PATH alone.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
        command
            .args(arguments)
            .current_dir(crate::kernel_support::root())
            .env("PATH", self.dir.join("bin"))
            .env("ANYMODEL_CACHE_DIR", self.dir.join("cache"))
            .env("JUPYTER_DATA_DIR", self.dir.join("jupyter"))
            // Where a compiler is looked for that is not on the PATH.
            .env("HOME", &self.dir)
            .env_remove("CARGO_HOME")
            .env_remove("RUSTUP_HOME")
            .env_remove("RUST_SRC_PATH")
            .env("NO_COLOR", "1");
        command
    }

    /// What the program says when it fails, without the places of this machine.
    pub fn says(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let words = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words}");
        words.replace(&self.dir.display().to_string(), "<scratch>")
    }
}

/// Both streams of a process that ended.
pub fn both(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

//! Hints for failures of the machine, such as a full disk, recognised by the error texts of other tools.

use super::CellError;
use crate::paths::CACHE_VARIABLE;
use crate::preflight::GET_CC;

impl CellError {
    /// Adds a hint when the machine caused the failure and the error has none yet.
    #[must_use]
    pub(super) fn with_cure(mut self) -> CellError {
        const OF_THE_KERNEL: [&str; 3] = ["CompileError", "KernelError", "CommandError"];
        if OF_THE_KERNEL.contains(&self.name.as_str())
            && let Some(cure) = cure(&format!("{}\n{}", self.value, self.traceback.join("\n")))
        {
            self.traceback.push(format!("hint: {cure}"));
        }
        self
    }
}

fn cure(words: &str) -> Option<String> {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let elsewhere =
        |what: &str| format!("set {CACHE_VARIABLE} to a folder {what}, and restart the kernel");
    if words.contains("linker `") && says(&["not found", "could not exec"]) {
        return Some(format!(
            "install a C compiler, which rustc calls to link ({GET_CC})"
        ));
    }
    if says(&["No space left on device", "Disk quota exceeded"]) {
        return Some(format!(
            "make room on the disk, or {}",
            elsewhere("on another one")
        ));
    }
    if says(&["failed to map segment from shared object"]) {
        return Some(format!(
            "that disk is mounted `noexec`; {}",
            elsewhere("on another one")
        ));
    }
    let is_closed = says(&[
        "Permission denied",
        "Read-only file system",
        "Not a directory",
        "No such file or directory",
    ]);
    if is_closed && says(&["cannot be written", "cannot be made", "cannot be copied"]) {
        return Some(elsewhere("that you can write"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_machine_gets_its_cure_and_one_of_the_learner_does_not() {
        let last = |name: &str, words: &str| {
            let failure = CellError::plain(name, words).with_cure();
            failure.traceback.last().cloned().unwrap_or_default()
        };
        let full = "/x/cell.rs cannot be written: No space left on device (os error 28)";
        assert!(last("KernelError", full).contains("make room on the disk"));
        let mount = "cell.so: failed to map segment from shared object";
        assert!(last("KernelError", mount).contains("noexec"));
        let closed = "/x cannot be written: Read-only file system (os error 30)";
        assert!(last("KernelError", closed).contains("that you can write"));
        assert!(!last("Error", full).contains("hint"));
        assert!(!last("CompileError", "cannot find value `x`").contains("hint"));
    }
}

//! Adding crates to a running session (`:dep`), and its reset after the kernel's files were deleted.

use tokio::sync::watch;

use super::dependencies::Added;
use super::engine::Engine;
use super::items::Items;
use super::progress_display::ProgressDisplay;
use super::{CellError, CellEvent, EventSender};

impl Engine {
    /// Adds the crates of `:dep` lines.
    pub(super) async fn add(
        &mut self,
        lines: &[String],
        events: &EventSender,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), CellError> {
        if lines.is_empty() {
            return Ok(());
        }
        let (root, folder) = (self.settings.root.clone(), self.settings.folder.clone());
        let title = lines.join(", ");
        let bar = ProgressDisplay::new(&format!("adding {title}"), events);
        let mut progress = bar.progress();
        let linked = &mut self.ready()?.linked;
        let added = tokio::select! {
            added = linked.add(lines, &root, &folder, &mut *progress) => added,
            _ = interrupts.changed() => return Err(CellError::interrupted("")),
        };
        drop(progress);
        let told = |error: anyhow::Error| CellError::plain("CommandError", format!("{error:#}"));
        let added = added.map_err(told)?;
        if added == Added::Nothing {
            return Ok(());
        }
        bar.end(&format!("added {title}")).await;
        let linked = &self.ready()?.linked;
        let (hidden, renamed) = (linked.hidden_crates(), linked.renamed());
        // A crate that exists in two versions now cannot be named.
        let mut named = std::mem::take(&mut self.session.named_crates);
        named.retain(|name| hidden.contains(name) || renamed.contains(name));
        named.extend(renamed);
        self.session.named_crates = named;
        self.session.variables.hide(hidden);
        let told = match &added {
            Added::Everything => {
                let why = "was dropped when a crate was added; run the cell that makes it again";
                let lost = self.session.forget_all(why);
                self.restart_runner()
                    .await
                    .map_err(|error| CellError::kernel(&error))?;
                let names = lost.join(", ");
                (!lost.is_empty()).then(|| {
                    format!("dropped, because a crate they use was compiled anew: {names}\n")
                })
            }
            Added::Crates(changed) => {
                let changed = changed.iter().map(String::as_str);
                self.session.compiled_anew(changed)
            }
            Added::Nothing => None,
        };
        if let Some(text) = told {
            let _ = events.send(CellEvent::Stderr(text)).await;
        }
        Ok(())
    }

    /// Resets everything that was linked with deleted files.
    pub(super) async fn begin_again(&mut self, events: &EventSender) {
        let why = "was lost when the kernel's files were deleted; run the cell that makes it again";
        let mut lost = self.session.forget_all(why);
        if let Some(ready) = self.ready.take() {
            lost.extend(
                ready
                    .linked
                    .list()
                    .iter()
                    .map(|line| format!(":dep {line}")),
            );
            ready.runner.end().await;
        }
        self.session.named_crates.clear();
        if !self.settings.folder.exists() {
            // The statics of earlier cells are gone with the runner.
            self.session.items = Items::default();
            self.session.libraries.clear();
            let _ = std::fs::create_dir_all(&self.settings.folder);
        }
        let mut text = "the kernel's files were deleted while it ran; it begins anew".to_owned();
        if !lost.is_empty() {
            text += &format!(", without: {}", lost.join(", "));
        }
        let _ = events.send(CellEvent::Stderr(text + "\n")).await;
    }
}

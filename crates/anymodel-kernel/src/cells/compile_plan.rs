//! Compile plan: what one attempt to compile a cell teaches for the next one.

use std::collections::BTreeSet;

use super::items::FailedItems;

/// The settings of one attempt to compile a cell.
#[derive(Debug, Default)]
pub struct CompilePlan {
    /// Variables that cannot be put into the store, and whether the cell creates them.
    pub left_out: BTreeSet<(String, bool)>,
    /// Names in patterns that are constants.
    pub constants: BTreeSet<String>,
    /// Statics whose values the compiler reads (const evaluation), so that a declaration is not enough.
    pub copied: BTreeSet<String>,
    /// Items of earlier cells that do not compile with this one.
    pub unfit: FailedItems,
    /// Whether the statements use `.await`.
    pub awaits: bool,
    /// Whether `?` meets errors that do not convert to `Box<dyn Error>`.
    pub any_error: bool,
    /// Whether all items of earlier cells are included, and not only the reachable ones.
    pub all: bool,
    /// Whether the file is only for error messages, and not to run. The statements are then the body
    /// of an ordinary function that knows all variables, for which the compiler has more advice.
    pub is_function: bool,
    /// Whether calls of macros are marked, so that their expansions can be found.
    pub is_marked: bool,
    /// Whether imports that the cell does not name are left out.
    pub is_bare: bool,
}

impl CompilePlan {
    /// The first line of the function around a cell.
    pub(super) fn head(&self, count: u32) -> String {
        let kind = if self.awaits { "async fn" } else { "fn" };
        let stop = if self.any_error { "AnyStop" } else { "Stop" };
        match self.is_function {
            true => format!(
                "{kind} __cell() -> ::std::result::Result<(), ::anymodel_cell::{stop}> {{\n"
            ),
            false => format!("#[unsafe(no_mangle)]\npub fn __cell_{count}() {{\n"),
        }
    }

    /// The code before a cell's statements and after them.
    pub(super) fn around(&self) -> (&'static str, &'static str) {
        if self.is_function {
            return ("", "::std::result::Result::Ok(())\n");
        }
        match (self.awaits, self.any_error) {
            (false, false) => (
                "::anymodel_cell::run(::std::boxed::Box::new(|| \
                 -> ::std::result::Result<(), ::anymodel_cell::Stop> {\n",
                "::std::result::Result::Ok::<(), ::anymodel_cell::Stop>(())\n}));\n",
            ),
            (false, true) => (
                "::anymodel_cell::run(::std::boxed::Box::new(|| (|| \
                 -> ::std::result::Result<(), ::anymodel_cell::AnyStop> {\n",
                "::std::result::Result::Ok::<(), ::anymodel_cell::AnyStop>(())\n\
                 })().map_err(::anymodel_cell::AnyStop::stop)));\n",
            ),
            (true, false) => (
                "::anymodel_cell::run(::std::boxed::Box::new(|| \
                 ::anymodel_task::block_on(::std::boxed::Box::pin(async {\n",
                "::std::result::Result::Ok::<(), ::anymodel_cell::Stop>(())\n}))));\n",
            ),
            (true, true) => (
                "::anymodel_cell::run(::std::boxed::Box::new(|| \
                 ::anymodel_task::block_on(::std::boxed::Box::pin(async { async {\n",
                "::std::result::Result::Ok::<(), ::anymodel_cell::AnyStop>(())\n\
                 }.await.map_err(::anymodel_cell::AnyStop::stop) }))));\n",
            ),
        }
    }
}

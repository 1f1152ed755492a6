//! What is learned from one attempt to compile a cell for the next one.

use std::collections::BTreeSet;

use super::items::Unfit;

/// How a cell is to be compiled.
#[derive(Debug, Default)]
pub struct Plan {
    /// Variables that cannot be put into the store, and whether the cell makes them.
    pub left_out: BTreeSet<(String, bool)>,
    /// Names in patterns that are constants.
    pub constants: BTreeSet<String>,
    /// Items of earlier cells that do not fit this one.
    pub unfit: Unfit,
    /// Whether the statements need an executor.
    pub awaits: bool,
    /// Whether `?` meets errors that are no `Box<dyn Error>`.
    pub any_error: bool,
    /// Whether all items of earlier cells are included, and not only those that it seems to reach.
    pub all: bool,
    /// Whether imports that the cell does not name are left out.
    pub is_bare: bool,
}

impl Plan {
    /// What stands before a cell's statements and behind them.
    pub(super) fn around(&self) -> (&'static str, &'static str) {
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

//! Kernel commands, lines such as `:dep rand = "0.9"`, `:vars`, `!ls`.
//!
//! The stock kernel's commands are accepted as far as they make sense here, so that a notebook
//! runs on both kernels.

/// A parsed kernel command.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Adds a crate.
    Dep(String),
    /// Lists the variables.
    Vars,
    /// Lists the added crates.
    ShowDeps,
    /// Resets the session.
    Clear,
    /// Runs a shell command.
    Shell(String),
    /// Prints this text.
    Say(String),
    /// Accepted without effect, for this reason.
    Nothing(String),
}

const HELP: &str = "\
:dep NAME = \"VERSION\"   add a crate
:show_deps              list added crates
:vars                   list variables and their types
:clear                  forget everything
!COMMAND                run a command in the shell
:version                the kernel's version
:help                   this text";

impl Command {
    /// Parses a line.
    ///
    /// # Errors
    /// A message for the learner about what is wrong.
    pub fn read(line: &str) -> Result<Command, String> {
        if let Some(shell) = line.strip_prefix('!') {
            return Ok(Command::Shell(shell.trim().to_owned()));
        }
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        Ok(match name {
            ":dep" => Command::Dep(rest.trim().to_owned()),
            ":vars" => Command::Vars,
            ":show_deps" => Command::ShowDeps,
            ":clear" | ":restart" => Command::Clear,
            ":help" => Command::Say(HELP.to_owned()),
            ":version" => Command::Say(format!("anymodel {}", env!("CARGO_PKG_VERSION"))),
            ":opt" => Command::Nothing(format!(
                "note: `{line}` changes nothing: cells are not optimised yet, so that they start at once; \
                 crates that `:dep` adds are compiled as their own settings say\n"
            )),
            ":offline"
            | ":cache"
            | ":timing"
            | ":preserve_vars_on_panic"
            | ":linker"
            | ":sccache"
            | ":types"
            | ":load_config" => {
                Command::Nothing(format!("note: `{name}` has no effect in this kernel\n"))
            }
            _ => {
                return Err(format!("`{name}` is no command of this kernel\n{HELP}"));
            }
        })
    }
}

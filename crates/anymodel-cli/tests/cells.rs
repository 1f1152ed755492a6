//! The engine of the kernel: what cells do, what a learner reads when they fail, and that no text at
//! all brings the engine down.
//!
//! The template is the one of the other kernel tests, so only the first run on a machine builds it.
//! After a change of words: `INSTA_UPDATE=always cargo test -p anymodel-cli --test cells`, then read
//! the difference in `tests/cells/snapshots/`.

#[path = "cells/added.rs"]
mod added;
#[path = "cells/attempts.rs"]
mod attempts;
#[path = "cells/declared.rs"]
mod declared;
#[path = "cells/derived.rs"]
mod derived;
#[path = "cells/interrupts.rs"]
mod interrupts;
mod kernel_support;
#[path = "cells/lasting.rs"]
mod lasting;
#[path = "cells/made.rs"]
mod made;
#[path = "cells/mistakes.rs"]
mod mistakes;
#[path = "cells/sequences.rs"]
mod sequences;
#[path = "cells/session.rs"]
mod session;
#[path = "cells/state.rs"]
mod state;
#[path = "cells/texts.rs"]
mod texts;
#[path = "cells/words.rs"]
mod words;

//! What goes back in the next turn, and how calls of functions are put together.

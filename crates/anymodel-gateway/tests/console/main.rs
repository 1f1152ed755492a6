//! The console, as a teacher's browser uses it: over sockets, with its cookies and its forms.

mod browser;
mod pages;
mod sign_in;
mod teaching;

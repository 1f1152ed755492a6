//! Runtime library of cells: the store of variables, the handling of panics and of `?`, and the display of a
//! cell's value.
//!
//! This file is not a part of the crate `anymodel`. It is the crate `anymodel_cell`, compiled once
//! when the kernel is installed, as a dynamic library. All cells and the runner link that one
//! library, so there is one store. It uses nothing but the standard library: a cell that does not
//! name a crate loads none.

use std::any::Any;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::{Debug, Display, Write as _};
use std::future::Future;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

// The store ------------------------------------------------------------------------------------

/// A variable between two cells.
struct Slot(Box<dyn Any>);

// SAFETY: cells run one after another on one thread. A new thread takes over only when the old one was
// parked for ever in an interrupted cell, and what that cell had taken out of the store is not here.
unsafe impl Send for Slot {}

static STORE: Mutex<Option<HashMap<String, Slot>>> = Mutex::new(None);
static REPLACED: Mutex<Vec<Slot>> = Mutex::new(Vec::new());

/// Keeps a variable for later cells. The number makes each call one that can be told from the others
/// in what the compiler says of it.
pub fn put<const NUMBER: usize, T: 'static>(name: &str, value: T) {
    let old = keep(name, Box::new(value));
    lock(&REPLACED).extend(old);
}

/// Drops the values whose place was taken by others. A destructor may be a learner's code, which may
/// panic, so this is done when everything else of a cell is done.
pub fn drop_replaced() {
    let replaced = std::mem::take(&mut *lock(&REPLACED));
    drop(replaced);
}

fn keep(name: &str, value: Box<dyn Any>) -> Option<Slot> {
    let mut store = lock(&STORE);
    store.get_or_insert_default().insert(name.to_owned(), Slot(value))
}

/// Takes a variable out again.
///
/// # Panics
/// When it is not there, or is of another type: the engine does not let that happen.
pub fn take<T: 'static>(name: &str) -> T {
    // The engine drops a variable whose type was declared anew. Should it miss one, the size often tells.
    let fits = |value: &dyn Any| {
        size_of_val(value) == size_of::<T>() && align_of_val(value) == align_of::<T>()
    };
    let downcast = |value: Box<dyn Any>| if fits(&*value) { value.downcast::<T>() } else { Err(value) };
    match take_any(name).map(downcast) {
        Some(Ok(value)) => *value,
        Some(Err(value)) => {
            keep(name, value);
            panic!("the variable `{name}` is of another type now; run the cell that makes it again")
        }
        None => panic!("the variable `{name}` is gone; run the cell that makes it again"),
    }
}

fn take_any(name: &str) -> Option<Box<dyn Any>> {
    lock(&STORE).as_mut()?.remove(name).map(|slot| slot.0)
}

// The guard ------------------------------------------------------------------------------------

/// Why a cell did not run to its end.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// `panic`, `error` or `interrupted`.
    pub kind: &'static str,
    /// What was said.
    pub message: String,
    /// The file, line and column it happened at.
    pub place: Option<(String, u32, u32)>,
    /// For a panic below the cell: the calls that led there, innermost first, as (file, line).
    pub calls: Vec<(String, u32)>,
}

/// Anything that `?` can return early with.
impl<E: Into<Box<dyn Error>>> From<E> for Stop {
    #[track_caller]
    fn from(error: E) -> Stop {
        Stop::early(with_causes(&*error.into()), Location::caller())
    }
}

impl Stop {
    fn early(message: String, place: &Location<'_>) -> Stop {
        Stop {
            kind: "error",
            message,
            place: Some((place.file().to_owned(), place.line(), place.column())),
            calls: Vec::new(),
        }
    }
}

/// What an error says, and what it says of its causes.
fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        // Many errors say what their cause says.
        if !message.contains(&text) {
            let _ = write!(message, "\ncaused by: {text}");
        }
        cause = inner.source();
    }
    message
}

/// As [`Stop`], for errors that are no `Box<dyn Error>` and cannot become one, such as
/// `Box<dyn Error + Send + Sync>`: anything that can be shown.
pub struct AnyStop(Stop);

impl<E: Display + 'static> From<E> for AnyStop {
    #[track_caller]
    fn from(error: E) -> AnyStop {
        let boxed: &dyn Any = &error;
        let message = if let Some(error) = boxed.downcast_ref::<Box<dyn Error + Send + Sync>>() {
            with_causes(&**error)
        } else if let Some(error) = boxed.downcast_ref::<Box<dyn Error + Send>>() {
            with_causes(&**error)
        } else if let Some(error) = boxed.downcast_ref::<Box<dyn Error>>() {
            with_causes(&**error)
        } else {
            format!("{error:#}")
        };
        AnyStop(Stop::early(message, Location::caller()))
    }
}

impl AnyStop {
    /// The same for the guard.
    pub fn stop(self) -> Stop {
        self.0
    }
}

static DONE: AtomicBool = AtomicBool::new(false);
static OUTCOME: Mutex<Option<Stop>> = Mutex::new(None);
static PANIC: Mutex<Option<Stop>> = Mutex::new(None);

/// Runs a cell's statements; panics end here.
pub fn run(body: Box<dyn FnOnce() -> Result<(), Stop> + '_>) {
    let stop = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => None,
        Ok(Err(stop)) => Some(stop),
        Err(_) => Some(panicked()),
    };
    DONE.store(stop.is_none(), Ordering::SeqCst);
    *lock(&OUTCOME) = stop;
}

/// Forgets the cell before this one.
pub fn begin() {
    clear_interrupt();
    DONE.store(false, Ordering::SeqCst);
}

/// Whether the statements of the last cell reached their end, whatever happened behind that.
pub fn done() -> bool {
    DONE.load(Ordering::SeqCst)
}

/// Whether the cell that just ran did not reach its end.
pub fn failed() -> bool {
    lock(&OUTCOME).is_some()
}

/// Why the last cell did not reach its end; asked once.
pub fn outcome() -> Option<Stop> {
    lock(&OUTCOME).take()
}

/// Notes a panic of the thread that runs cells: for the hook of the runner.
pub fn note_panic(stop: Stop) {
    *lock(&PANIC) = Some(stop);
}

/// The panic noted last.
pub fn panicked() -> Stop {
    lock(&PANIC).take().unwrap_or(Stop {
        kind: "panic",
        message: "a panic without a message".to_owned(),
        ..Stop::default()
    })
}

// Places ---------------------------------------------------------------------------------------

/// Where pieces of the learner's text stand in a generated file: line and column there, then cell, line
/// and column.
pub type Places = [(u32, u32, u32, u32, u32)];

/// The cell, line and column that a line and column of the generated file come from.
pub const fn place(places: &Places, line: u32, column: u32) -> (u32, u32, u32) {
    let mut found = (0, line, column);
    let mut next = 0;
    while next < places.len() {
        let (file_line, file_column, cell, cell_line, cell_column) = places[next];
        if file_line == line && file_column <= column {
            found = (cell, cell_line, cell_column + (column - file_column));
        }
        next += 1;
    }
    found
}

/// The same as words.
pub fn at(places: &Places, line: u32, column: u32) -> String {
    match place(places, line, column) {
        (cell, line, column) if cell <= UNCOUNTED => format!("cell [{cell}]:{line}:{column}"),
        (_, line, column) => format!("this cell:{line}:{column}"),
    }
}

/// From where on cells have no number in messages.
const UNCOUNTED: u32 = 1_000_000;

// Interrupts -----------------------------------------------------------------------------------

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static WAKER: Mutex<Option<Waker>> = Mutex::new(None);

/// Ends a cell that waits, at its next `.await`. Says whether it has one.
pub fn interrupt() -> bool {
    INTERRUPTED.store(true, Ordering::SeqCst);
    let waker = lock(&WAKER).take();
    let awaits = waker.is_some();
    waker.into_iter().for_each(Waker::wake);
    awaits
}

/// Forgets an interrupt that came too late.
pub fn clear_interrupt() {
    INTERRUPTED.store(false, Ordering::SeqCst);
    drop(lock(&WAKER).take());
}

/// Takes each lock of this library and gives it back: a thread that was stopped may hold one.
pub fn take_locks() {
    drop(lock(&STORE));
    drop(lock(&REPLACED));
    drop(lock(&OUTCOME));
    drop(lock(&PANIC));
    drop(lock(&WAKER));
}

/// A cell's future.
pub type CellFuture<'a> = Pin<Box<dyn Future<Output = Result<(), Stop>> + 'a>>;

/// A cell's future that ends when it is interrupted. What it had taken out of the store stays whole.
pub struct Interruptible<'a>(pub CellFuture<'a>);

impl Future for Interruptible<'_> {
    type Output = Result<(), Stop>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        *lock(&WAKER) = Some(context.waker().clone());
        if INTERRUPTED.swap(false, Ordering::SeqCst) {
            return Poll::Ready(Err(interrupted()));
        }
        self.0.as_mut().poll(context)
    }
}

/// How a cell ends that was interrupted.
pub fn interrupted() -> Stop {
    Stop {
        kind: "interrupted",
        message: "the cell was interrupted".to_owned(),
        ..Stop::default()
    }
}

// Values ---------------------------------------------------------------------------------------

/// Looks behind one reference, so that a borrowed value is shown like the value.
pub trait Peel {
    /// What is behind it.
    type Behind: ?Sized;
    /// The value behind the reference, or the value itself.
    fn __peel(&self) -> &Self::Behind;
}

impl<T: ?Sized> Peel for &T {
    type Behind = T;
    fn __peel(&self) -> &T {
        self
    }
}

/// The type has no `evcxr_display` of its own.
pub struct NotShown;

/// Found when the type has no `evcxr_display` of its own, because it is one reference further away.
pub trait NoDisplay {
    /// Shows nothing.
    fn evcxr_display(&self) -> NotShown;
}

impl<T: ?Sized> NoDisplay for &T {
    fn evcxr_display(&self) -> NotShown {
        NotShown
    }
}

/// What `evcxr_display` returned, and the value.
pub struct Shown<'a, R, T: ?Sized>(pub R, pub &'a T);

/// For a value that has shown itself.
pub trait Finish {
    /// Does nothing.
    fn __finish(&self);
}

impl<T: ?Sized> Finish for Shown<'_, (), T> {
    fn __finish(&self) {}
}

/// For a value that has not.
pub trait ByDebug {
    /// Shows it by its `Debug`.
    fn __finish(&self);
}

impl<T: Debug + ?Sized> ByDebug for Shown<'_, NotShown, T> {
    fn __finish(&self) {
        // As in Python, nothing is nothing to show.
        if std::any::type_name::<T>() != "()" {
            show_text(&format!("{:?}", self.1));
        }
    }
}

/// For a value that has not, and cannot be.
pub trait ByName {
    /// Names its type.
    fn __finish(&self);
}

impl<T: ?Sized> ByName for &Shown<'_, NotShown, T> {
    fn __finish(&self) {
        show_text(&match plain_type(std::any::type_name::<T>()).as_str() {
            "closure" => "a closure or a future, which has no Debug".to_owned(),
            name => format!("a value of the type {name}, which has no Debug"),
        });
    }
}

/// The name of a type without the function that a cell is.
fn plain_type(name: &str) -> String {
    const CELL: &str = "{{closure}}";
    let is_path = |c: char| c.is_alphanumeric() || "_:{}".contains(c);
    let plain = |piece: &str| {
        let (path, rest) = piece.split_at(piece.find(|c| !is_path(c)).unwrap_or(piece.len()));
        let path = match path.rsplit_once(CELL) {
            Some((_, inner)) if inner.is_empty() => "closure",
            Some((_, inner)) => inner.trim_start_matches(':'),
            None => path.trim_start_matches("notebook::"),
        };
        format!("{path}{rest}")
    };
    name.split_inclusive(|c| !is_path(c)).map(plain).collect()
}

/// Says that what is shown next is the value of the cell's last expression.
pub fn value_follows() {
    frame("{\"result_next\":true}");
}

/// Says that it was shown, if at all.
pub fn value_ends() {
    frame("{\"result_next\":false}");
}

fn show_text(text: &str) {
    frame(&format!("{{\"result\":{{\"data\":{{\"text/plain\":{}}}}}}}", quoted(text)));
}

/// Writes one frame to standard output.
pub fn frame(json: &str) {
    let bytes = framed(json);
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&bytes);
    let _ = out.flush();
}

/// A frame as it goes over a pipe.
pub fn framed(json: &str) -> Vec<u8> {
    static MARK: OnceLock<String> = OnceLock::new();
    let mark = MARK.get_or_init(|| std::env::var("ANYMODEL_CELL_MARK").unwrap_or_default());
    format!("\u{1e}{mark}\u{1f}{json}\u{1e}").into_bytes()
}

/// A text as a JSON string.
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if c < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

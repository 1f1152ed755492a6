//! The runner: the process in which cells run.
//!
//! It is compiled once when the kernel is installed, and shares the standard library with the cells.
//! Standard output and standard error are pipes of the kernel. Commands come over a connection to
//! the kernel, one a line:
//!
//! ```text
//! LOAD path          load a library now, so that the first cell need not wait for it
//! KEEP path          load a library before anything else is done: cells need its statics
//! RUN count path     load the library of a cell and run it
//! INTERRUPT          end the running cell
//! ```
//!
//! After a cell one frame `{"end": …}` goes to each pipe, behind everything that the cell wrote there.

mod allocator;
mod children;
mod park;

use std::backtrace::Backtrace;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::{BufRead, BufReader, Write, stderr, stdout};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anymodel_cell::{Stop, framed, interrupt, interrupted, quoted};

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
    fn _exit(status: c_int) -> !;
}

const RTLD_NOW: c_int = 2;
/// Statics that one cell declares are found by later ones.
const RTLD_GLOBAL: c_int = if cfg!(target_os = "macos") { 8 } else { 0x100 };

/// How long a waiting cell has to end by itself after an interrupt.
const GRACE: Duration = Duration::from_millis(200);
/// How long an interrupt may take until the process has to be ended. The kernel waits a little longer.
const PATIENCE: Duration = Duration::from_millis(550);
/// A cell's stack.
const STACK: usize = 64 << 20;
/// How often text without a line's end is brought out while a cell runs.
const TICK: Duration = Duration::from_millis(40);
/// The same while none runs: threads that a cell started may print still.
const IDLE_TICK: Duration = Duration::from_millis(80);

/// The cell that runs now, or 0.
static RUNNING: AtomicU64 = AtomicU64::new(0);
fn main() {
    let address = std::env::var("ANYMODEL_CELL_ADDRESS").unwrap_or_default();
    let mark = std::env::var("ANYMODEL_CELL_MARK").unwrap_or_default();
    let Ok(mut kernel) = TcpStream::connect(&address) else {
        eprintln!("the kernel is gone");
        std::process::exit(1);
    };
    let _ = kernel.set_nodelay(true);
    let _ = kernel.write_all(format!("{mark} runner\n").as_bytes());

    park::prepare();
    std::panic::set_hook(Box::new(on_panic));
    thread::spawn(bring_out_text);

    let mut cells = cell_thread();
    for line in BufReader::new(kernel).lines() {
        let Ok(line) = line else { break };
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("RUN"), Some(count), Some(path)) => {
                let count = count.parse().unwrap_or(0);
                RUNNING.store(count, Ordering::SeqCst);
                let _ = cells.send((count, path.to_owned()));
            }
            (Some("LOAD"), ..) => {
                let path = line["LOAD".len()..].trim().to_owned();
                thread::spawn(move || load(&path).is_ok());
            }
            (Some("KEEP"), ..) => {
                if let Err(error) = load(line["KEEP".len()..].trim()) {
                    eprintln!("{error}");
                }
            }
            (Some("INTERRUPT"), ..) => {
                if let Some(fresh) = end_cell() {
                    cells = fresh;
                }
            }
            _ => {}
        }
    }
    // The kernel is gone, however it went.
    // SAFETY: ends the process at once; there is nothing to clean up.
    unsafe { _exit(0) }
}

type Cells = Sender<(u64, String)>;

fn cell_thread() -> Cells {
    let (sender, receiver) = channel();
    let started = thread::Builder::new()
        .name("cell".to_owned())
        .stack_size(STACK)
        .spawn(move || run_cells(&receiver));
    let Ok(thread) = started else {
        eprintln!("no thread can be started to run cells");
        std::process::exit(1);
    };
    park::can_be_parked(&thread);
    sender
}

fn run_cells(cells: &Receiver<(u64, String)>) {
    for (count, path) in cells {
        anymodel_cell::begin();
        children::begin();
        let ran = catch_unwind(AssertUnwindSafe(|| run_cell(count, &path)));
        let ran = catch_unwind(anymodel_cell::drop_replaced).and(ran);
        let stop = match ran {
            Ok(Ok(())) => anymodel_cell::outcome(),
            Ok(Err(message)) => Some(Stop {
                kind: "engine",
                message,
                ..Stop::default()
            }),
            Err(_) => Some(anymodel_cell::panicked()),
        };
        finish(count, stop.as_ref(), false);
    }
}

fn run_cell(count: u64, path: &str) -> Result<(), String> {
    let library = load(path)?;
    let name = CString::new(format!("__cell_{count}")).map_err(|error| error.to_string())?;
    // SAFETY: the name ends with a zero byte, the library is open.
    let entry = unsafe { dlsym(library, name.as_ptr()) };
    if entry.is_null() {
        return Err(last_error());
    }
    // SAFETY: the engine compiled this function with this type, by the compiler that made this program.
    let entry: fn() = unsafe { std::mem::transmute(entry) };
    entry();
    Ok(())
}

/// Libraries stay loaded for ever: values and threads of a cell outlive it.
fn load(path: &str) -> Result<*mut c_void, String> {
    let path = CString::new(path).map_err(|error| error.to_string())?;
    // SAFETY: the path ends with a zero byte.
    let library = unsafe { dlopen(path.as_ptr(), RTLD_NOW | RTLD_GLOBAL) };
    if library.is_null() { Err(last_error()) } else { Ok(library) }
}

fn last_error() -> String {
    // SAFETY: dlerror gives null or a text that lives until the next call on this thread.
    unsafe {
        let text = dlerror();
        if text.is_null() {
            "the cell's library cannot be loaded".to_owned()
        } else {
            CStr::from_ptr(text).to_string_lossy().into_owned()
        }
    }
}

/// Says how a cell ended, once, behind everything that it wrote.
fn finish(count: u64, stop: Option<&Stop>, parked: bool) {
    if RUNNING.compare_exchange(count, 0, Ordering::SeqCst, Ordering::SeqCst).is_err() {
        return;
    }
    let mut json = format!("{{\"end\":{{\"count\":{count},\"parked\":{parked}");
    if let Some(stop) = stop {
        json += &format!(",\"kind\":{},\"message\":{}", quoted(stop.kind), quoted(&stop.message));
        json += &format!(",\"done\":{}", anymodel_cell::done());
        if let Some((file, line, column)) = &stop.place {
            json += &format!(",\"place\":[{},{line},{column}]", quoted(file));
        }
        let calls: Vec<String> = stop
            .calls
            .iter()
            .map(|(file, line)| format!("[{},{line}]", quoted(file)))
            .collect();
        json += &format!(",\"calls\":[{}]", calls.join(","));
    }
    json += "}}";
    let frame = framed(&json);
    let mut out = stdout().lock();
    let _ = out.flush();
    let _ = stderr().write_all(&frame);
    let _ = out.write_all(&frame);
    let _ = out.flush();
}

// Interrupts -----------------------------------------------------------------------------------

/// Ends the running cell: at its next `.await`, or else by parking its thread for ever. Returns the
/// thread that takes over in the second case.
fn end_cell() -> Option<Cells> {
    let count = RUNNING.load(Ordering::SeqCst);
    if count == 0 {
        return None;
    }
    let started = Instant::now();
    let is_over = || RUNNING.load(Ordering::SeqCst) != count;
    if interrupt() && park::wait(started + GRACE, is_over) {
        children::end();
        return None;
    }
    match park::park(started + PATIENCE, is_over) {
        park::End::Over => {
            children::end();
            None
        }
        park::End::Parked => {
            let fresh = cell_thread();
            finish(count, Some(&interrupted()), true);
            children::end();
            Some(fresh)
        }
        // SAFETY: ends the process at once; the kernel starts another one.
        park::End::Unwell => unsafe { _exit(130) },
    }
}

// Output and panics ----------------------------------------------------------------------------

/// Standard output keeps a line back until it ends; a learner should see it grow.
fn bring_out_text() {
    loop {
        let is_running = RUNNING.load(Ordering::SeqCst) != 0;
        thread::sleep(if is_running { TICK } else { IDLE_TICK });
        let _ = stdout().flush();
    }
}

/// Notes a panic of the cell's own thread, for the error that the kernel shows; prints any other.
fn on_panic(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
    let place = info.location().map(|at| (at.file().to_owned(), at.line(), at.column()));
    let current = thread::current();
    if current.name() == Some("cell") {
        let in_cell = place.as_ref().is_some_and(|(file, ..)| is_cell(file));
        let calls = if in_cell { Vec::new() } else { calls_in_cells() };
        anymodel_cell::note_panic(Stop {
            kind: "panic",
            message,
            place,
            calls,
        });
        return;
    }
    let at = place.map_or(String::new(), |(file, line, _)| {
        if is_cell(&file) { String::new() } else { format!(" at {file}:{line}") }
    });
    let name = current.name().unwrap_or("unnamed");
    eprintln!("thread '{name}' panicked{at}: {message}");
}

/// The engine's files are named so, by their own names and by those that cells see.
fn is_cell(file: &str) -> bool {
    file.starts_with("cell [") || file.rsplit('/').next().is_some_and(|name| name.starts_with("cell-") && name.ends_with(".rs"))
}

/// The lines of cells on the stack, innermost first.
fn calls_in_cells() -> Vec<(String, u32)> {
    let trace = Backtrace::force_capture().to_string();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some(place) = line.trim().strip_prefix("at ") else { continue };
        let mut parts = place.rsplitn(3, ':');
        let (_column, number, file) = (parts.next(), parts.next(), parts.next());
        if let (Some(Ok(number)), Some(file)) = (number.map(str::parse), file) {
            if is_cell(file) {
                calls.push((file.to_owned(), number));
            }
        }
    }
    calls
}

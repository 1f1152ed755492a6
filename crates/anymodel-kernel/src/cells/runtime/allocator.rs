//! Allocator interposition: the system's allocator, with a count of the calls that a thread is inside of.
//!
//! The allocator holds a lock while it works, and a thread that is stopped there keeps the lock. So a thread
//! that is to be stopped goes on to the end of the call and stops there itself ([`super::park`]).
//!
//! What a program defines comes before what its libraries define, so these functions are called by the
//! standard library, cells and C alike. Elsewhere than with glibc a program cannot do that, and a thread
//! that is stopped inside is found by testing.

use std::sync::atomic::{AtomicU32, Ordering, compiler_fence};

thread_local! {
    /// How many calls of the allocator the thread is in. A signal of the same thread reads it.
    static CALLS: AtomicU32 = const { AtomicU32::new(0) };
}

/// Whether the calling thread, or what a signal interrupted on it, is inside the allocator.
pub fn is_inside() -> bool {
    CALLS.with(|calls| calls.load(Ordering::Relaxed)) > 0
}

/// Counts a call of the allocator. A thread that was to be stopped meanwhile stops behind it.
#[cfg_attr(not(all(target_os = "linux", target_env = "gnu")), allow(dead_code))]
fn counted<R>(call: impl FnOnce() -> R) -> R {
    add(1);
    let result = call();
    add(u32::MAX);
    if super::park::is_wanted() && !is_inside() {
        super::park::stop();
    }
    result
}

/// Adds to the calls, modulo 2³². The compiler moves no call across it.
#[cfg_attr(not(all(target_os = "linux", target_env = "gnu")), allow(dead_code))]
fn add(number: u32) {
    compiler_fence(Ordering::SeqCst);
    CALLS.with(|calls| calls.store(calls.load(Ordering::Relaxed).wrapping_add(number), Ordering::Relaxed));
    compiler_fence(Ordering::SeqCst);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod functions {
    use std::ffi::{c_int, c_void};

    use super::counted;

    type Memory = *mut c_void;

    unsafe extern "C" {
        fn __libc_malloc(size: usize) -> Memory;
        fn __libc_calloc(count: usize, size: usize) -> Memory;
        fn __libc_realloc(memory: Memory, size: usize) -> Memory;
        fn __libc_memalign(alignment: usize, size: usize) -> Memory;
        fn __libc_free(memory: Memory);
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn malloc(size: usize) -> Memory {
        // SAFETY: here and below, the caller keeps to what the same function of the system demands.
        counted(|| unsafe { __libc_malloc(size) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn calloc(count: usize, size: usize) -> Memory {
        counted(|| unsafe { __libc_calloc(count, size) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn realloc(memory: Memory, size: usize) -> Memory {
        counted(|| unsafe { __libc_realloc(memory, size) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn free(memory: Memory) {
        counted(|| unsafe { __libc_free(memory) });
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memalign(alignment: usize, size: usize) -> Memory {
        counted(|| unsafe { __libc_memalign(alignment, size) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn aligned_alloc(alignment: usize, size: usize) -> Memory {
        counted(|| unsafe { __libc_memalign(alignment, size) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn posix_memalign(place: *mut Memory, alignment: usize, size: usize) -> c_int {
        const WRONG: c_int = 22; // EINVAL
        const NO_MEMORY: c_int = 12; // ENOMEM
        if !alignment.is_power_of_two() || alignment < size_of::<Memory>() {
            return WRONG;
        }
        let memory = counted(|| unsafe { __libc_memalign(alignment, size) });
        if memory.is_null() {
            return NO_MEMORY;
        }
        unsafe { *place = memory };
        0
    }
}

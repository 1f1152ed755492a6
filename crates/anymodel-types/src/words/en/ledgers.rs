//! The ledger on disk.

crate::words::english! {
    /// The ledger on disk.
    LedgersWords {
        ledger_was_damaged(path, what, kept) =
            "anymodel: the ledger {path} was damaged ({what}); it is kept as {kept}, and a new one begins: budgets start from nothing",
        ledger_gets_no_thread(path, error) = "the ledger {path} gets no thread: {error}",
        end_some_other_programs = "end some other programs",
        another_program_has_kept_it_locked(seconds) =
            "another program has kept it locked for the {seconds:.1} s that the call had",
        its_writer_has_ended = "its writer has ended",
        is_no_day(day) = "{day} is no day",
        write_it_as_a_date = "write it as in 2026-08-31",
        ledger_cannot_be_read(error) = "the ledger cannot be read: {error}",
        next_program_that_writes_there_sets_a_damaged =
            "the next program that writes there sets a damaged ledger aside and begins a new one",
        ledger_cannot_be_written(path, fault) =
            "anymodel: the ledger {path} cannot be written; what is asked now is kept in memory until it can: {fault}",
        cannot_be_locked(path, error) = "{path} cannot be locked: {error}",
        ledger = "ledger",
    }
}

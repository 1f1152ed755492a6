//! SQLite files that cannot be used.

crate::words::english! {
    /// SQLite files that cannot be used.
    FilesWords {
        cannot_set_aside_damaged(what) = "is damaged ({what})",
        cannot_set_aside_old_format = "has the format of an earlier version",
        cannot_be_set_aside(name, path, why) = "the {name} {path} {why}",
        move_it_away_by_hand(error) = "move it away by hand: it cannot be renamed here ({error})",
        is_a_database(file, name) = "{file} is a database, and no {name}",
        name_another_file = "name another file",
        is_no_database(file, name) = "{file} is no {name}, and no database at all",
        name_another_file_or_move_it(name) =
            "name another file; if this was a {name} once, move it away by hand",
        has_the_format_of_an_earlier_version(name, file) =
            "the {name} {file} has the format of an earlier version",
        has_a_later_form(name, file, version, known) =
            "the {name} {file} has form {version}, and this program knows form {known}",
        use_a_later_anymodel = "use a later anymodel, or name another file",
        is_damaged(name, file, damage) = "the {name} {file} is damaged: {damage}",
        next_program_that_writes_there_sets_it_aside =
            "the next program that writes there sets it aside and begins a new one",
        restore_a_backup_or_move_it(name) =
            "put a backup in its place, or save what can be read with `sqlite3 FILE .recover`; if it is given up, move it away by hand, and a new {name} begins",
        cannot_be_opened(name, file, error) = "the {name} {file} cannot be opened: {error}",
        check_that_its_folder_is_there =
            "check that its folder is there, and that the file can be read and written",
    }
}

//! The store: the same tests over each database. Their names are sentences.

mod admin;
mod call_log;
mod files;
mod money;
#[cfg(feature = "postgres")]
mod postgres_open;
#[cfg(feature = "postgres")]
mod postgres_server;
mod processes;
mod properties;
mod recovery;
mod support;

/// Makes a test of each function over each database.
macro_rules! over_each_database {
    ($($module:ident: $($name:ident),+;)+) => {
        mod sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    crate::$module::$name(&crate::support::SqliteFile::new()).await;
                })+
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    crate::$module::$name(&crate::postgres_server::Schema::new().await).await;
                })+
            })+
        }
    };
}

over_each_database! {
    money:
        of_64_calls_at_a_barrier_with_money_for_three_three_pass,
        of_64_calls_from_two_processes_with_money_for_three_three_pass,
        a_call_reserves_in_all_its_accounts_or_in_none,
        each_window_has_an_account_of_its_own,
        as_much_is_reserved_as_all_accounts_have_between_the_least_and_the_most,
        a_refusal_names_the_account_with_the_least_left,
        a_call_that_costs_nothing_passes_when_the_money_is_used_up,
        a_call_above_its_reservation_is_booked_whole,
        a_reservation_is_settled_once,
        a_call_without_a_reservation_leaves_its_row,
        an_account_that_is_named_twice_counts_once_with_its_lower_limit,
        the_largest_amounts_overflow_nothing,
        two_hundred_writers_at_once_meet_no_error,
        a_caller_that_leaves_while_it_reserves_keeps_no_money,
        a_caller_that_leaves_while_it_settles_leaves_its_row;
    recovery:
        what_a_closed_process_had_reserved_is_booked_at_its_dearest_and_marked,
        what_a_living_process_has_reserved_is_left_alone,
        a_process_without_a_sign_of_life_counts_as_dead_when_its_lease_has_ended,
        a_call_that_reserves_renews_the_lease,
        a_recovered_call_cannot_be_settled,
        two_processes_that_recover_at_once_book_each_reservation_once,
        a_released_call_gives_its_money_back_once;
    processes:
        two_real_processes_share_money_for_three_calls,
        of_a_process_that_is_killed_every_answered_call_has_its_row;
    admin:
        a_snapshot_has_what_was_put,
        of_the_admin_tokens_that_processes_offer_a_new_database_one_stays,
        a_change_and_its_audit_row_stand_together_or_not_at_all,
        a_change_of_an_old_snapshot_is_stale,
        of_many_changes_of_one_snapshot_one_is_made,
        a_configuration_made_from_an_older_version_is_stale,
        a_deleted_group_takes_its_keys_with_it_and_leaves_its_calls,
        no_key_is_made_in_a_group_that_is_not_there,
        what_keys_asked_last_is_no_change_and_never_goes_back,
        the_audit_log_is_read_in_pages;
    call_log:
        a_call_is_read_as_it_was_written,
        calls_are_read_in_pages_the_newest_first,
        calls_are_filtered_by_key_model_and_status,
        sums_are_grouped_by_key_group_and_model,
        days_are_those_of_the_zone_also_when_clocks_change,
        an_unknown_zone_is_an_error;
}

//! What every store must do, written against the traits alone: a second implementation runs the same tests by
//! `contract_tests!(fixture)`, where `fixture` gives a new, empty store and something that keeps it alive.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

pub mod blobs;
pub mod blocklist;
pub mod custody;
pub mod records;
pub mod samples;
pub mod search;
pub mod social;

/// Makes one test of each function of the suite.
#[macro_export]
macro_rules! contract_tests {
    ($fixture:path) => {
        $crate::contract_tests!(@module blobs $fixture:
            finds_a_blob_by_every_root, reads_every_range, serves_every_block, an_abandoned_writer_leaves_nothing,
            committing_again_merges_layouts, removal_is_complete, lists_in_pages, an_empty_blob,
            refuses_layouts_of_other_bytes, scrub_finds_nothing_wrong, a_block_of_two_blobs);
        $crate::contract_tests!(@module records $fixture:
            put_is_idempotent, gets_by_id_and_cid, supersede_and_retract_in_any_order, rivals_in_any_order,
            a_chain_in_any_order, only_the_same_artist_withdraws, finds_records_by_content, feeds_in_order_of_arrival,
            counts_what_is_current, lists_the_genres_of_what_is_current, the_generation_changes_with_records_and_blocks);
        $crate::contract_tests!(@module search $fixture:
            best_matches_first, typing_errors, folds_case_and_marks, filters_combine, an_album_is_in_track_order,
            newest_first_without_text, nothing_typed_is_syntax, foreign_cursors_are_refused,
            withdrawn_tracks_are_not_found, the_nearest_artists_come_first_among_equal_matches);
        $crate::contract_tests!(@module blocklist $fixture:
            blocks_hide_and_unblocks_show, content_is_blocked_under_every_root, a_block_before_the_blob,
            content_of_blocked_and_retracted_records, the_list_is_in_order);
        $crate::contract_tests!(@module custody $fixture:
            what_is_not_a_guest_is_never_offered_for_removal, the_least_wanted_guest_comes_first,
            a_guest_goes_with_its_blob_and_becomes_own, followed_references_are_kept_in_order);
        $crate::contract_tests!(@module social $fixture:
            the_newest_profile_stays_in_any_order, the_newest_word_about_a_follow_stays, records_from_the_future_wait,
            a_feed_goes_on_behind_what_was_replaced, blocks_hide_profiles_follows_and_pictures,
            the_trust_list_is_kept_in_order, ranks_are_own_then_followed_then_beyond,
            one_followed_artist_adds_a_bounded_number);
    };
    (@module $module:ident $fixture:path: $($name:ident),* $(,)?) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let (store, _alive) = $fixture();
                $crate::contract::$module::$name(&store).await;
            })*
        }
    };
}

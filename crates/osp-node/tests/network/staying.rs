//! Restarts, and networks that grow or lose members.

use crate::members::{Member, song, until};
use osp_discovery::IndexKey;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_keeps_identity_table_and_the_times_of_announcements() {
    let middle = Member::start(&[]).await;
    let first = Member::start(&[&middle.address]).await;
    let record = song("Kept");
    first.put(&record).await;
    let title = IndexKey::title("kept").unwrap();
    until("it", || middle.finds(&title, &record)).await;
    let told = |member: &Member| {
        let network = member.network.clone();
        async move { network.status().await.announcements.unwrap_or_default() }
    };
    until("all announced", || async {
        let now = told(&first).await;
        now.keys == 4 && now.waiting == 0 && now.due == 0
    })
    .await;
    let peer = first.peer();
    let home = first.stop().await.unwrap();

    // It knows nobody but whom it met before.
    let again = Member::start_at(home.path(), &[]).await;
    assert_eq!(again.peer(), peer);
    until("the other", || async { again.network.status().await.kad.servers == 1 }).await;
    until("the size of the network", || async { again.network.status().await.members.is_some() }).await;
    until("its keys", || async { told(&again).await.keys == 4 }).await;
    let now = told(&again).await;
    assert_eq!((now.waiting, now.due, now.tally.batches, now.tally.failed), (0, 0, 0, 0));
    assert!(middle.finds(&title, &record).await);

    // What is new goes at once, all the same.
    let new = song("New");
    again.put(&new).await;
    let title = IndexKey::title("new").unwrap();
    until("the new one", || middle.finds(&title, &new)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_came_later_is_told_and_the_first_member_is_not_needed() {
    let first = Member::start(&[]).await;
    let publisher = Member::start(&[&first.address]).await;
    let record = song("Early");
    publisher.put(&record).await;
    let title = IndexKey::title("early").unwrap();
    until("it", || first.finds(&title, &record)).await;
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(Member::start(&[&first.address]).await);
    }
    for member in &others {
        until("a table", || async { member.network.status().await.kad.peers >= 4 }).await;
    }
    first.stop().await;
    for member in &others {
        until("it without the first", || member.finds(&title, &record)).await;
    }
    // They hold the record of who has it, too.
    until("word of it with the others", || async {
        for member in &others {
            if member.network.status().await.store.records == 0 {
                return false;
            }
        }
        true
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lonely_node_is_met_later_and_then_tells_what_it_has() {
    let lonely = Member::start(&[]).await;
    let record = song("Alone");
    lonely.put(&record).await;
    let title = IndexKey::title("alone").unwrap();
    assert!(lonely.find(&title).await.current.is_empty());
    let other = Member::start(&[&lonely.address]).await;
    until("it", || other.finds(&title, &record)).await;
}

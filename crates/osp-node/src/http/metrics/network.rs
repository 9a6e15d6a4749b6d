//! Counters of the network of nodes.

use crate::discovery::network::{
    NetworkStatus,
    status::{BUCKETS, Histogram},
};
use std::fmt::Write as _;

/// Writes all of them.
pub(super) fn write(out: &mut String, status: &NetworkStatus) {
    let (kad, lookups, searches) = (&status.kad, &status.lookups, &status.searches);
    let gauges = [
        ("osp_network_table_peers", "Members of the network in the routing table.", kad.peers as u64),
        ("osp_network_servers_connected", "Connected members that answer.", kad.servers as u64),
        ("osp_network_local_peers", "Connected peers of the local network.", status.local as u64),
        ("osp_network_server", "Whether this node answers others.", u64::from(kad.server)),
        (
            "osp_network_reached",
            "Whether others are known to reach this node directly.",
            u64::from(status.reachability.directly() == Some(true)),
        ),
        ("osp_network_relays", "Peers that relay for this node.", status.reachability.relays as u64),
        ("osp_network_store_records", "Provider records kept.", status.store.records),
        ("osp_network_store_peers", "Peers that made them.", status.store.peers),
        ("osp_network_shelf_records", "Records that searches found, in memory.", status.shelf as u64),
    ];
    let counters = [
        ("osp_network_find_node_total", "FIND_NODE answered.", kad.find_node),
        ("osp_network_get_providers_total", "GET_PROVIDERS answered.", kad.get_providers),
        ("osp_network_announcements_kept_total", "Announcements of others that were kept.", kad.kept),
        (
            "osp_network_announcements_refused_total",
            "Announcements of others that were refused.",
            kad.refused,
        ),
        ("osp_network_records_requests_total", "Requests for records answered.", status.answered),
        ("osp_network_lookup_requests_total", "Requests that lookups sent.", lookups.asked),
        ("osp_network_lookup_failures_total", "Requests of lookups that were not answered.", lookups.failed),
        ("osp_network_searches_total", "Searches made.", searches.searches),
        ("osp_network_search_records_total", "Records that searches found.", searches.records),
        ("osp_network_search_refused_total", "Records that were refused.", searches.refused),
    ];
    gauges.iter().for_each(|(name, help, value)| simple(out, name, "gauge", help, value));
    counters.iter().for_each(|(name, help, value)| simple(out, name, "counter", help, value));
    if let Some(members) = status.members {
        simple(out, "osp_network_members", "gauge", "Members of the network, as estimated.", members.round());
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "# HELP osp_network_lookups_total Lookups made; complete ones ran to their end.\n\
         # TYPE osp_network_lookups_total counter\n\
         osp_network_lookups_total{{complete=\"true\"}} {}\n\
         osp_network_lookups_total{{complete=\"false\"}} {}",
        lookups.complete, lookups.incomplete
    );
    histogram(out, "osp_network_lookup_seconds", "How long lookups took.", &lookups.took);
    let Some(own) = &status.announcements else { return };
    let gauges = [
        ("osp_network_keys", "Keys announced to the network.", own.keys),
        ("osp_network_keys_waiting", "New ones that the network does not have yet.", own.waiting),
        ("osp_network_keys_due", "Keys that are due and wait for their turn.", own.due),
        ("osp_network_keys_late", "Keys that the network may have forgotten.", own.late),
    ];
    let counters = [
        ("osp_network_batches_total", "Regions that were told.", own.tally.batches),
        ("osp_network_batches_failed_total", "Regions that could not be told.", own.tally.failed),
        ("osp_network_announce_requests_total", "Requests that telling took.", own.tally.requests),
    ];
    gauges.iter().for_each(|(name, help, value)| simple(out, name, "gauge", help, value));
    counters.iter().for_each(|(name, help, value)| simple(out, name, "counter", help, value));
    if let Some(cost) = &own.cost {
        let name = "osp_network_announce_requests_per_hour";
        simple(
            out,
            name,
            "gauge",
            "Requests an hour that telling takes, as planned.",
            cost.requests_per_hour,
        );
    }
}

fn simple(out: &mut String, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
}

fn histogram(out: &mut String, name: &str, help: &str, values: &Histogram) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} histogram");
    let mut below = 0;
    for (bound, count) in BUCKETS.iter().zip(values.counts) {
        below += count;
        let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {below}", seconds(*bound));
    }
    let all: u64 = values.counts.iter().sum();
    let _ = writeln!(
        out,
        "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {}\n{name}_count {all}",
        seconds(values.sum)
    );
}

#[allow(clippy::cast_precision_loss)] // milliseconds of a process
fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_added_up_and_end_with_all() {
        let mut values = Histogram { sum: 1500, ..Histogram::default() };
        (values.counts[0], values.counts[3], values.counts[BUCKETS.len()]) = (2, 1, 1);
        let mut out = String::new();
        histogram(&mut out, "x", "Help.", &values);
        for line in ["x_bucket{le=\"0.005\"} 2", "x_bucket{le=\"0.05\"} 3", "x_bucket{le=\"30\"} 3"] {
            assert!(out.contains(&format!("{line}\n")), "{line} in {out}");
        }
        assert!(out.ends_with("x_bucket{le=\"+Inf\"} 4\nx_sum 1.5\nx_count 4\n"), "{out}");
    }
}

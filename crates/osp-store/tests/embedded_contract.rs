//! The embedded store keeps the contract of the traits.
#![allow(clippy::unwrap_used, missing_docs)]

mod contract;

fn embedded() -> (osp_store::embedded::EmbeddedStore, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    (osp_store::embedded::EmbeddedStore::open(home.path()).unwrap(), home)
}

contract_tests!(crate::embedded);

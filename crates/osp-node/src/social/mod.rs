//! What artists say of themselves and of each other, and whom the user of this home trusts.
//!
//! | module | subject |
//! |---|---|
//! | [`profile`] | editing a profile |
//! | [`follow`] | following and no longer following |
//! | [`trust`] | who is how near to the user |

pub mod follow;
pub mod profile;
pub mod trust;

pub use trust::trust_ranks;

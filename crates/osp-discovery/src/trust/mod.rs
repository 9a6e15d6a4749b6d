//! Which results come first (spec section 13.7).
//!
//! Anybody can sign any number of records for any genre, with as many keys as they like, and announce them from as many
//! peers. What nobody can do is to be an artist whom this listener chose. So results are ranked by
//!
//! 1. **degree**: artists the listener trusts or follows, then artists whom those follow, then everybody else;
//! 2. **turns**: of an artist at most [`Caps::per_artist`] results come before the next artist's, and of strangers'
//!    results at most [`Caps::per_provider`] of one provider before the next provider's, then as many again, and so on;
//! 3. **relevance** to the query, as the caller sees it;
//! 4. a hash of the id with a salt of the listener's, so that nobody can make ids that come first.
//!
//! The order depends on the set of results alone, not on the order in which they came, and no number of strangers'
//! results moves one of a lower degree. [`Results`] holds a bounded number; what would rank last goes.

mod circle;
mod rank;

pub use circle::{Circle, Degree};
pub use rank::{Caps, Hit, Results, rank};

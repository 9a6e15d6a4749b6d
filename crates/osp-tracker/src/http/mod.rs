//! HTTP trackers (BEP 3; compact addresses by BEP 23 and 7, scrape by BEP 48): a GET with everything in its query,
//! answered by a bencoded dictionary.
//!
//! ```text
//!  GET /announce?info_hash=%12%34…&peer_id=…&port=6881&uploaded=0&downloaded=0&left=0&event=started&compact=1
//!      d8:completei2e10:incompletei1e8:intervali1800e5:peers6:<4 bytes address, 2 bytes port>6:peers6 0:e
//!  GET /scrape?info_hash=…&info_hash=…
//!      d5:filesd20:<infohash>d8:completei2e10:downloadedi5e10:incompletei1eeee
//!  either, refused (with status 200)
//!      d14:failure reason6:unknowne
//! ```
//!
//! Infohash and peer id are 20 bytes of any value, percent-encoded one by one: no text in any encoding.

mod query;
mod reply;

pub use query::{AnnounceQuery, QueryError, ScrapeQuery};
pub use reply::{AnnounceReply, MAX_REPLY_BYTES, ReplyError, failure, scrape_reply, scraped};

/// Most peers that are taken out of one reply; more than a client can call before they are old.
pub const MAX_PEERS: usize = 200;
/// Most infohashes in one scrape.
pub const MAX_SCRAPE: usize = 100;

/// The scrape address of a tracker, by convention: `announce` in the last segment of the path is replaced. `None`
/// when the tracker has none.
#[must_use]
pub fn scrape_url(announce: &str) -> Option<String> {
    let (path, query) =
        announce.split_once('?').map_or((announce, None), |(path, query)| (path, Some(query)));
    let (base, last) = path.rsplit_once('/')?;
    let rest = last.strip_prefix("announce")?;
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{base}/scrape{rest}{query}"))
}

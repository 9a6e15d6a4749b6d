//! What keys open, as it is typed: stretches, cuts, numbers of keys. And how arguments that may hold keys are kept out of logs.

use osp_node::sealed::release::{
    mint::Opens,
    ranges::{BadStretch, Stretches},
};

/// Arguments hold keys: what they are is never printed.
macro_rules! silent_debug {
    ($($of:ty),*) => {$(
        impl std::fmt::Debug for $of {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($of), "(..)"))
            }
        }
    )*};
}
pub(super) use silent_debug;

/// `0:00-0:30`, `2-3`, several with commas.
pub(super) fn stretches(text: &str) -> Result<Stretches, String> {
    text.parse().map_err(|e: BadStretch| e.to_string())
}

/// `NAME=RANGE`.
pub(super) fn cut(text: &str) -> Result<(String, Stretches), String> {
    let (name, range) = super::key_value(text)?;
    if name.is_empty() {
        Err("give it a name, as in drop=1:08-2:30".to_owned())
    } else {
        Ok((name, stretches(&range)?))
    }
}

/// `N` or `NAME=N`.
pub(super) fn mint(text: &str) -> Result<(Opens, u32), String> {
    let (opens, number) = match text.rsplit_once('=') {
        Some((name, number)) => (Opens::Named(name.trim().to_owned()), number),
        None => (Opens::All, text),
    };
    let most = smsg::v3::limits::MAX_ENTRIES;
    let number = number.trim().parse().ok().filter(|n| *n > 0 && u64::from(*n) <= most);
    Ok((opens, number.ok_or("write how many keys, as in 100 or drop=100")?))
}

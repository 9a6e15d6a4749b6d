//! Errors as JavaScript throws them: an `Error` whose member `problem` is the class.

use js_sys::Reflect;
use smsg::{
    ContainerError, OpenError, SealError, abr::AbrError, embed::EmbedError, keys::licence_key::BadPrefix, v3,
};
use std::fmt::Display;
use wasm_bindgen::JsValue;

/// What every function of the face fails with.
#[derive(Debug)]
pub struct Failure {
    class: &'static str,
    message: String,
}

impl Failure {
    pub(super) fn new(class: &'static str, message: impl Display) -> Self {
        Self { class, message: message.to_string() }
    }

    /// More than this module takes, or than there is memory for.
    pub(super) fn over_limit(what: &str, limit: u64) -> Self {
        Self::new("over_limit", format_args!("{what} is over the limit of {limit}"))
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        let error = js_sys::Error::new(&failure.message);
        // Setting a member of a fresh, extensible object cannot fail.
        drop(Reflect::set(&error, &"problem".into(), &failure.class.into()));
        error.into()
    }
}

macro_rules! classed {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.class(), error)
            }
        }
    )*};
}
classed!(ContainerError, OpenError, SealError, v3::Refused, v3::key_text::KeyTextError);

impl From<AbrError> for Failure {
    fn from(error: AbrError) -> Self {
        let class = match error {
            AbrError::UnsupportedVersion(_) => "unsupported_version",
            _ => "abr_not_json",
        };
        Self::new(class, error)
    }
}

impl From<EmbedError> for Failure {
    fn from(error: EmbedError) -> Self {
        match error {
            EmbedError::Text(error) => error.into(),
            other => Self::new("nothing_embedded", other),
        }
    }
}

impl From<BadPrefix> for Failure {
    fn from(error: BadPrefix) -> Self {
        Self::new("bad_prefix", error)
    }
}

//! What a policy lets happen.

pub mod attached;
pub mod canonical;
pub mod checks;
pub mod compare;
pub mod cover;
pub mod decide;
pub mod direct;
pub mod evaluate;
pub(crate) mod exception;
pub mod lockout;
mod near;
pub(crate) mod oidc;
pub mod pairs;
pub mod plausible;
pub mod public;
pub mod reading;
pub mod redundancy;
pub mod replay;
pub mod request;
pub(crate) mod shapes;
pub mod space;
pub mod unread;
pub mod void;

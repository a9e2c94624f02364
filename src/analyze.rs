//! What a policy lets happen.

pub mod cover;

//! What a policy says and could leave out, with the access unchanged: values that another value of
//! the list covers, tests that hold anyway, statements that others cover; and whether two policies mean
//! the same. `compact` takes such things out, rules of `lint` point at them.

mod contains;
mod equivalence;
mod index;
mod joinable;
mod needless;
mod statements;
mod values;

pub use equivalence::{equivalent, within};
pub use joinable::{Differing, STAGES, Stage, joinable};
pub use needless::{Needless, needless_tests};
pub use statements::{Limits, Spare, Spared, spare_statements};
pub use values::{Covered, Part, covered_values, parts};

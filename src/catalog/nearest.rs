//! What somebody may have meant.

use super::action::{actions_called, actions_of};
use super::table::{KEYS, SERVICES};

/// The service prefix that is nearest to a misspelt one.
pub fn nearest_service(prefix: &str) -> Option<&'static str> {
    nearest(prefix, SERVICES.lines().map(|line| line.name()))
}

/// The action of a known service that is nearest to a misspelt one, `service:Name`.
pub fn nearest_action(action: &str) -> Option<&'static str> {
    let (service, name) = action.split_once(':')?;
    let own = actions_of(service).map(|action| action.name());
    nearest_by(name, own, |name| name.split_once(':').map_or("", |(_, name)| name))
}

/// The services that have an action of this name, at most `limit` of them, in order.
pub fn services_with(name: &str, limit: usize) -> Vec<&'static str> {
    actions_called(name).map(|action| action.service()).take(limit).collect()
}

/// The condition key with the same prefix that is nearest to a misspelt one; with a family, the
/// family's name stands in its place.
pub fn nearest_key(key: &str) -> Option<&'static str> {
    let (service, _) = key.split_once(':')?;
    let keys = KEYS.starting(&format!("{service}:")).map(|line| line.name());
    nearest(key, keys.filter(|key| !key.contains(['$', '<'])))
}

fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    nearest_by(name, known, |known| known)
}

/// The known name at the smallest distance, if that is small for its length.
fn nearest_by(
    name: &str,
    known: impl Iterator<Item = &'static str>,
    part: impl Fn(&'static str) -> &'static str,
) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let limit = 1 + name.len() / 5;
    known
        .filter(|known| part(known).len().abs_diff(name.len()) <= limit)
        .map(|known| (strsim::damerau_levenshtein(&part(known).to_ascii_lowercase(), &name), known))
        .filter(|&(distance, known)| distance <= limit && distance < part(known).len())
        .min()
        .map(|(_, known)| known)
}

//! What somebody may have meant.

use super::action::{actions_called, actions_of, has_match};
use super::table::{KEYS, SERVICES};

/// The service prefix that is nearest to a misspelt one.
pub fn nearest_service(prefix: &str) -> Option<&'static str> {
    nearest(prefix, SERVICES.lines().map(|line| line.name()))
}

/// The same, of the services that have an action that the pattern `name` matches.
pub fn nearest_service_with(prefix: &str, name: &str) -> Option<&'static str> {
    let services = SERVICES.lines().map(|line| line.name());
    let near =
        services.filter(|service| is_near(prefix, service) && distance(prefix, service) <= limit(prefix));
    nearest(prefix, near.filter(|service| has_match(&format!("{service}:{name}"))))
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
    known
        .filter(|known| is_near(name, part(known)))
        .map(|known| (distance(name, part(known)), known))
        .filter(|&(distance, _)| distance <= limit(name))
        .min()
        .map(|(_, known)| known)
}

/// More differences than this and it is another name.
fn limit(name: &str) -> usize {
    1 + name.len() / 8
}

/// Whether the lengths and the letters allow a small distance; most names are ruled out by this.
fn is_near(name: &str, known: &str) -> bool {
    let is_long = known.len().abs_diff(name.len()) <= limit(name) && known.len() > 1 && name.len() > 2;
    is_long && differing_letters(name, known) <= limit(name)
}

/// How many letters of one name the other one has not: no fewer differences are between them.
fn differing_letters(name: &str, known: &str) -> usize {
    let mut counts = [0_i32; 256];
    name.bytes().for_each(|byte| counts[usize::from(byte.to_ascii_lowercase())] += 1);
    known.bytes().for_each(|byte| counts[usize::from(byte.to_ascii_lowercase())] -= 1);
    let more =
        |sign: i32| counts.iter().map(|count| (sign * count).max(0)).sum::<i32>().unsigned_abs() as usize;
    // A letter of more than one byte is one difference.
    match name.is_ascii() {
        true => more(1).max(more(-1)),
        false => 0,
    }
}

fn distance(name: &str, known: &str) -> usize {
    crate::spelling::distance(&known.to_ascii_lowercase(), &name.to_ascii_lowercase())
}

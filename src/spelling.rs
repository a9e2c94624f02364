//! How far a name is from one that is known, to say which was meant.

/// A longer name is none that was misspelt. To compare takes time and memory in the product of the lengths.
const LONGEST: usize = 128;

/// How many letters differ: put in, left out, changed or swapped. Far for a name that is too long to be meant.
pub fn distance(known: &str, name: &str) -> usize {
    if known.len().max(name.len()) > LONGEST { usize::MAX } else { strsim::damerau_levenshtein(known, name) }
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn what_is_too_long_is_not_compared() {
        assert_eq!(distance("Effect", "Efefct"), 1);
        assert_eq!(distance("Effect", &"E".repeat(1 << 27)), usize::MAX);
    }
}

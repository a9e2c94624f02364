//! Patterns of resources: ARNs with wildcards, matched segment by segment.

use super::Value;
use crate::pattern::Pattern;

/// A pattern of resources such as `arn:aws:s3:::bucket/*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    /// As it was written.
    pub text: String,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Form {
    /// `*`
    Any,
    /// Six segments. A star in the first five never crosses a colon.
    Arn(Box<[Pattern; 6]>),
    /// Anything else; what it matches is not known for sure.
    Odd(Pattern),
}

impl Resource {
    /// Reads a pattern; with `variables`, `${…}` in the last segment is a policy variable.
    pub fn new(text: &str, variables: bool) -> Self {
        let last = |text: &str| match variables {
            true => Pattern::with_variables(text),
            false => Pattern::new(text),
        };
        let segments: Vec<&str> = text.splitn(6, ':').collect();
        let form = match segments.as_slice() {
            ["*"] => Form::Any,
            &["arn", partition, service, region, account, resource] => Form::Arn(Box::new([
                Pattern::new("arn"),
                Pattern::new(partition),
                Pattern::new(service),
                Pattern::new(region),
                Pattern::new(account),
                last(resource),
            ])),
            _ => Form::Odd(last(text)),
        };
        Resource { text: text.to_owned(), form }
    }

    /// Reads a value, which may be a hole; with `variables` as [`new`](Self::new) does.
    pub fn of(value: &Value, variables: bool) -> Self {
        match &value.hole {
            Some(hole) => {
                Resource { text: value.text.clone(), form: Form::Odd(Pattern::unknown(&hole.name)) }
            }
            None => Resource::new(&value.text, variables),
        }
    }

    /// Whether it is `*`.
    pub fn is_any(&self) -> bool {
        self.form == Form::Any
    }

    /// Whether it names one resource, without wildcard or variable.
    pub fn is_literal(&self) -> bool {
        match &self.form {
            Form::Any => false,
            Form::Arn(segments) => segments.iter().all(Pattern::is_literal),
            Form::Odd(pattern) => pattern.is_literal(),
        }
    }

    /// Whether it surely matches all that `inner` matches.
    pub fn contains(&self, inner: &Resource) -> bool {
        match (&self.form, &inner.form) {
            (Form::Any, _) => true,
            (Form::Arn(outer), Form::Arn(inner)) => {
                outer.iter().zip(inner.iter()).all(|(outer, inner)| outer.contains(inner))
            }
            (Form::Odd(outer), Form::Odd(inner)) => outer == inner,
            _ => false,
        }
    }

    /// Whether some resource may be matched by both.
    pub fn intersects(&self, other: &Resource) -> bool {
        match (&self.form, &other.form) {
            (Form::Any, _) | (_, Form::Any) => true,
            (Form::Arn(a), Form::Arn(b)) => a.iter().zip(b.iter()).all(|(a, b)| a.intersects(b)),
            (Form::Odd(odd), Form::Arn(_)) => odd.intersects(&Pattern::new(&other.text)),
            (Form::Arn(_), Form::Odd(odd)) => odd.intersects(&Pattern::new(&self.text)),
            (Form::Odd(a), Form::Odd(b)) => a.intersects(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(text: &str) -> Resource {
        Resource::new(text, true)
    }

    #[test]
    fn a_star_stays_in_its_segment_but_in_the_last() {
        let outer = resource("arn:aws:sns:*:111111111111:*");
        assert!(outer.contains(&resource("arn:aws:sns:us-east-1:111111111111:a:b")));
        assert!(!outer.contains(&resource("arn:aws:sns:us-east-1:222222222222:111111111111:x")));
        assert!(!resource("arn:aws:s3:::b/*").contains(&resource("arn:aws:s3:::b*")));
        assert!(resource("arn:aws:s3:::b/*").intersects(&resource("arn:aws:s3:::b*")));
        assert!(!resource("arn:*").contains(&resource("arn:aws:s3:::b")), "too short to be sure");
    }

    #[test]
    fn literals_name_one_resource() {
        assert!(resource("arn:aws:s3:::b").is_literal());
        assert!(!resource("arn:aws:s3:::b${aws:userid}").is_literal());
        assert!(!resource("*").is_literal());
    }
}

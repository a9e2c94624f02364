//! Service principals: what they look like, and the ones that are known.

mod known;

use known::KNOWN;

use crate::analyze::shapes::SERVICE_ENDS;
pub(crate) use crate::analyze::shapes::has_shape;

/// The name of a service principal, without its end and a Region behind it or before it.
pub(crate) fn name(text: &str) -> Option<&str> {
    let name = SERVICE_ENDS.iter().find_map(|end| text.strip_suffix(end))?;
    let name = match name.rsplit_once('.') {
        Some((name, last)) if is_region_like(last) => name,
        _ => name,
    };
    Some(match name.split_once('.') {
        Some((first, name)) if is_region_like(first) => name,
        _ => name,
    })
}

/// A Region, or the word for one in an example.
fn is_region_like(label: &str) -> bool {
    super::regions::is_region(label) || ["region", "aws-region"].contains(&label)
}

/// The known name nearest to one that is not known; `None` for what is known, and for what is near to nothing.
pub(crate) fn misspelt(name: &str) -> Option<&'static str> {
    if KNOWN.binary_search(&name).is_ok() || crate::catalog::service(name).is_some() {
        return None;
    }
    let limit = if name.len() < 8 { 1 } else { 2 };
    // Of two short names that differ in one letter, both may be right.
    let near = |known: &&&str| {
        let difference = known.len().abs_diff(name.len());
        known.len() > 2 && difference <= limit && (name.len() > 4 || difference > 0)
    };
    KNOWN
        .iter()
        .filter(near)
        .map(|known| (crate::spelling::distance(known, name), *known))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_names() {
        assert!(KNOWN.is_sorted());
        for right in ["s3.amazonaws.com", "logs.us-east-1.amazonaws.com", "ec2.amazonaws.com.cn"] {
            assert!(has_shape(right), "{right}");
        }
        for wrong in [
            "lambda.amazon.com",
            "Lambda.amazonaws.com",
            "lambda",
            "https://s3.amazonaws.com",
            "amazonaws.com",
        ] {
            assert!(!has_shape(wrong), "{wrong}");
        }
        assert_eq!(name("logs.us-east-1.amazonaws.com"), Some("logs"));
        assert_eq!(name("us-east-1.elasticache-snapshot.amazonaws.com"), Some("elasticache-snapshot"));
        assert_eq!(
            (misspelt("lamda"), misspelt("lambda"), misspelt("quitenew")),
            (Some("lambda"), None, None)
        );
        assert_eq!(misspelt("cloudtral"), Some("cloudtrail"));
    }
}

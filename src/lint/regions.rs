//! Partitions and Regions, as of the date of the catalogue.

use crate::policy::PARTITIONS;

/// The codes of the Regions of all partitions.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Whether there is such a partition.
pub(crate) fn is_partition(name: &str) -> bool {
    PARTITIONS.contains(&name)
}

/// Whether there is such a Region.
pub(crate) fn is_region(code: &str) -> bool {
    REGIONS.binary_search(&code).is_ok()
}

/// The partition nearest to a misspelt one.
pub(crate) fn nearest_partition(name: &str) -> Option<&'static str> {
    nearest(name, &PARTITIONS)
}

/// The Region nearest to a misspelt one; of an Availability Zone, its Region.
pub(crate) fn nearest_region(code: &str) -> Option<&'static str> {
    let of_zone = REGIONS.iter().find(|region| {
        code.strip_prefix(**region)
            .is_some_and(|zone| zone.len() == 1 && zone.bytes().all(|byte| byte.is_ascii_lowercase()))
    });
    of_zone.copied().or_else(|| nearest(code, REGIONS))
}

fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let distance = |known: &str| crate::spelling::distance(known, &name.to_ascii_lowercase());
    let near = known.iter().map(|known| (distance(known), *known)).filter(|(distance, _)| *distance <= 2);
    // Short words are near to everything.
    near.min().filter(|(distance, known)| distance * 4 <= known.len() + 1).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_sorted_and_near_ones_are_found() {
        assert!(REGIONS.is_sorted());
        assert!(is_region("eu-central-1") && !is_region("eu-central-3") && is_partition("aws-cn"));
        assert_eq!(nearest_region("us-east-1a"), Some("us-east-1"));
        assert_eq!(nearest_region("us-esat-1"), Some("us-east-1"));
        assert_eq!(nearest_region("region"), None);
        assert_eq!((nearest_partition("asw"), nearest_partition("example")), (Some("aws"), None));
    }
}

//! Ranges of addresses in the values of conditions.

use std::net::IpAddr;

/// A range: its first bits are fixed. IPv4 stands in the upper 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    bits: u128,
    length: u32,
    is_v4: bool,
}

/// Ranges that are routed in private networks only. RFC 1918, 4193, 6598, and what never leaves a host or a link.
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "::1",
];

impl Range {
    /// Reads an address or a range, with whatever bits behind the mask.
    pub(crate) fn parse(text: &str) -> Option<Range> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let (bits, width, is_v4) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32, true),
            IpAddr::V6(address) => (u128::from(address), 128, false),
        };
        let length = length.unwrap_or(width);
        (length <= width).then_some(Range { bits, length, is_v4 })
    }

    fn mask(self) -> u128 {
        u128::MAX.checked_shl(128 - self.length).unwrap_or(0)
    }

    /// The same range without bits behind the mask, if there are some.
    pub(crate) fn masked(self) -> Option<String> {
        let bits = self.bits & self.mask();
        if bits == self.bits {
            return None;
        }
        let address = match self.is_v4 {
            true => IpAddr::from(u32::try_from(bits >> 96).unwrap_or(0).to_be_bytes()),
            false => IpAddr::from(bits.to_be_bytes()),
        };
        Some(format!("{address}/{}", self.length))
    }

    /// Whether all of `inner` lies in it.
    pub(crate) fn contains(self, inner: Range) -> bool {
        self.is_v4 == inner.is_v4
            && self.length <= inner.length
            && self.bits & self.mask() == inner.bits & self.mask()
    }

    /// Whether all of it lies in private networks.
    pub(crate) fn is_private(self) -> bool {
        PRIVATE.iter().filter_map(|text| Range::parse(text)).any(|outer| outer.contains(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Range {
        Range::parse(text).unwrap()
    }

    #[test]
    fn ranges() {
        assert_eq!(range("203.0.113.7/24").masked().as_deref(), Some("203.0.113.0/24"));
        assert_eq!(range("2001:db8::1/32").masked().as_deref(), Some("2001:db8::/32"));
        assert_eq!(range("203.0.113.7/0").masked().as_deref(), Some("0.0.0.0/0"));
        assert_eq!((range("203.0.113.0/24").masked(), range("::1").masked()), (None, None));
        assert!(Range::parse("203.0.113.0/33").is_none() && Range::parse("*").is_none());
        let private = ["10.1.2.3", "172.31.0.0/16", "192.168.0.0/24", "fd00::/8", "10.0.0.0/8"];
        assert!(private.iter().all(|text| range(text).is_private()));
        let public = ["10.0.0.0/7", "172.32.0.0/16", "0.0.0.0/0", "::/0", "203.0.113.0/24", "2001:db8::/32"];
        assert!(!public.iter().any(|text| range(text).is_private()));
    }
}

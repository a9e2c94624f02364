//! Ranges of addresses, of either family, and the addresses that tell them apart.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::analyze::evaluate;

/// Addresses that nobody has, to begin with.
const PLAUSIBLE: [&str; 3] = ["203.0.113.7", "198.51.100.7", "2001:db8::7"];

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    four: bool,
    first: u128,
    last: u128,
}

impl Range {
    /// Reads `192.0.2.0/24`, or one address. Bits behind the prefix have no meaning.
    pub fn parse(text: &str) -> Option<Self> {
        let range = evaluate::Range::parse(text)?;
        let (four, base) = number(range.base);
        let free = if four { 32 } else { 128 } - range.prefix;
        let rest = if free == 128 { u128::MAX } else { (1 << free) - 1 };
        Some(Range { four, first: base & !rest, last: base | rest })
    }

    /// Whether every address of `other` is in it.
    pub fn includes(&self, other: &Range) -> bool {
        self.four == other.four && self.first <= other.first && other.last <= self.last
    }

    /// Whether an address is in it. Anything but an address is not.
    pub fn contains(&self, text: &str) -> bool {
        let address = text.parse().ok().map(number);
        address.is_some_and(|(four, number)| four == self.four && (self.first..=self.last).contains(&number))
    }
}

fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (true, u128::from(u32::from(address))),
        IpAddr::V6(address) => (false, u128::from(address)),
    }
}

/// An address in each part into which the ranges cut all addresses.
pub(super) fn points(ranges: &[Range]) -> Vec<String> {
    let mut points: Vec<String> = PLAUSIBLE.map(str::to_owned).to_vec();
    for four in [true, false] {
        let end = if four { u128::from(u32::MAX) } else { u128::MAX };
        let family = ranges.iter().filter(|range| range.four == four);
        let mut starts: Vec<u128> =
            family.flat_map(|range| [Some(range.first), range.last.checked_add(1)]).flatten().collect();
        starts.push(0);
        starts.retain(|start| *start <= end);
        starts.sort_unstable();
        starts.dedup();
        for (at, start) in starts.iter().enumerate() {
            let last = starts.get(at + 1).map_or(end, |next| next - 1);
            // The first address of a network is nobody's.
            let inside = if last - start > 7 && start % 256 == 0 { start + 7 } else { *start };
            points.push(match four {
                true => Ipv4Addr::from(u32::try_from(inside).unwrap_or(u32::MAX)).to_string(),
                false => Ipv6Addr::from(inside).to_string(),
            });
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let range = |text: &str| Range::parse(text).unwrap();
        assert!(range("10.1.2.3/8").contains("10.255.0.1") && !range("10.0.0.0/8").contains("11.0.0.0"));
        assert!(range("0.0.0.0/0").contains("255.255.255.255") && !range("0.0.0.0/0").contains("::1"));
        assert!(range("2001:db8::/32").contains("2001:0DB8::1"));
        assert!(range("::/0").contains("::1") && range("1.2.3.4").contains("1.2.3.4"));
        for text in ["10.0.0.0/33", "10.0.0", "x", "10.0.0.0/-1", ""] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_of_each_part() {
        let ranges: Vec<_> =
            ["10.0.0.0/8", "10.1.0.0/16"].iter().filter_map(|text| Range::parse(text)).collect();
        let points = points(&ranges);
        for wanted in ["203.0.113.7", "10.0.0.7", "10.1.0.7", "10.2.0.7", "0.0.0.7"] {
            assert!(points.contains(&wanted.to_owned()), "{wanted}: {points:?}");
        }
    }
}

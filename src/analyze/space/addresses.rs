//! Ranges of addresses, of either family, and the addresses that tell them apart.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::analyze::evaluate;

/// Addresses that no one has, to begin with.
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

    /// The same addresses in ranges that do not meet, in order.
    pub fn union(mut ranges: Vec<Range>) -> Vec<Range> {
        ranges.sort_unstable_by_key(|range| (range.four, range.first));
        let mut union: Vec<Range> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match union.last_mut().filter(|last| last.four == range.four && range.first <= last.last) {
                Some(last) => last.last = last.last.max(range.last),
                None => union.push(range),
            }
        }
        union
    }

    /// Whether an address is in one of the ranges of a [`union`](Self::union). Anything but an address is not.
    pub fn any_contains(union: &[Range], text: &str) -> bool {
        let Some((four, number)) = text.parse().ok().map(number) else { return false };
        let at = union.partition_point(|range| (range.four, range.last) < (four, number));
        union.get(at).is_some_and(|range| range.four == four && range.first <= number)
    }
}

/// Whether some ranges together hold half of all addresses of a family or more.
pub(in crate::analyze) fn hold_most<'t>(ranges: impl Iterator<Item = &'t str>) -> bool {
    let union = Range::union(ranges.filter_map(Range::parse).collect());
    [(true, 1 << 31), (false, 1 << 127)].into_iter().any(|(four, half)| {
        let sizes = union.iter().filter(|range| range.four == four).map(|range| range.last - range.first);
        sizes.fold(0_u128, |sum, size| sum.saturating_add(size).saturating_add(1)) >= half
    })
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
            // The first address of a network is no one's.
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
        let has = |list: &str, address: &str| {
            Range::any_contains(&Range::union(list.split(' ').map(range).collect()), address)
        };
        assert!(has("10.1.2.3/8", "10.255.0.1") && !has("10.0.0.0/8", "11.0.0.0"));
        let mixed = "2001:db8::/32 10.0.1.0/24 10.0.0.0/24 10.0.0.0/8 192.0.2.1 ::/128";
        for (address, is_in) in [
            ("10.0.0.0", true),
            ("10.255.255.255", true),
            ("9.255.255.255", false),
            ("11.0.0.0", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("2001:db8::1", true),
            ("2001:db9::", false),
            ("::", true),
            ("::1", false),
            ("0.0.0.0", false),
            ("x", false),
        ] {
            assert_eq!(has(mixed, address), is_in, "{address}");
        }
        assert!(has("0.0.0.0/0", "255.255.255.255") && !has("0.0.0.0/0", "::1"));
        assert!(has("2001:db8::/32", "2001:0DB8::1"));
        assert!(has("::/0", "::1") && has("1.2.3.4", "1.2.3.4"));
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

//! Whether a statement's resources take in a thing. IAM guide, "Resource" and "NotResource".

use super::text::{Text, has_early_variable, split_arn};
use super::{Asked, Match, known};
use crate::analyze::reading::Reading;
use crate::catalog;
use crate::kind::Kind;
use crate::pattern::Pattern;
use crate::policy::{self, Arn};

/// The resources of a statement.
#[derive(Clone, Debug)]
pub(super) enum Resources {
    /// The statement names none, and is about the thing that its policy is attached to.
    Own,
    /// `Resource` or `NotResource`
    Listed {
        negated: bool,
        patterns: Vec<ArnPattern>,
        /// Whether a template has still to fill one in.
        unfilled: bool,
        /// The names of those.
        holes: Vec<Box<str>>,
    },
}

/// A pattern of ARNs, matched segment by segment.
#[derive(Clone, Debug)]
pub(super) enum ArnPattern {
    /// `*`
    Any,
    Segments(Box<[Text; 6]>),
    /// A pattern over the whole ARN, whose stars do not stop at colons.
    Whole(Text),
    /// A path below an API, whatever its id.
    Api(Text),
    /// A pattern that has its segments once its policy variables are replaced: the value of one may hold colons.
    Filled(Text),
    /// What can match nothing.
    Nothing,
}

impl Resources {
    /// `None` if the statement has no effect without a `Resource`.
    pub(super) fn new(statement: &policy::Statement, kind: Kind, reading: Reading) -> Option<Self> {
        let Some(element) = &statement.resource else {
            // KMS guide, "Key policies in AWS KMS": without `Resource` the statement has no effect.
            // Some services refuse one in the policy of a thing, but it could mean nothing else.
            let own = kind.names_principal() && kind != Kind::Kms;
            return own.then_some(Resources::Own);
        };
        let values = element.values.items.iter();
        Some(Resources::Listed {
            negated: element.negated,
            patterns: known(values.clone())
                .map(|text| ArnPattern::resource(text, statement.variables, kind, reading))
                .collect(),
            unfilled: values.clone().any(|value| value.is_hole() || is_like_api(&value.text, kind)),
            holes: values.clone().filter_map(|value| Some(value.hole.as_ref()?.name.clone())).collect(),
        })
    }

    /// Whether the thing asked for is one of them. Where a policy variable has no value, its key goes
    /// to `absent`: the entry names nothing then. "IAM policy elements: Variables and tags", under
    /// "Policy variables with no value".
    pub(super) fn include<'p>(&'p self, asked: &Asked<'_>, absent: &mut Vec<&'p str>) -> Match {
        let Resources::Listed { negated, patterns, unfilled, holes } = self else { return Match::Yes };
        if let Some(unknown) = &asked.request().unknown {
            // It is one of those that the same hole takes; whether it is another one is not known.
            let is_any = |pattern: &ArnPattern| matches!(pattern, ArnPattern::Any);
            let listed = holes.contains(&unknown.name) || patterns.iter().any(is_any);
            return Match::of(listed, *negated, !(patterns.is_empty() && holes.is_empty()));
        }
        let before = absent.len();
        let listed = patterns.iter().any(|pattern| match (pattern, &asked.resource) {
            (ArnPattern::Any, _) => true,
            (_, Some(arn)) => pattern.matches(arn, asked, absent),
            // An action that names no thing is allowed on `*` alone.
            (_, None) => false,
        });
        if listed {
            absent.truncate(before);
        }
        Match::of(listed, *negated, *unfilled)
    }
}

impl ArnPattern {
    /// A value of `Resource`. Policy variables stand in the last segment only: elsewhere AWS refuses them or takes them as
    /// they stand, and no ARN has such a segment.
    fn resource(text: &str, variables: bool, kind: Kind, reading: Reading) -> Self {
        if let Some(path) = api_path(text, kind) {
            return ArnPattern::Api(Text::pattern(path, variables));
        }
        if variables && has_early_variable(text) {
            return ArnPattern::Nothing;
        }
        if reading.wide_stars && is_spread(text) {
            return ArnPattern::Whole(Text::pattern(text, variables));
        }
        let segments: Vec<&str> = text.splitn(6, ':').collect();
        match segments.as_slice() {
            [text] if !text.is_empty() && text.bytes().all(|byte| byte == b'*') => ArnPattern::Any,
            &[a, b, c, d, e, f] => {
                let plain = |text| Text::pattern(text, false);
                let segments =
                    [plain(a), plain(b), plain(c), plain(d), plain(e), Text::pattern(f, variables)];
                ArnPattern::Segments(Box::new(segments))
            }
            short if is_padded(text, kind) => {
                let at = |index: usize| short.get(index).map_or(Text::Any, |text| Text::pattern(text, false));
                ArnPattern::Segments(Box::new([at(0), at(1), at(2), at(3), at(4), at(5)]))
            }
            _ => ArnPattern::Nothing,
        }
    }

    /// A value of `ArnLike`, where policy variables may stand in every segment.
    pub(super) fn condition(text: &str, variables: bool, reading: Reading) -> Self {
        if reading.short_arns && is_short_arn(text) {
            return ArnPattern::condition(&padded(text), variables, Reading::default());
        }
        if reading.whole_arns && is_whole_arn(text) {
            return ArnPattern::Whole(Text::pattern(text, false));
        }
        if variables && has_early_variable(text) {
            return ArnPattern::Filled(Text::pattern(text, true));
        }
        match split_arn(text, variables) {
            Some(segments) => {
                ArnPattern::Segments(Box::new(segments.map(|segment| Text::pattern(segment, variables))))
            }
            None => ArnPattern::Nothing,
        }
    }

    /// Whether it matches an ARN. Each segment is matched by itself, so that a star stays in its own;
    /// in the last it may stand for colons too.
    pub(super) fn matches<'p>(&'p self, arn: &Arn<'_>, asked: &Asked<'_>, absent: &mut Vec<&'p str>) -> bool {
        let segments = match self {
            ArnPattern::Any => return true,
            ArnPattern::Nothing => return false,
            ArnPattern::Api(path) => {
                let below = arn.resource.split_once('/').filter(|_| arn.service == "execute-api");
                return below.is_some_and(|(_, below)| path.matches(below, asked, absent));
            }
            ArnPattern::Whole(text) => return text.matches(&whole(arn), asked, absent),
            ArnPattern::Filled(text) => {
                let Some(filled) = text.fill(asked, false) else { return false };
                if !filled.missing.is_empty() {
                    return text.matches(&whole(arn), asked, absent);
                }
                return split_arn(&filled.pattern, true).is_some_and(|segments| {
                    let mut both = segments.into_iter().zip(segments_of(arn));
                    both.all(|(segment, value)| Pattern::with_variables(segment).matches(value))
                });
            }
            ArnPattern::Segments(segments) => segments,
        };
        let values = segments_of(arn);
        let before = absent.len();
        let mut all = true;
        for (segment, value) in segments.iter().zip(values) {
            let blamed = absent.len();
            if !segment.matches(value, asked, absent) {
                // A segment that differs for sure settles it.
                if absent.len() == blamed {
                    absent.truncate(before);
                    return false;
                }
                all = false;
            }
        }
        all
    }
}

/// The path in API Gateway's short form of a resource, `execute-api:/stage/METHOD/path`, which is one of the API that has
/// the policy. API Gateway guide, "API Gateway resource policy examples" and "x-amazon-apigateway-policy".
pub(in crate::analyze) fn api_path(text: &str, kind: Kind) -> Option<&str> {
    text.strip_prefix("execute-api:/").filter(|_| kind == Kind::Resource)
}

/// Whether a resource is written nearly as that form is. AWS does not say what API Gateway makes of it.
pub(in crate::analyze) fn is_like_api(text: &str, kind: Kind) -> bool {
    const SERVICE: &str = "execute-api:";
    let is_short = text.get(..SERVICE.len()).is_some_and(|start| start.eq_ignore_ascii_case(SERVICE));
    is_short && kind == Kind::Resource && api_path(text, kind).is_none()
}

fn segments_of<'a>(arn: &Arn<'a>) -> [&'a str; 6] {
    ["arn", arn.partition, arn.service, arn.region, arn.account, arn.resource]
}

fn whole(arn: &Arn<'_>) -> String {
    segments_of(arn).join(":")
}

/// Whether a pattern of fewer than six segments stands for all that begins so. Not documented; as
/// others have measured it, policies of callers are taken so, those of things only with a wildcard,
/// and control policies only with one at the end.
pub(in crate::analyze) fn is_padded(text: &str, kind: Kind) -> bool {
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session | Kind::Iot => true,
        Kind::Scp | Kind::Rcp => text.ends_with('*'),
        _ => text.contains(['*', '?']),
    }
}

/// Whether a pattern of ARNs has fewer than six segments, but may be the beginning of one.
pub(in crate::analyze) fn is_short_arn(text: &str) -> bool {
    let is_short = !text.contains("${") && text.bytes().filter(|byte| *byte == b':').count() < 5;
    is_short && Pattern::new(text.split(':').next().unwrap_or("")).matches("arn")
}

/// Whether a pattern of ARNs has fewer than six segments and a wildcard by which it takes whole ARNs if its stars do not
/// stop at colons.
pub(in crate::analyze) fn is_whole_arn(text: &str) -> bool {
    let is_short = !text.contains("${") && text.bytes().filter(|byte| *byte == b':').count() < 5;
    // A lone star, or one behind the last colon, takes what it takes segment by segment.
    let is_padded_already = || text.find(['*', '?']) == text.len().checked_sub(1) && text.ends_with('*');
    is_short
        && text.contains(['*', '?'])
        && !is_padded_already()
        && Pattern::new(text).intersects(&Pattern::new("arn:*:*:*:*:*"))
}

/// A pattern of fewer than six segments, filled up with stars.
pub(in crate::analyze) fn padded(text: &str) -> String {
    let segments = text.split(':').count();
    format!("{text}{}", ":*".repeat(6_usize.saturating_sub(segments)))
}

/// Whether a pattern of resources has a `*` at the end of a segment and means another thing if that goes on
/// beyond the colon: its segments are not those of any resource.
pub(in crate::analyze) fn is_spread(text: &str) -> bool {
    let Some((head, _)) = text.rsplit_once(':') else { return false };
    let ends_in_star = head.split(':').take(5).any(|segment| segment.ends_with('*'));
    if !ends_in_star || !Pattern::new(text.split(':').next().unwrap_or("")).matches("arn") {
        return false;
    }
    let Some(arn) = Arn::parse(text) else { return true };
    // With an account in its place, or nothing, the others are in theirs.
    let is_account = arn.account.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*' || byte == b'?');
    let own = |form: catalog::ArnPattern| form.account == arn.account && form.fits_resource(arn.resource);
    !is_account && !catalog::types_in(arn.service).flat_map(|of| of.arns()).any(own)
}

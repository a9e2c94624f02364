use crate::lint::rule::rule;
use crate::lint::settings::NEAR;
use crate::lint::size::{Size, size};
use crate::lint::{Check, Context};
use crate::policy::quota::with_commas;
use crate::span::Span;

rule! {
    /// The policy is nearly as large as AWS takes.
    ///
    /// ## Why
    ///
    /// The next statement may not fit, and that shows only when it is put. This is said from nine tenths of the
    /// limit on, or from another part: `near-quota = 80` in `polmerge.toml` makes it four fifths. White space
    /// counts in some kinds of policy, so taking it out may be enough.
    ///
    /// ## Examples
    ///
    /// ```json bad iot
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": {
    ///     "Effect": "Allow",
    ///     "Action": "s3:GetObject",
    ///     "Resource": [
    ///       "arn:aws:s3:::reports-00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-01-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-02-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-04-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-05-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-06-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-07-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-08-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-09-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-10-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-11-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-12-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-13-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-14-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-15-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-16-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-17-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-18-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-19-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-20-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-21-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-22-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-23-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-24-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-25-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-26-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*",
    ///       "arn:aws:s3:::reports-27-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/*"
    ///     ]
    ///   }
    /// }
    /// ```
    ///
    /// ```json good iot
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    /// }
    /// ```
    name: "near-quota", group: Quota, severity: Note, since: "0.1.0",
    rows: ["QUO-08"],
    peers: [],
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let Some(size) = size(document) else { return };
    let Size { quota, used, .. } = size;
    let percent = usize::from(cx.settings.near_quota.unwrap_or(NEAR));
    if used > quota.limit || used.saturating_mul(100) < quota.limit.saturating_mul(percent) {
        return;
    }
    let start = document.tree.span.start as usize;
    let message = format!(
        "{} {} of {} {}: {} are left",
        size.subject(),
        with_commas(used),
        with_commas(quota.limit),
        quota.unit.name(),
        with_commas(quota.limit - used),
    );
    let spared = document.white_space(quota.unit);
    let help = match spared {
        0 => "`polmerge compact` writes the same access in fewer characters".to_owned(),
        spared => {
            format!("without white space it has {} less; `polmerge compact` saves more", with_commas(spared))
        }
    };
    cx.report(cx.finding(Span::new(start, start + 1), message).help(help));
}

use crate::diagnostic::Severity;
use crate::lint::facts::is_plain;
use crate::lint::grants::Grant;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::policy::{Arn, Resource};

rule! {
    /// Objects that are kept from somebody who may change who gets them.
    ///
    /// ## Why
    ///
    /// Whoever may write the policy or the ACL of a bucket can give himself what is in it, and whoever may
    /// write its lifecycle rules can have it deleted. That a policy does not allow `s3:GetObject`,
    /// `s3:PutObject` or `s3:DeleteObject` on the same bucket keeps nobody from it. Where it denies them, somebody
    /// meant to; otherwise the finding is a note, and of reading and lifecycle rules only.
    ///
    /// Where a file shows which policies a role, user or group has, the `Deny` can be in another of them.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::reports" },
    ///     { "Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": [ "s3:GetObject", "s3:PutBucketPolicy" ],
    ///       "Resource": [ "arn:aws:s3:::reports", "arn:aws:s3:::reports/*" ]
    ///     },
    ///     { "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports" },
    ///     { "Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }
    ///   ]
    /// }
    /// ```
    name: "bucket-policy-escalation", group: Escalation, severity: Warning, since: "0.1.0",
    rows: ["ESC-28"],
    peers: ["parliament:RESOURCE_POLICY_PRIVILEGE_ESCALATION"],
    kinds: [Identity],
    joins: true,
    gives_way_to: ["full-admin", "not-action-allow"],
    check: Check::Document(check),
}

/// What changes who gets the objects, what it makes up for, and whether that is worth a word where no statement
/// denies it.
const WAYS: [(&str, &str, &str, bool); 7] = [
    ("s3:PutBucketPolicy", "s3:GetObject", "read", true),
    ("s3:PutBucketAcl", "s3:GetObject", "read", true),
    // Who writes objects often sets their ACL as well, and reads none.
    ("s3:PutObjectAcl", "s3:GetObject", "read", false),
    ("s3:PutLifecycleConfiguration", "s3:DeleteObject", "delete", true),
    // Who may read all of a bucket and set its policy seldom writes to it, and need not.
    ("s3:PutBucketPolicy", "s3:DeleteObject", "delete", false),
    ("s3:PutBucketPolicy", "s3:PutObject", "write", false),
    ("s3:PutBucketAcl", "s3:PutObject", "write", false),
];

fn check(cx: &mut Context<'_>) {
    let grants = cx.grants();
    let (mut seen, mut looked_at) = (Vec::new(), Vec::new());
    for (key, object, verb, said_undenied) in WAYS {
        let all = grants.of(object);
        let mut objects: Vec<Grant<'_>> = all.to_vec();
        objects.dedup_by_key(|grant| grant.entry.statement.index);
        for grant in grants.of(key).iter() {
            // Entries of one statement are about the same buckets.
            let place = (key, object, grant.entry.statement.index);
            if looked_at.contains(&place) {
                continue;
            }
            looked_at.push(place);
            let Some(bucket) = bucket(grant).filter(|_| !seen.contains(&grant.entry.statement.index)) else {
                continue;
            };
            if objects.iter().any(|object| takes_in(object, &bucket)) {
                continue;
            }
            let denying = grants.denying(object);
            let denied = !denying.is_empty();
            let new = denying.iter().find(|entry| cx.joins(entry.statement, grant.entry.statement));
            // Of several policies, what each says alone is found there.
            if let Some(alone) = cx.alone().get(cx.part_of(grant.entry.statement))
                && (new.is_none() || alone.denies(object))
            {
                continue;
            }
            // A pattern was hardly written for this, and is no way around anything unless somebody put something
            // there.
            if !denied && (!said_undenied || grant.entry.is_wide()) {
                continue;
            }
            seen.push(grant.entry.statement.index);
            let how = grant.entry.names(key);
            let lets = if grant.entry.is_wide() { ", which lets" } else { " lets" };
            let state = if denied { "denied" } else { "not allowed" };
            let mut finding = cx
                .finding(
                    grant.entry.span,
                    format!("{how}{lets} its holder {verb} the objects, though `{object}` is {state}"),
                )
                .label(format!("`{object}` by another way"))
                .help(format!("take `{key}` out, or hold it to buckets whose objects its holder may {verb}"));
            if let Some(entry) = new.filter(|_| !cx.alone().is_empty()) {
                finding = finding.also_at(entry.span, "which is denied here");
            }
            if !denied {
                finding.severity = finding.severity.min(Severity::Note);
            }
            cx.report(finding);
        }
    }
}

/// The objects of the bucket that a statement names; `None` where it names none in particular.
fn bucket(grant: &Grant<'_>) -> Option<Resource> {
    let element = grant.entry.statement.resource.as_ref().filter(|element| !element.negated)?;
    let named = element.values.items.iter().filter(|value| is_plain(value)).find_map(|value| {
        let arn = Arn::parse(&value.text)
            .filter(|arn| arn.service == "s3" && arn.account.is_empty() && arn.region.is_empty())?;
        let name = arn.resource.split('/').next().unwrap_or_default();
        (!name.is_empty() && !name.starts_with(['*', '?']))
            .then(|| format!("arn:{}:s3:::{name}/*", arn.partition))
    })?;
    Some(Resource::new(&named, grant.entry.statement.variables))
}

/// So many resources of a statement are looked at.
const MOST_RESOURCES: usize = 200;

/// Whether a grant takes in some objects of the bucket.
fn takes_in(grant: &Grant<'_>, bucket: &Resource) -> bool {
    let statement = grant.entry.statement;
    let Some(element) = statement.resource.as_ref().filter(|element| !element.negated) else { return true };
    let values = element.values.items.iter().take(MOST_RESOURCES);
    values
        .map(|value| Resource::new(&value.text, statement.variables))
        .any(|resource| resource.intersects(bucket))
}

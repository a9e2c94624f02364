//! What the ARNs of a type look like, and whether the ARN of a policy can be one of them.

use crate::pattern::Pattern;

/// The form of the ARNs of a type; `${…}` stands for what differs from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArnPattern {
    /// `kms`
    pub service: &'static str,
    /// `${Region}`, or empty.
    pub region: &'static str,
    /// `${Account}`, or empty; sometimes `aws` or `*`.
    pub account: &'static str,
    /// `key/${KeyId}`
    pub resource: &'static str,
}

impl ArnPattern {
    /// Reads the form without `arn:${Partition}:`.
    pub(super) fn read(text: &'static str) -> Option<Self> {
        // Names in braces hold no colon.
        let mut segments = text.splitn(4, ':');
        Some(ArnPattern {
            service: segments.next()?,
            region: segments.next()?,
            account: segments.next()?,
            resource: segments.next()?,
        })
    }

    /// The whole form, as AWS's documentation has it.
    pub fn text(self) -> String {
        let ArnPattern { service, region, account, resource } = self;
        format!("arn:${{Partition}}:{service}:{region}:{account}:{resource}")
    }

    /// Whether a service in the ARN of a policy, which may have wildcards, can be this one.
    pub fn fits_service(self, service: &str) -> bool {
        if self.service.contains("${") {
            return true;
        }
        match service.contains(['*', '?', '$']) {
            true => Pattern::with_variables(service).intersects(&Pattern::new(self.service)),
            false => service == self.service,
        }
    }

    /// Whether the last segment of an ARN of a policy, with wildcards and variables, can be of this
    /// form. Case is forgiven.
    pub fn fits_resource(self, resource: &str) -> bool {
        // Of all names only that of a bucket is held to hold no slash: that is what tells a bucket from
        // what is in it.
        if self.resource == "${BucketName}" {
            return !without_variables(resource).contains('/') && !resource.is_empty();
        }
        fits_words(self.resource, resource)
    }

    /// Whether the last segment of an ARN of a policy, with wildcards, takes in all that is of this form.
    pub fn is_within(self, resource: &str) -> bool {
        let fixed = |text: &str| text.find(['*', '?', '$']).unwrap_or(text.len());
        let head = resource.get(..fixed(resource)).unwrap_or("");
        // Settles most pairs without building patterns.
        if head.len() == resource.len() || !self.resource.starts_with(head) {
            return false;
        }
        Pattern::with_variables(resource).contains(&Pattern::new(&open(self.resource)))
    }
}

/// Whether a form in which `${…}` stands for one or more characters has anything in common with a
/// pattern of a policy, in which it stands for any text.
pub fn fits_words(form: &str, pattern: &str) -> bool {
    let fixed = |text: &str| text.find(['*', '?', '$']).unwrap_or(text.len());
    let shared = fixed(form).min(fixed(pattern));
    let start = |text| str::as_bytes(text).get(..shared).unwrap_or_default();
    // Settles most pairs without building patterns.
    if !start(form).eq_ignore_ascii_case(start(pattern)) {
        return false;
    }
    let form = Pattern::new(&open(form).to_ascii_lowercase());
    form.intersects(&Pattern::with_variables(&pattern.to_ascii_lowercase()))
}

/// The form as a pattern: each `${…}` is at least one character.
fn open(form: &str) -> String {
    let mut out = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, variable)) = rest.split_once("${") {
        out.push_str(before);
        out.push_str("?*");
        rest = variable.split_once('}').map_or("", |(_, after)| after);
    }
    out + rest
}

fn without_variables(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, variable)) = rest.split_once("${") {
        out.push_str(before);
        rest = variable.split_once('}').map_or("", |(_, after)| after);
    }
    out + rest
}

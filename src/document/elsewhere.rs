//! What a policy may depend on in the rest of its file without our knowing how: variables of Terraform or serverless,
//! the conditions of a template inside of another file, the collection of a loop, a plan that is still to be applied.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::reading::Reading;
use super::{Document, File, Maker};
use crate::locate::{self, Form};
use crate::parse::dense;
use crate::placeholder::is_filled_in;
use crate::span::Span;

/// Notes in each policy that may depend on the rest of its file what tells that from others: a value for what is in no
/// policy, and one for the other policies.
pub(super) fn note(documents: &mut [Document], text: &str) {
    if !documents.iter().any(may_depend) {
        return;
    }
    let mut hasher = DefaultHasher::new();
    outside(documents, text).hash(&mut hasher);
    let outside = hasher.finish();
    let own = documents.iter().map(|document| fingerprint(span(document).slice(text)));
    let own: Vec<u64> = own.collect();
    let all = own.iter().fold(0_u64, |all, own| all.wrapping_add(*own));
    for (document, own) in documents.iter_mut().zip(own) {
        if may_depend(document) {
            document.elsewhere = Some((outside, all.wrapping_sub(own)));
        }
    }
}

/// Where a policy is in its file.
fn span(document: &Document) -> Span {
    document.in_file(document.tree.span)
}

/// The parts of a text that are in none of its policies.
fn outside<'t>(documents: &[Document], text: &'t str) -> Vec<&'t str> {
    let mut spans: Vec<Span> = documents.iter().map(span).collect();
    spans.sort_by_key(|span| span.start);
    let (mut parts, mut done) = (Vec::new(), 0);
    for span in &spans {
        parts.push(text.get(done..span.start as usize).unwrap_or_default());
        done = done.max(span.end as usize);
    }
    parts.push(text.get(done..).unwrap_or_default());
    parts
}

impl File {
    /// What may decide on access in the file outside of its policies, where nothing is known of what that means. In a file
    /// without a policy, what names one.
    pub fn apart(&self) -> Vec<Maker> {
        let readings = Reading::all(&self.source);
        let mut apart: Vec<Maker> = readings.iter().flat_map(|reading| reading.apart(&self.source)).collect();
        if !readings.iter().any(|reading| reading.holds_policies(&self.source)) {
            apart.retain(|maker| maker.name.contains(":iam::") && maker.name.contains(":policy/"));
        }
        apart
    }

    /// What is in the file but in none of its policies, as one text to compare with that of another version. White space
    /// between the tokens of JSON does not count.
    pub fn rest(&self) -> String {
        let parts = outside(&self.documents, self.source.text());
        match self.is_yaml() {
            true => parts.concat(),
            false => parts.into_iter().flat_map(dense).collect(),
        }
    }
}

/// What tells a text from others.
fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Whether the policy has names or functions in it that are defined in its file, if anywhere, in a way that is not read,
/// or is in a loop.
fn may_depend(document: &Document) -> bool {
    if let Form::Unknown { label, .. } = &document.found.form {
        // What CloudFormation resolves, it finds outside of the file.
        return !label.starts_with("{{resolve:");
    }
    let (envelope, pointer) = (document.envelope(), document.pointer());
    // The frameworks give a role more than its statements, and one fills in names. What YAML merges into a resource is not
    // looked for.
    if document.is_serverless()
        || envelope == Some(locate::ZAPPA)
        || document.is_yaml() && document.source().text().contains("<<:")
    {
        return true;
    }
    // What CloudFormation defines is read, and so is what a plan of Terraform says.
    let is_configuration = envelope == Some(locate::CONFIGURATION);
    let is_read = envelope.is_some() && document.is_template() && !is_configuration;
    if pointer.is_empty() || is_read {
        return false;
    }
    let text = document.tree.span.slice(document.text());
    // In an answer of AWS, these begin variables. What Terraform fills in is a hole.
    let is_known = (envelope.is_some() && !is_configuration) || document.is_terraform();
    let has_names = || !is_known && is_filled_in(text);
    pointer.contains("/Fn::ForEach::")
        || document.policy.statements.iter().any(|statement| !statement.unknowns().is_empty())
        || document.policy.version.as_ref().is_some_and(|version| version.is_hole())
        || has_names()
}

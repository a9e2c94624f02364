use crate::edit::Edit;
use crate::format::format;
use crate::lint::rule::rule;
use crate::lint::{Check, Context};
use crate::span::Span;

rule! {
    /// The policy is not laid out as `polmerge fmt` does it.
    ///
    /// ## Why
    ///
    /// One layout for all files keeps changes of white space out of reviews. The layout is that of AWS's
    /// own documentation: two spaces, the elements of a statement in one order, short lists on a line. `polmerge
    /// fmt` writes it; nothing but white space and the order of elements changes.
    ///
    /// Policies inside of other files are left alone.
    ///
    /// ## Examples
    ///
    /// ```json bad identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Action": [
    ///         "s3:GetObject"
    ///       ],
    ///       "Effect": "Allow", "Resource": "arn:aws:s3:::reports/*"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json fixed identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": ["s3:GetObject"],
    ///       "Resource": "arn:aws:s3:::reports/*"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ```json good identity
    /// {
    ///   "Version": "2012-10-17",
    ///   "Statement": [
    ///     {
    ///       "Effect": "Allow",
    ///       "Action": "s3:ListBucket",
    ///       "Resource": "arn:aws:s3:::reports"
    ///     }
    ///   ]
    /// }
    /// ```
    name: "unformatted", group: Practice, severity: Note, since: "0.1.0",
    rows: ["BPR-08"],
    peers: [],
    fix: Safe,
    opt_in: true,
    check: Check::Document(check),
}

fn check(cx: &mut Context<'_>) {
    let document = cx.document;
    let is_bare = document.envelope().is_none() && document.pointer().is_empty();
    if !is_bare || !document.is_sound() {
        return;
    }
    // White space around the policy is the file's affair.
    let (is, span) = (document.tree.span.slice(document.text()), document.tree.span);
    let formatted = format(document);
    let wanted = formatted.trim_end();
    if is == wanted {
        return;
    }
    let same = is.bytes().zip(wanted.bytes()).take_while(|(is, wanted)| is == wanted).count();
    let at = first_difference(is, same) + span.start as usize;
    let finding = cx
        .finding(Span::new(at, at + 1), "the policy is not laid out as `polmerge fmt` does it")
        .label("the first difference")
        .help("polmerge fmt FILE");
    cx.report(finding.fix("the canonical layout", true, vec![Edit::replace(span, wanted)]));
}

/// The first byte from `same` on that is no white space, so that there is something to point at; it
/// is the start of a token or inside of one, never inside a character.
fn first_difference(text: &str, same: usize) -> usize {
    let rest = text.char_indices().find(|(at, character)| *at >= same && character.is_ascii_graphic());
    rest.map_or(0, |(at, _)| at)
}

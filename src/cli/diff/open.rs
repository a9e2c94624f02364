//! The policies of files, and which of an old file stands against which of a new one.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use crate::analyze::compare::compare;
use crate::analyze::space::Relation;
use crate::cli::{Failure, config, input};
use crate::config::Config;
use crate::document::{self, Because, Document, File, Gives, Hints, Maker};
use crate::kind::Kind;
use crate::report::changes::NOWHERE;
use crate::source::Source;

/// The policy of a file: the one at a pointer, else the only one.
pub(super) fn one_policy(file: &mut File, at: &[String]) -> Result<Document, Failure> {
    let index = input::meant(file.source.name(), &file.documents, at, |_| false)?;
    let document = file.documents.swap_remove(index);
    comparable(&document)?;
    Ok(document)
}

/// What two versions of a file hold that is not read, and so not compared.
pub(super) fn unread(old: Option<&File>, new: Option<&File>) -> Option<String> {
    let of = |file: &File| {
        let places: Vec<String> = file.unread.iter().map(|span| file.source.place(*span)).collect();
        (!places.is_empty()).then(|| (file.source.name().to_owned(), places.join(", ")))
    };
    if let Some((name, places)) = new.and_then(of).or_else(|| old.and_then(of)) {
        let statements = format!("statements in `{name}` ({places}) are in no policy that is read");
        return Some(format!("{statements}, and are not compared"));
    }
    let makes = either(new, old, |file| Cow::Borrowed(&file.makers))
        .map(|(maker, _)| format!("{maker} may add policies, which are not compared"));
    let named = || either(new, old, |file| Cow::Borrowed(&file.named));
    let [is, was] = [new, old].map(|file| file.map(|file| file.source.text()));
    let apart = || (is != was).then(|| either(new, old, |file| Cow::Owned(file.apart())))?;
    makes.or_else(|| {
        let (what, gives) = named().or_else(apart)?;
        Some(format!("{what} {gives} that is not read, and is not compared"))
    })
}

/// What one of two versions of a file has and the other has not: how it is called, and whether it surely gives access.
fn either(
    new: Option<&File>,
    old: Option<&File>,
    of: impl Fn(&File) -> Cow<'_, [Maker]>,
) -> Option<(String, &'static str)> {
    // What makes the same on both sides makes no difference.
    let only = |file: &File, all: &[Maker], others: &[Maker]| {
        let known: HashSet<&str> = others.iter().map(|maker| maker.name.as_str()).collect();
        let maker = all.iter().find(|maker| !known.contains(maker.name.as_str()))?;
        let what = format!("{} in `{}` ({})", maker.label, file.source.name(), file.source.place(maker.span));
        Some((what, if maker.gives == Gives::Unknown { "may give access" } else { "gives access" }))
    };
    let [of_new, of_old] = [new, old].map(|file| file.map(&of).unwrap_or_default());
    let added = new.and_then(|new| only(new, &of_new, &of_old));
    added.or_else(|| only(old?, &of_old, &of_new))
}

/// What a file holds that gives as much as that and is not read, so that it is not known what the file gives in all.
pub(super) fn unread_of_new(new: &File, most: Gives) -> Option<String> {
    let (name, place) = (new.source.name(), |maker: &Maker| new.source.place(maker.span));
    let gives = |maker: &&Maker| maker.gives >= most;
    let makes = new.makers.iter().find(gives).map(|maker| {
        format!("{} in `{name}` ({}) may add policies, which are not checked", maker.label, place(maker))
    });
    makes.or_else(|| {
        let maker = new.named.iter().find(gives)?;
        let what = format!("{} in `{name}` ({})", maker.label, place(maker));
        Some(format!("{what} gives access that is not read, and is not checked"))
    })
}

/// A file, with its policies and what else there is. The configuration may know the kind of these.
pub(super) fn file(source: Source, path: &Path, hints: &Hints, config: &Config) -> File {
    let configured = config.kind_for(&config::absolute(path));
    document::open(source, &Hints { configured, ..hints.clone() })
}

/// Whether it is clear what a policy says.
pub(super) fn comparable(document: &Document) -> Result<(), Failure> {
    if document.is_absent() || document.is_sound() || document.is_function() {
        return Ok(());
    }
    let name = document.source().name();
    let failure =
        Failure::new(format!("the policy in `{name}` cannot be read as a whole, so it is not compared"));
    Err(match document.problems.first() {
        Some(problem) => failure.help(format!("{}: {}", problem.rule, problem.message)),
        None => failure,
    })
}

/// One kind for both: that of the old one, unless only the new one tells.
pub(super) fn settle(old: &mut Document, new: &mut Document) -> Result<(), Failure> {
    let unknown = |document: &Document| document.because == Because::Default;
    if unknown(old) && !unknown(new) {
        (old.kind, old.because) = (new.kind, new.because.clone());
    } else if unknown(new) {
        (new.kind, new.because) = (old.kind, old.because.clone());
    }
    if old.kind != new.kind {
        return Err(Failure::new(format!(
            "`{}` is {}, `{}` is {}",
            old.source().name(),
            old.kind.with_article(),
            new.source().name(),
            new.kind.with_article()
        ))
        .help("say which with --kind, if that is not so"));
    }
    let resource = old.shared_resource(new).map(str::to_owned);
    (old.resource, new.resource) = (resource.clone(), resource);
    Ok(())
}

/// An old policy and the new one in its place; one of them may be missing.
pub(super) type Pair = (Option<Document>, Option<Document>);

/// The policies of two versions of a file: those of the same thing belong together, and so do the only two that are left
/// if nothing tells that they are of different things. In place of one that is missing may be what the other version
/// makes there.
pub(super) fn pair(mut old_file: Option<File>, mut new_file: Option<File>) -> Vec<Pair> {
    let documents = |file: &mut Option<File>| {
        file.as_mut().map(|file| std::mem::take(&mut file.documents)).unwrap_or_default()
    };
    let new = documents(&mut new_file);
    let mut old: Vec<Option<Document>> = documents(&mut old_file).into_iter().map(Some).collect();
    let mut pairs: Vec<Pair> = new.into_iter().map(|document| (None, Some(document))).collect();
    pair_by_surroundings(&mut old, &mut pairs);
    pair_by_place(&mut old, &mut pairs);
    pair_by_likeness(&mut old, &mut pairs);
    pair_by_address(&mut old, &mut pairs);
    let mut left = old.iter_mut().filter(|old| old.is_some());
    let mut alone = pairs.iter_mut().filter(|(old, _)| old.is_none());
    if let (Some(gone), None, Some(only), None) = (left.next(), left.next(), alone.next(), alone.next())
        && !gone.iter().chain(&only.1).any(is_named)
    {
        only.0 = gone.take();
    }
    pairs.extend(old.into_iter().flatten().map(|document| (Some(document), None)));
    for (old, new) in &mut pairs {
        if let Some(old) = old.as_mut().filter(|old| new.as_ref().is_none_or(|new| !old.is_in_place_of(new)))
        {
            old.is_gone_from(new_file.as_ref());
        }
    }
    // What may be in place of a policy that a version does not have.
    let in_place = |of: &Document, own: &Option<File>, other: &Option<File>| {
        let made = other.as_ref().and_then(|other| other.made_in_place_of(of));
        made.or_else(|| of.default_in_place(own.as_ref().filter(|_| of.kept().is_none())?, other.as_ref()))
    };
    for pair in &mut pairs {
        match pair {
            (Some(old), new @ None) => {
                *new = in_place(old, &old_file, &new_file);
                old.compare_with_nothing_in(new_file.as_ref());
            }
            (old @ None, Some(new)) => {
                *old = in_place(new, &new_file, &old_file);
                new.compare_with_nothing_in(old_file.as_ref());
            }
            _ => {}
        }
    }
    pairs
}

/// Pairs the policies of one attribute of one resource of Terraform, as one that is known and one that will be.
fn pair_by_address(old: &mut [Option<Document>], pairs: &mut [Pair]) {
    let address = |document: Option<&Document>| {
        document
            .and_then(Document::address)
            .map(|(address, attribute)| (address.to_owned(), attribute.to_owned()))
    };
    let mut places: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, document) in old.iter().enumerate() {
        if let Some(address) = address(document.as_ref()) {
            places.entry(address).or_default().push(at);
        }
    }
    for (own, new) in pairs.iter_mut().filter(|(old, _)| old.is_none()) {
        if let Some([at]) = address(new.as_ref()).and_then(|address| places.remove(&address)).as_deref() {
            *own = old[*at].take();
        }
    }
}

/// Pairs the policies that have the same beside them. Of several, those are the same of which all is the same that is beside
/// them, then the ones of the same text if some came or went; which of the others is which is not known.
fn pair_by_surroundings(old: &mut [Option<Document>], pairs: &mut [Pair]) {
    let mut groups: HashMap<u64, [Vec<usize>; 2]> = HashMap::new();
    let mut note = |document: Option<&Document>, side: usize, at: usize| {
        if let Some(fingerprint) = document.and_then(Document::fingerprint) {
            groups.entry(fingerprint).or_default()[side].push(at);
        }
    };
    old.iter().enumerate().for_each(|(at, old)| note(old.as_ref(), 0, at));
    pairs.iter().enumerate().for_each(|(at, (_, new))| note(new.as_ref(), 1, at));
    for [mut of_old, mut of_new] in groups.into_values().filter(|sides| !sides.iter().any(Vec::is_empty)) {
        if of_old.len() + of_new.len() > 2 {
            let whole = |document: &Option<Document>| document.as_ref().map(Document::whole_surroundings);
            let text =
                |document: &Option<Document>| document.as_ref().map(Document::bare).unwrap_or_default();
            // Where one came or went, their order tells nothing.
            let by_text = of_old.len() != of_new.len();
            let key = |document: &Option<Document>| (whole(document), by_text.then(|| text(document)));
            let mut same: HashMap<_, VecDeque<usize>> = HashMap::new();
            of_old.iter().for_each(|&at| same.entry(key(&old[at])).or_default().push_back(at));
            of_new.retain(|&at| {
                let found = same.get_mut(&key(&pairs[at].1)).and_then(VecDeque::pop_front);
                pairs[at].0 = found.and_then(|at| old[at].take());
                pairs[at].0.is_none()
            });
            of_old.retain(|&at| old[at].is_some());
            for &at in &of_old {
                old[at].iter_mut().for_each(Document::is_one_of_those_alike);
            }
            for &at in &of_new {
                pairs[at].1.iter_mut().for_each(Document::is_one_of_those_alike);
            }
        }
        for (of_old, of_new) in of_old.into_iter().zip(of_new) {
            pairs[of_new].0 = old[of_old].take();
        }
    }
}

/// Pairs the policies that are in one place by the names of things.
fn pair_by_place(old: &mut [Option<Document>], pairs: &mut [Pair]) {
    let is_known = |document: &Document| document.fingerprint().is_none() || is_named(document);
    let mut of_place: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (at, document) in old.iter().enumerate() {
        if let Some(document) = document.as_ref().filter(|document| is_known(document)) {
            of_place.entry(document.place().to_owned()).or_default().push_back(at);
        }
    }
    for (found, new) in pairs.iter_mut().filter(|(old, _)| old.is_none()) {
        // Of several that are called alike, the first.
        let same = new.as_ref().filter(|new| is_known(new)).and_then(|new| of_place.get_mut(new.place()));
        *found = same.and_then(VecDeque::pop_front).and_then(|at| old[at].take());
    }
}

/// Pairs the policies of the same lists that have most in common beside them: which members name an item is not known.
fn pair_by_likeness(old: &mut [Option<Document>], pairs: &mut [Pair]) {
    let mut of_shape: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, document) in old.iter().enumerate() {
        if let Some(document) = document.as_ref().filter(|document| !is_named(document)) {
            of_shape.entry(document.shape().to_owned()).or_default().push(at);
        }
    }
    for (found, new) in pairs.iter_mut().filter(|(old, _)| old.is_none()) {
        let Some(new) = new.as_ref().filter(|new| new.fingerprint().is_some() && !is_named(new)) else {
            continue;
        };
        let Some(others) = of_shape.get_mut(new.shape()) else { continue };
        let alike = |other: &Document| (other.in_common(new), other.pointer() == new.pointer());
        let looked_at = others.iter().take(MOST_LOOKED_AT).enumerate();
        let found_at =
            looked_at.filter_map(|(number, &at)| Some((alike(old[at].as_ref()?), Reverse(number))));
        if let Some((_, Reverse(number))) = found_at.max() {
            *found = old[others.remove(number)].take();
        }
    }
}

/// How many policies are looked at for the one that has most in common with another.
const MOST_LOOKED_AT: usize = 100;

/// Whether a name tells where it is, and not a number alone.
fn is_named(document: &Document) -> bool {
    document.place() != document.pointer()
}

/// Whether a policy is what it was: its text, what its functions and names stand for, and what it is attached to.
pub(super) fn untouched((old, new): &Pair) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    let text = |document: &Document| document.tree.span.slice(document.text()).to_owned();
    let same_text = old.is_in_place_of(new) && old.kind == new.kind && text(old) == text(new);
    let is_same = || {
        let change = compare(old, new).change;
        change.exact && change.relation == Relation::Equivalent
    };
    let is_one = !old.is_one_of_alike() && !new.is_one_of_alike();
    let same_text = same_text && is_one && old.attached_otherwise(new).is_empty();
    same_text && ((old.stands_alone() && new.stands_alone()) || is_same())
}

/// Both policies of a pair, ready to be compared; in the place of one that is missing, one that says
/// nothing.
pub(super) fn whole((old, new): Pair) -> Result<(Document, Document), Failure> {
    let (mut old, mut new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => {
            let new = old.counterpart(NOWHERE);
            (old, new)
        }
        (None, Some(new)) => (new.counterpart(NOWHERE), new),
        (None, None) => {
            let nothing = Document::left_out(NOWHERE, Kind::Identity);
            (nothing.clone(), nothing)
        }
    };
    comparable(&old)?;
    comparable(&new)?;
    settle(&mut old, &mut new)?;
    Ok((old, new))
}

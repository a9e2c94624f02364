//! A trust policy names principals of the vendor's own, which only roles of their partition can trust.

use super::Packs;
use super::pack::{Pack, Step};
use super::value::Values;
use crate::policy::Arn;

impl Pack {
    /// The partition in which roles can trust the vendor: that of the principal which a step trusts.
    pub fn partition(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| trusted(step).map(|arn| arn.partition))
    }

    /// Why the role of a step cannot trust the principal that the step names: it is in another partition, as the values show.
    pub fn other_partition(&self, packs: &Packs, step: &Step, values: &Values) -> Option<String> {
        let trust = step.documents.iter().find(|document| document.kind == "trust")?;
        let principal = trusted(step)?;
        let value = |name: &str| Some(values.get(packs, name)?.value.as_str());
        // All that a set-up names is in one partition.
        let names = trust.role.iter().chain(self.parameters.keys());
        let own = names.filter_map(|name| Arn::parse(value(name)?)).find(|arn| !arn.partition.is_empty())?;
        let vendor = self.guide.as_ref().map_or(self.title.as_str(), |guide| &guide.vendor);
        (own.partition != principal.partition).then(|| {
            format!(
                "{}: a role in the partition `{}` cannot trust {vendor}'s principal, which is in `{}`: ask {vendor}",
                step.name, own.partition, principal.partition
            )
        })
    }
}

/// The principal that the role of a step trusts.
fn trusted(step: &Step) -> Option<Arn<'_>> {
    let trust = step.documents.iter().find(|document| document.kind == "trust")?;
    trust.texts(None).into_iter().flat_map(|text| text.split('"')).find_map(Arn::parse)
}

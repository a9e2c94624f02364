//! The values that are still needed, by the names under which a person gives them.

use super::Setup;
use super::reads::{Read, Where};
use crate::steps::Missing;
use crate::steps::guide::Account;

/// The parameters without a value, without which nothing can be checked or planned. None of them follows from others.
pub fn lacking<'p>(setup: &Setup<'p>) -> Vec<Missing<'p>> {
    let made = setup.stack().map_or([].as_slice(), |stack| &stack.makes);
    let open = setup.pack.parameters.iter().filter(|(name, parameter)| {
        parameter.derive.is_empty()
            && !parameter.optional
            && !made.contains(name)
            && setup.value(name).is_none()
    });
    let (created, others): (Vec<_>, Vec<_>) = open.partition(|(_, parameter)| parameter.create.is_some());
    // A plan creates the key once the account and Region are known, which follow from the others.
    let needed = if others.is_empty() { created } else { others };
    needed
        .into_iter()
        .map(|(name, parameter)| Missing { token: name.clone(), parameter: Some(parameter) })
        .collect()
}

/// Those of them that the script needs that reads `step`, or all steps.
pub fn lacking_to_collect<'p>(setup: &Setup<'p>, step: Option<&str>) -> Vec<Missing<'p>> {
    let reads = || setup.reads().iter().filter(|read| read.is_for(step));
    let of_reads = reads().flat_map(|read| {
        let templates =
            std::iter::once(read.command.as_str()).chain(read.each.iter().map(|each| each.command));
        templates.flat_map(|template| setup.parameters_of(template, read.parameter))
    });
    let is_read = |account: &&Account, read: &Read<'_>| {
        read.place == Where::Every || read.place == Where::In(&account.name)
    };
    let accounts = setup.guide.accounts.iter().filter(|account| reads().any(|read| is_read(account, read)));
    let of_accounts = accounts.flat_map(|account| {
        let id = setup.id(account).is_none().then(|| account.id.clone());
        let region = account.region_of.first().filter(|_| setup.region(account).is_none()).cloned();
        id.into_iter().chain(region)
    });
    let needed: Vec<String> = of_reads.chain(of_accounts).map(|name| given_for(setup, name)).collect();
    lacking(setup).into_iter().filter(|missing| needed.contains(&missing.token)).collect()
}

/// The parameter by which a person gives a value: what it follows from best, unless it follows from nothing.
fn given_for(setup: &Setup<'_>, name: String) -> String {
    let from = setup.pack.parameters.get(&name).and_then(|parameter| parameter.derive.first());
    let from = from.filter(|_| setup.value(&name).is_none());
    from.map_or(name, |from| from.from().to_owned())
}

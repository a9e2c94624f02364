//! The identity providers that a template makes: what is known of their ARNs.
//!
//! CloudFormation guide, "AWS::IAM::OIDCProvider" and "AWS::IAM::SAMLProvider": `Ref` and `Arn` give the ARN. IAM API,
//! "CreateOpenIDConnectProvider": that has in it the host and path of the URL.

use std::collections::BTreeMap;

use crate::parse::Node;
use crate::policy::hole::Part;
use crate::policy::{OIDC_PROVIDER, SAML_PROVIDER};

/// An identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    /// One that speaks OpenID Connect, with host and path of its URL where they are written out.
    Web(Option<String>),
    /// One that speaks SAML.
    Saml,
}

/// The types of Terraform, and in front of them how data sources begin.
const OF_TERRAFORM: [&str; 2] = ["aws_iam_openid_connect_provider", "aws_iam_saml_provider"];

impl Provider {
    /// The provider that a resource of CloudFormation is.
    pub(super) fn of_resource(kind: &str, resource: &Node, text: &str) -> Option<Self> {
        match kind {
            "AWS::IAM::OIDCProvider" => {
                let url = resource.get(text, "Properties").and_then(|properties| properties.get(text, "Url"));
                Some(Provider::Web(url.and_then(|url| host(url, text))))
            }
            "AWS::IAM::SAMLProvider" => Some(Provider::Saml),
            _ => None,
        }
    }

    /// The provider that an address of Terraform is, by its type.
    pub(super) fn of_address(address: &str) -> Option<Self> {
        let resource = address.strip_prefix("data.").unwrap_or(address);
        let [web, saml] = OF_TERRAFORM;
        match resource.split('.').next()? {
            kind if kind == web => Some(Provider::Web(None)),
            kind if kind == saml => Some(Provider::Saml),
            _ => None,
        }
    }

    /// The pieces of its ARN; `name` is that of what is not known of it.
    pub(super) fn arn(&self, name: &str) -> Vec<Part> {
        let segment = |name: &str| Part::Segment(name.into());
        let literal = |text: &str| Part::Literal(text.to_owned());
        let (end, is_known) = match self {
            Provider::Web(Some(host)) => (format!("{OIDC_PROVIDER}{host}"), true),
            Provider::Web(None) => (OIDC_PROVIDER.to_owned(), false),
            Provider::Saml => (SAML_PROVIDER.to_owned(), false),
        };
        let known = [
            literal("arn:"),
            segment("AWS::Partition"),
            literal(":iam::"),
            segment("AWS::AccountId"),
            Part::Literal(end),
        ];
        let unknown = (!is_known).then(|| Part::Attribute(name.into()));
        known.into_iter().chain(unknown).collect()
    }
}

/// The providers of a file of Terraform's JSON syntax, by address.
pub(super) fn of_terraform(tree: &Node, text: &str) -> BTreeMap<String, Provider> {
    let mut found = BTreeMap::new();
    for (block, before) in [("resource", ""), ("data", "data.")] {
        let types = tree.get(text, block).into_iter().flat_map(each);
        let of_type = types.filter_map(|types| types.get(text, OF_TERRAFORM[0])).flat_map(each);
        for member in of_type.flat_map(Node::members) {
            let address = format!("{before}{}.{}", OF_TERRAFORM[0], member.key.text(text));
            let url = each(&member.value).find_map(|block| block.get(text, "url"));
            found.insert(address, Provider::Web(url.and_then(|url| host(url, text))));
        }
    }
    found
}

/// A block of Terraform, or each of a list of them.
fn each(node: &Node) -> impl Iterator<Item = &Node> {
    std::iter::once(node).filter(|node| node.items().is_empty()).chain(node.items())
}

/// `aws_iam_saml_provider.staff` of the expressions `aws_iam_saml_provider.staff.arn` and `aws_iam_saml_provider.staff[0].id`.
pub(super) fn address(expression: &str) -> Option<String> {
    let of = [".arn", ".id"].iter().find_map(|end| expression.trim().strip_suffix(end))?;
    let (name, index) = of.split_once('[').unwrap_or((of, "]"));
    let is_plain = index.find(']') == Some(index.len().checked_sub(1)?);
    is_plain.then(|| name.to_owned())
}

/// Host and path of a URL, if that is written out.
fn host(url: &Node, text: &str) -> Option<String> {
    let url = url.text(text)?;
    let host = url.strip_prefix("https://")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    (!host.is_empty() && !host.ends_with('/') && host.bytes().all(is_plain)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (expression, wanted) in [
            ("aws_iam_saml_provider.a.arn", Some("aws_iam_saml_provider.a")),
            (" data.aws_iam_saml_provider.a.id ", Some("data.aws_iam_saml_provider.a")),
            ("aws_iam_saml_provider.a[each.key].arn", Some("aws_iam_saml_provider.a")),
            ("aws_iam_saml_provider.a[*].arn[0]", None),
            ("aws_iam_saml_provider.a.name", None),
            ("aws_iam_saml_provider.a[0].b[0].arn", None),
        ] {
            assert_eq!(address(expression).as_deref(), wanted, "{expression}");
        }
        assert_eq!(Provider::of_address("data.aws_iam_saml_provider.a"), Some(Provider::Saml));
        assert_eq!(Provider::of_address("aws_iam_role.a"), None);
    }
}

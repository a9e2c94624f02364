//! The rules: one file each, one folder a group, and this list of them.

mod action {
    pub(super) mod foreign_action;
    pub(super) mod invalid_action;
    pub(super) mod renamed_action;
    pub(super) mod unknown_action;
    pub(super) mod unknown_service;
    pub(super) mod wildcard_in_service;
}
mod condition {
    pub(super) mod any_value;
    pub(super) mod cidr_host_bits;
    pub(super) mod condition_key_never_present;
    pub(super) mod contradictory_conditions;
    pub(super) mod duplicate_condition_key;
    pub(super) mod dynamodb_attributes_without_select;
    pub(super) mod for_all_values_allow;
    pub(super) mod for_any_value_deny;
    pub(super) mod forgeable_key;
    pub(super) mod if_exists_allow;
    pub(super) mod if_exists_always_present;
    pub(super) mod if_exists_deny;
    pub(super) mod invalid_condition_key;
    pub(super) mod key_without_its_action;
    pub(super) mod literal_wildcard;
    pub(super) mod mixed_value_types;
    pub(super) mod null_set_operator;
    pub(super) mod open_subject;
    pub(super) mod own_resource_key;
    pub(super) mod prefix_negative;
    pub(super) mod private_source_ip;
    pub(super) mod reserved_tag;
    pub(super) mod resource_tag_unsupported;
    pub(super) mod set_operator_missing;
    pub(super) mod set_operator_on_single_value;
    pub(super) mod several_booleans;
    pub(super) mod unknown_condition_key;
    pub(super) mod unknown_operator;
    pub(super) mod vpc_source_ip_alone;
    pub(super) mod vpce_key_unsupported;
}
#[expect(clippy::module_inception, reason = "a rule that is called like its group")]
mod confused_deputy {
    pub(super) mod confused_deputy;
    pub(super) mod principal_key_for_service;
    pub(super) mod service_trust_without_source;
    pub(super) mod source_arn_without_account;
    pub(super) mod weak_source_key;
}
mod escalation {
    pub(super) mod any_service_linked_role;
    pub(super) mod bucket_policy_escalation;
    pub(super) mod pass_any_role;
    pub(super) mod privilege_escalation;
    pub(super) mod settable_tag;
}
mod exposure {
    pub(super) mod audit_off;
    pub(super) mod credentials_exposure;
    pub(super) mod data_exposure;
    pub(super) mod resource_exposure;
    pub(super) mod secret_in_policy;
}
mod kind {
    pub(super) mod action_out_of_scope;
    pub(super) mod bucket_guard_given_away;
    pub(super) mod bucket_lockout;
    pub(super) mod endpoint_for_everyone;
    pub(super) mod endpoint_principal;
    pub(super) mod grant_without_limit;
    pub(super) mod iot_too_wide;
    pub(super) mod key_lockout;
    pub(super) mod key_policy_resource;
    pub(super) mod key_statement_without_resource;
    pub(super) mod plain_http;
    pub(super) mod plain_http_partly;
    pub(super) mod queue_lockout;
    pub(super) mod secret_without_deny;
}
mod organization {
    pub(super) mod other_kind;
    pub(super) mod rcp_action_any;
    pub(super) mod rcp_allow;
    pub(super) mod rcp_denies_everyone;
    pub(super) mod rcp_foreign_service;
    pub(super) mod rcp_hits_services;
    pub(super) mod rcp_not_action;
    pub(super) mod rcp_principal;
    pub(super) mod rcp_source_key;
    pub(super) mod rcp_version;
    pub(super) mod region_deny_global;
    pub(super) mod scp_denies_all;
}
mod overbroad {
    pub(super) mod account_root;
    pub(super) mod action_any;
    pub(super) mod any_account;
    pub(super) mod assume_any_role;
    pub(super) mod bucket_name_open;
    pub(super) mod decrypt_any_key;
    pub(super) mod full_admin;
    pub(super) mod inverted_deny;
    pub(super) mod marketplace_subscribe;
    pub(super) mod not_action_allow;
    pub(super) mod not_principal_allow;
    pub(super) mod not_principal_deny;
    pub(super) mod not_resource_allow;
    pub(super) mod only_denies;
    pub(super) mod principal_any;
    pub(super) mod resource_any;
    pub(super) mod sensitive_wildcard;
    pub(super) mod whole_service;
}
mod practice {
    pub(super) mod action_case;
    pub(super) mod condition_key_case;
    pub(super) mod mfa_deny_misses_keys;
    pub(super) mod mfa_false_in_allow;
    pub(super) mod mfa_key_is_there;
    pub(super) mod missing_sid;
    pub(super) mod network_deny_hits_services;
    pub(super) mod partition_written_out;
    pub(super) mod unformatted;
    pub(super) mod unused_suppression;
}
mod principal {
    pub(super) mod deleted_principal;
    pub(super) mod example_value;
    pub(super) mod federated_outside_trust;
    pub(super) mod invalid_principal;
    pub(super) mod invalid_provider;
    pub(super) mod invalid_service_principal;
    pub(super) mod unknown_principal_type;
    pub(super) mod unknown_service_principal;
    pub(super) mod wildcard_in_principal;
}
mod public {
    pub(super) mod all_actions_for_others;
    pub(super) mod foreign_principal;
    pub(super) mod origin_access_identity;
    pub(super) mod public_access;
    pub(super) mod s3_public;
}
mod quota {
    pub(super) mod near_quota;
    pub(super) mod quota_exceeded;
    pub(super) mod quota_of_other_kind;
}
mod redundancy {
    pub(super) mod dead_allow;
    pub(super) mod deny_except_everyone;
    pub(super) mod duplicate_statement;
    pub(super) mod excepts_everything;
    pub(super) mod joinable_statements;
    pub(super) mod redundant_action;
    pub(super) mod redundant_condition_value;
    pub(super) mod redundant_principal;
    pub(super) mod redundant_resource;
    pub(super) mod shadowed_statement;
    pub(super) mod wildcard_for_one_action;
}
mod resource {
    pub(super) mod action_resource_mismatch;
    pub(super) mod arn_account;
    pub(super) mod arn_fits_no_type;
    pub(super) mod arn_region;
    pub(super) mod bucket_policy_star;
    pub(super) mod foreign_resource;
    pub(super) mod invalid_arn;
    pub(super) mod unknown_partition;
    pub(super) mod unknown_region;
    pub(super) mod unused_resource;
    pub(super) mod wildcard_in_resource_type;
}
mod statement {
    pub(super) mod action_and_not_action;
    pub(super) mod duplicate_sid;
    pub(super) mod empty_condition;
    pub(super) mod empty_list;
    pub(super) mod empty_sid;
    pub(super) mod invalid_effect;
    pub(super) mod invalid_sid;
    pub(super) mod missing_action;
    pub(super) mod missing_effect;
    pub(super) mod missing_principal;
    pub(super) mod missing_resource;
    pub(super) mod principal_and_not_principal;
    pub(super) mod resource_and_not_resource;
    pub(super) mod unexpected_principal;
}
mod syntax {
    pub(super) mod duplicate_member;
    pub(super) mod invalid_version;
    pub(super) mod json_syntax;
    pub(super) mod leading_white_space;
    pub(super) mod missing_statement;
    pub(super) mod missing_version;
    pub(super) mod old_version;
    pub(super) mod template_text;
    pub(super) mod unknown_element;
    pub(super) mod unquoted_value;
    pub(super) mod unread_statements;
    pub(super) mod unresolved_placeholder;
    pub(super) mod unsupported_character;
    pub(super) mod wrong_type;
}
mod trust {
    pub(super) mod action_of_other_principal;
    pub(super) mod audience_set_operator;
    pub(super) mod compute_service;
    pub(super) mod github_subject;
    pub(super) mod missing_external_id;
    pub(super) mod not_principal_in_trust;
    pub(super) mod oidc_subject_open;
    pub(super) mod oidc_without_audience;
    pub(super) mod oidc_without_condition;
    pub(super) mod oidc_without_subject;
    pub(super) mod other_account;
    pub(super) mod resource_in_trust;
    pub(super) mod roles_anywhere_actions;
    pub(super) mod saml_audience;
    pub(super) mod saml_without_audience;
    pub(super) mod trust_action;
    pub(super) mod user_without_mfa;
}
mod r#type {
    pub(super) mod ambiguous_date;
    pub(super) mod impossible_value;
    pub(super) mod operator_type_mismatch;
    pub(super) mod string_operator_on_arn;
}
mod variable {
    pub(super) mod unknown_variable;
    pub(super) mod variable_before_star;
    pub(super) mod variable_in_old_version;
    pub(super) mod variable_of_its_own_key;
    pub(super) mod variable_outside;
    pub(super) mod variable_syntax;
}

use super::rule::Rule;

/// Every rule, by group and name.
pub const ALL: &[Rule] = &[
    action::foreign_action::RULE,
    action::invalid_action::RULE,
    action::renamed_action::RULE,
    action::unknown_action::RULE,
    action::unknown_service::RULE,
    action::wildcard_in_service::RULE,
    condition::any_value::RULE,
    condition::cidr_host_bits::RULE,
    condition::condition_key_never_present::RULE,
    condition::contradictory_conditions::RULE,
    condition::duplicate_condition_key::RULE,
    condition::dynamodb_attributes_without_select::RULE,
    condition::for_all_values_allow::RULE,
    condition::for_any_value_deny::RULE,
    condition::forgeable_key::RULE,
    condition::if_exists_allow::RULE,
    condition::if_exists_always_present::RULE,
    condition::if_exists_deny::RULE,
    condition::invalid_condition_key::RULE,
    condition::key_without_its_action::RULE,
    condition::literal_wildcard::RULE,
    condition::mixed_value_types::RULE,
    condition::null_set_operator::RULE,
    condition::open_subject::RULE,
    condition::own_resource_key::RULE,
    condition::prefix_negative::RULE,
    condition::private_source_ip::RULE,
    condition::reserved_tag::RULE,
    condition::resource_tag_unsupported::RULE,
    condition::set_operator_missing::RULE,
    condition::set_operator_on_single_value::RULE,
    condition::several_booleans::RULE,
    condition::unknown_condition_key::RULE,
    condition::unknown_operator::RULE,
    condition::vpc_source_ip_alone::RULE,
    condition::vpce_key_unsupported::RULE,
    confused_deputy::confused_deputy::RULE,
    confused_deputy::principal_key_for_service::RULE,
    confused_deputy::service_trust_without_source::RULE,
    confused_deputy::source_arn_without_account::RULE,
    confused_deputy::weak_source_key::RULE,
    escalation::any_service_linked_role::RULE,
    escalation::bucket_policy_escalation::RULE,
    escalation::pass_any_role::RULE,
    escalation::privilege_escalation::RULE,
    escalation::settable_tag::RULE,
    exposure::audit_off::RULE,
    exposure::credentials_exposure::RULE,
    exposure::data_exposure::RULE,
    exposure::resource_exposure::RULE,
    exposure::secret_in_policy::RULE,
    kind::action_out_of_scope::RULE,
    kind::bucket_guard_given_away::RULE,
    kind::bucket_lockout::RULE,
    kind::endpoint_for_everyone::RULE,
    kind::endpoint_principal::RULE,
    kind::grant_without_limit::RULE,
    kind::iot_too_wide::RULE,
    kind::key_lockout::RULE,
    kind::key_policy_resource::RULE,
    kind::key_statement_without_resource::RULE,
    kind::plain_http::RULE,
    kind::plain_http_partly::RULE,
    kind::queue_lockout::RULE,
    kind::secret_without_deny::RULE,
    organization::other_kind::RULE,
    organization::rcp_action_any::RULE,
    organization::rcp_allow::RULE,
    organization::rcp_denies_everyone::RULE,
    organization::rcp_foreign_service::RULE,
    organization::rcp_hits_services::RULE,
    organization::rcp_not_action::RULE,
    organization::rcp_principal::RULE,
    organization::rcp_source_key::RULE,
    organization::rcp_version::RULE,
    organization::region_deny_global::RULE,
    organization::scp_denies_all::RULE,
    overbroad::account_root::RULE,
    overbroad::action_any::RULE,
    overbroad::any_account::RULE,
    overbroad::assume_any_role::RULE,
    overbroad::bucket_name_open::RULE,
    overbroad::decrypt_any_key::RULE,
    overbroad::full_admin::RULE,
    overbroad::inverted_deny::RULE,
    overbroad::marketplace_subscribe::RULE,
    overbroad::not_action_allow::RULE,
    overbroad::not_principal_allow::RULE,
    overbroad::not_principal_deny::RULE,
    overbroad::not_resource_allow::RULE,
    overbroad::only_denies::RULE,
    overbroad::principal_any::RULE,
    overbroad::resource_any::RULE,
    overbroad::sensitive_wildcard::RULE,
    overbroad::whole_service::RULE,
    practice::action_case::RULE,
    practice::condition_key_case::RULE,
    practice::mfa_deny_misses_keys::RULE,
    practice::mfa_false_in_allow::RULE,
    practice::mfa_key_is_there::RULE,
    practice::missing_sid::RULE,
    practice::network_deny_hits_services::RULE,
    practice::partition_written_out::RULE,
    practice::unformatted::RULE,
    practice::unused_suppression::RULE,
    principal::deleted_principal::RULE,
    principal::example_value::RULE,
    principal::federated_outside_trust::RULE,
    principal::invalid_principal::RULE,
    principal::invalid_provider::RULE,
    principal::invalid_service_principal::RULE,
    principal::unknown_principal_type::RULE,
    principal::unknown_service_principal::RULE,
    principal::wildcard_in_principal::RULE,
    public::all_actions_for_others::RULE,
    public::foreign_principal::RULE,
    public::origin_access_identity::RULE,
    public::public_access::RULE,
    public::s3_public::RULE,
    quota::near_quota::RULE,
    quota::quota_exceeded::RULE,
    quota::quota_of_other_kind::RULE,
    redundancy::dead_allow::RULE,
    redundancy::deny_except_everyone::RULE,
    redundancy::duplicate_statement::RULE,
    redundancy::excepts_everything::RULE,
    redundancy::joinable_statements::RULE,
    redundancy::redundant_action::RULE,
    redundancy::redundant_condition_value::RULE,
    redundancy::redundant_principal::RULE,
    redundancy::redundant_resource::RULE,
    redundancy::shadowed_statement::RULE,
    redundancy::wildcard_for_one_action::RULE,
    resource::action_resource_mismatch::RULE,
    resource::arn_account::RULE,
    resource::arn_fits_no_type::RULE,
    resource::arn_region::RULE,
    resource::bucket_policy_star::RULE,
    resource::foreign_resource::RULE,
    resource::invalid_arn::RULE,
    resource::unknown_partition::RULE,
    resource::unknown_region::RULE,
    resource::unused_resource::RULE,
    resource::wildcard_in_resource_type::RULE,
    statement::action_and_not_action::RULE,
    statement::duplicate_sid::RULE,
    statement::empty_condition::RULE,
    statement::empty_list::RULE,
    statement::empty_sid::RULE,
    statement::invalid_effect::RULE,
    statement::invalid_sid::RULE,
    statement::missing_action::RULE,
    statement::missing_effect::RULE,
    statement::missing_principal::RULE,
    statement::missing_resource::RULE,
    statement::principal_and_not_principal::RULE,
    statement::resource_and_not_resource::RULE,
    statement::unexpected_principal::RULE,
    syntax::duplicate_member::RULE,
    syntax::invalid_version::RULE,
    syntax::json_syntax::RULE,
    syntax::leading_white_space::RULE,
    syntax::missing_statement::RULE,
    syntax::missing_version::RULE,
    syntax::old_version::RULE,
    syntax::template_text::RULE,
    syntax::unknown_element::RULE,
    syntax::unquoted_value::RULE,
    syntax::unread_statements::RULE,
    syntax::unresolved_placeholder::RULE,
    syntax::unsupported_character::RULE,
    syntax::wrong_type::RULE,
    trust::action_of_other_principal::RULE,
    trust::audience_set_operator::RULE,
    trust::compute_service::RULE,
    trust::github_subject::RULE,
    trust::missing_external_id::RULE,
    trust::not_principal_in_trust::RULE,
    trust::oidc_subject_open::RULE,
    trust::oidc_without_audience::RULE,
    trust::oidc_without_condition::RULE,
    trust::oidc_without_subject::RULE,
    trust::other_account::RULE,
    trust::resource_in_trust::RULE,
    trust::roles_anywhere_actions::RULE,
    trust::saml_audience::RULE,
    trust::saml_without_audience::RULE,
    trust::trust_action::RULE,
    trust::user_without_mfa::RULE,
    r#type::ambiguous_date::RULE,
    r#type::impossible_value::RULE,
    r#type::operator_type_mismatch::RULE,
    r#type::string_operator_on_arn::RULE,
    variable::unknown_variable::RULE,
    variable::variable_before_star::RULE,
    variable::variable_in_old_version::RULE,
    variable::variable_of_its_own_key::RULE,
    variable::variable_outside::RULE,
    variable::variable_syntax::RULE,
];

/// The rule of that name.
pub fn get(name: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.name == name)
}

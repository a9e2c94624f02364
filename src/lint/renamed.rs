//! Names of API operations that no permission has, and permissions that were replaced: what to write.

/// What a name was replaced by, and why it looks right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Renamed {
    /// The permissions, one or more.
    pub(crate) now: &'static [&'static str],
    /// Whether the old name is an operation of the API, checked under another name.
    pub(crate) operation: bool,
}

const fn operation(now: &'static [&'static str]) -> Renamed {
    Renamed { now, operation: true }
}

const fn replaced(now: &'static [&'static str]) -> Renamed {
    Renamed { now, operation: false }
}

/// Sorted by the first column, in lower case. From the API references of the services and the notes of
/// AWS on fine-grained billing permissions (2023).
const NAMES: &[(&str, Renamed)] = &[
    ("aws-portal:modifyaccount", replaced(&["account:PutContactInformation", "account:CloseAccount"])),
    (
        "aws-portal:modifybilling",
        replaced(&["billing:Put*", "billing:Update*", "invoicing:Put*", "tax:Update*"]),
    ),
    (
        "aws-portal:modifypaymentmethods",
        replaced(&["payments:MakePayment", "payments:UpdatePaymentPreferences"]),
    ),
    ("aws-portal:viewaccount", replaced(&["account:GetAccountInformation", "account:GetContactInformation"])),
    ("aws-portal:viewbilling", replaced(&["billing:Get*", "ce:Get*", "invoicing:Get*", "tax:Get*"])),
    (
        "aws-portal:viewpaymentmethods",
        replaced(&["payments:GetPaymentInstrument", "payments:ListPaymentPreferences"]),
    ),
    ("aws-portal:viewusage", replaced(&["ce:GetCostAndUsage"])),
    ("kms:reencrypt", operation(&["kms:ReEncryptFrom", "kms:ReEncryptTo"])),
    ("lambda:invoke", operation(&["lambda:InvokeFunction"])),
    (
        "purchase-orders:modifypurchaseorders",
        replaced(&["purchase-orders:AddPurchaseOrder", "purchase-orders:UpdatePurchaseOrder"]),
    ),
    (
        "purchase-orders:viewpurchaseorders",
        replaced(&["purchase-orders:GetPurchaseOrder", "purchase-orders:ListPurchaseOrders"]),
    ),
    ("s3:completemultipartupload", operation(&["s3:PutObject"])),
    ("s3:copyobject", operation(&["s3:GetObject", "s3:PutObject"])),
    ("s3:createmultipartupload", operation(&["s3:PutObject"])),
    ("s3:deletebucketcors", operation(&["s3:PutBucketCORS"])),
    ("s3:deletebucketencryption", operation(&["s3:PutEncryptionConfiguration"])),
    ("s3:deletebucketlifecycle", operation(&["s3:PutLifecycleConfiguration"])),
    ("s3:deletebucketreplication", operation(&["s3:PutReplicationConfiguration"])),
    ("s3:deletebuckettagging", operation(&["s3:PutBucketTagging"])),
    ("s3:deleteobjects", operation(&["s3:DeleteObject"])),
    ("s3:deletepublicaccessblock", operation(&["s3:PutBucketPublicAccessBlock"])),
    ("s3:getbucketencryption", operation(&["s3:GetEncryptionConfiguration"])),
    ("s3:getbucketlifecycle", operation(&["s3:GetLifecycleConfiguration"])),
    ("s3:getbucketlifecycleconfiguration", operation(&["s3:GetLifecycleConfiguration"])),
    ("s3:getbucketnotificationconfiguration", operation(&["s3:GetBucketNotification"])),
    ("s3:getbucketreplication", operation(&["s3:GetReplicationConfiguration"])),
    ("s3:getobjectlockconfiguration", operation(&["s3:GetBucketObjectLockConfiguration"])),
    ("s3:getpublicaccessblock", operation(&["s3:GetBucketPublicAccessBlock"])),
    ("s3:headbucket", operation(&["s3:ListBucket"])),
    ("s3:headobject", operation(&["s3:GetObject"])),
    ("s3:listbuckets", operation(&["s3:ListAllMyBuckets"])),
    ("s3:listmultipartuploads", operation(&["s3:ListBucketMultipartUploads"])),
    ("s3:listobjects", operation(&["s3:ListBucket"])),
    ("s3:listobjectsv2", operation(&["s3:ListBucket"])),
    ("s3:listobjectversions", operation(&["s3:ListBucketVersions"])),
    ("s3:listparts", operation(&["s3:ListMultipartUploadParts"])),
    ("s3:putbucketencryption", operation(&["s3:PutEncryptionConfiguration"])),
    ("s3:putbucketlifecycle", operation(&["s3:PutLifecycleConfiguration"])),
    ("s3:putbucketlifecycleconfiguration", operation(&["s3:PutLifecycleConfiguration"])),
    ("s3:putbucketnotificationconfiguration", operation(&["s3:PutBucketNotification"])),
    ("s3:putbucketreplication", operation(&["s3:PutReplicationConfiguration"])),
    ("s3:putobjectlockconfiguration", operation(&["s3:PutBucketObjectLockConfiguration"])),
    ("s3:putpublicaccessblock", operation(&["s3:PutBucketPublicAccessBlock"])),
    ("s3:selectobjectcontent", operation(&["s3:GetObject"])),
    ("s3:uploadpart", operation(&["s3:PutObject"])),
    ("s3:uploadpartcopy", operation(&["s3:GetObject", "s3:PutObject"])),
    ("sns:publishbatch", operation(&["sns:Publish"])),
    ("sqs:changemessagevisibilitybatch", operation(&["sqs:ChangeMessageVisibility"])),
    ("sqs:deletemessagebatch", operation(&["sqs:DeleteMessage"])),
    ("sqs:sendmessagebatch", operation(&["sqs:SendMessage"])),
];

/// What became of an action, `service:Name` in any case.
pub(crate) fn renamed(action: &str) -> Option<Renamed> {
    let name = action.to_ascii_lowercase();
    let index = NAMES.binary_search_by(|(known, _)| (*known).cmp(&name)).ok()?;
    NAMES.get(index).map(|(_, renamed)| *renamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn an_operation_is_no_permission_and_the_new_names_exist() {
        assert!(NAMES.is_sorted_by(|(a, _), (b, _)| a < b));
        for (old, renamed) in NAMES {
            // AWS goes on listing some of the permissions that it has split up.
            assert!(!renamed.operation || catalog::action(old).is_none(), "{old} is an action");
            assert!(!renamed.now.is_empty());
            for now in renamed.now {
                assert!(catalog::has_match(now), "{old}: {now} is no action");
            }
        }
        assert!(renamed("S3:ListObjectsV2").is_some() && renamed("s3:ListBucket").is_none());
    }
}

//! How the ARNs of resources that a template makes look.
//!
//! CloudFormation guide, "Return values" of each type; Service Authorization Reference, "Resource types" of each service.

use super::Part;

/// A type of resource, what gives its ARN, with `""` for `Ref`, and the ARN behind its partition: `+` stands for the Region
/// or the account of the stack, `@` for what is not known.
type Arn = (&'static str, &'static [&'static str], &'static str);

const ARNS: [Arn; 20] = [
    ("AWS::CodeBuild::Project", &["Arn"], "codebuild:+:+:project/@"),
    ("AWS::DynamoDB::GlobalTable", &["Arn"], "dynamodb:+:+:table/@"),
    ("AWS::DynamoDB::Table", &["Arn"], "dynamodb:+:+:table/@"),
    ("AWS::ECR::Repository", &["Arn"], "ecr:+:+:repository/@"),
    ("AWS::ECS::Cluster", &["Arn"], "ecs:+:+:cluster/@"),
    ("AWS::Events::EventBus", &["Arn"], "events:+:+:event-bus/@"),
    ("AWS::IAM::ManagedPolicy", &["", "PolicyArn"], "iam::+:policy/@"),
    ("AWS::IAM::Role", &["Arn"], "iam::+:role/@"),
    ("AWS::IAM::User", &["Arn"], "iam::+:user/@"),
    ("AWS::KMS::Key", &["Arn"], "kms:+:+:key/@"),
    ("AWS::Kinesis::Stream", &["Arn"], "kinesis:+:+:stream/@"),
    ("AWS::KinesisFirehose::DeliveryStream", &["Arn"], "firehose:+:+:deliverystream/@"),
    ("AWS::Lambda::Function", &["Arn"], "lambda:+:+:function:@"),
    ("AWS::Logs::LogGroup", &["Arn"], "logs:+:+:log-group:@:*"),
    ("AWS::S3::Bucket", &["Arn"], "s3:::@"),
    ("AWS::SNS::Topic", &["", "TopicArn"], "sns:+:+:@"),
    ("AWS::SQS::Queue", &["Arn"], "sqs:+:+:@"),
    ("AWS::SecretsManager::Secret", &["", "Id"], "secretsmanager:+:+:secret:@"),
    ("AWS::Serverless::Function", &["Arn"], "lambda:+:+:function:@"),
    ("AWS::StepFunctions::StateMachine", &["", "Arn"], "states:+:+:stateMachine:@"),
];

/// The pieces of the ARN that an attribute of a resource of this type is, if it is known to be one; `name` is that of what
/// is not known of it.
pub(super) fn arn(kind: &str, attribute: &str, name: &str) -> Option<Vec<Part>> {
    let (.., rest) =
        ARNS.iter().find(|(of, attributes, _)| *of == kind && attributes.contains(&attribute))?;
    let literal = |text: &str| Part::Literal(text.to_owned());
    let mut parts = vec![literal("arn:"), Part::Segment("AWS::Partition".into())];
    let mut segments = rest.splitn(4, ':');
    for pseudo in ["", "AWS::Region", "AWS::AccountId"] {
        let segment = segments.next()?;
        parts.push(literal(":"));
        parts.push(match segment {
            "+" => Part::Segment(pseudo.into()),
            text => literal(text),
        });
    }
    let (before, after) = segments.next()?.split_once('@')?;
    parts.extend([literal(":"), literal(before), Part::Attribute(name.into()), literal(after)]);
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_an_arn() {
        for (kind, attributes, _) in ARNS {
            for attribute in attributes {
                let parts = arn(kind, attribute, "x").unwrap();
                let text: String = parts
                    .iter()
                    .map(|part| match part {
                        Part::Literal(text) => text.clone(),
                        Part::Segment(name) => name.rsplit(':').next().unwrap_or_default().to_lowercase(),
                        Part::Attribute(name) | Part::Unknown(name) => name.to_string(),
                    })
                    .collect();
                let known = crate::catalog::types_in(text.split(':').nth(2).unwrap());
                let fits = |form: crate::catalog::ArnPattern| {
                    let last = text.splitn(6, ':').nth(5).unwrap();
                    form.fits_resource(last.trim_end_matches(":*"))
                };
                assert!(known.flat_map(|of| of.arns()).any(fits), "{kind} {text}");
            }
        }
        assert_eq!(arn("AWS::SQS::Queue", "", "x"), None);
        assert_eq!(arn("AWS::SNS::TopicPolicy", "Arn", "x"), None);
    }
}

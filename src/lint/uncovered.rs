//! Checks of the field that no rule does, and why.

/// Rows of the book's table without a rule, sorted, each with the reason.
pub const UNCOVERED: &[(&str, &str)] = &[
    (
        "CND-12",
        "every request has the global keys that belong to it, whether or not its action lists keys of its own, so \
         this would be said of most policies and help nobody",
    ),
    (
        "EXP-06",
        "an action on resources that are named needs no condition, so this would be said of most good policies; \
         where nothing is named, the rules of this group weigh the conditions",
    ),
    (
        "EXP-08",
        "which resources are sensitive is for the user to say, as a policy of what must not be allowed: \
         `diff --forbidden` holds another against it, exactly",
    ),
    (
        "EXP-09",
        "which conditions somebody demands is for them to say, as a policy of what must not be allowed without \
         them: `diff --forbidden` holds another against it, exactly",
    ),
    (
        "EXP-10",
        "what somebody forbids is a policy of its own: `diff --forbidden` holds another against it, exactly",
    ),
    (
        "KMS-05",
        "it asks other rules to keep quiet: `*` as the resource of a key policy is this key, and no rule takes it \
         for a wildcard",
    ),
    (
        "ORG-02",
        "Organizations takes wildcards anywhere in an action since September 2025, so there is nothing wrong with them",
    ),
    (
        "ORG-03",
        "Organizations takes the whole policy language since September 2025, so what it once refused is no mistake",
    ),
    (
        "OVR-22",
        "a wish of some organizations and no fault of a policy; a resource control policy grants it for all \
         policies at once",
    ),
    ("OVR-23", "a score does not say what to change; the rules about size and redundancy name what can go"),
    (
        "PUB-10",
        "which conditions somebody demands of which principals is for them to say, as a policy of what must not be \
         allowed without them: `diff --forbidden` holds another against it, exactly",
    ),
    (
        "RED-13",
        "which policies are attached to one principal is not in the files, so two that grant the same may well be \
         those of two roles",
    ),
    (
        "SNS-02",
        "a principal that is named is a limit, with or without a condition; the rules about other accounts look at \
         whose it is",
    ),
];

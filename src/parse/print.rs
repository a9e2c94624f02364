//! The way back from tree to text.

use super::tree::{Node, Value};

/// Prints a tree over the text it was parsed from, which gives that text byte for byte.
///
/// It walks the tree and copies each leaf and what stands between the leaves, so it fails to give
/// the text back exactly when a span is wrong: that makes it the parser's own test.
pub fn print(tree: &Node, source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut done = 0;
    let mut copy_to = |end: u32| {
        out.push_str(source.get(done..end as usize).unwrap_or(""));
        done = done.max(end as usize);
    };
    let mut stack = vec![Step::Enter(tree)];
    while let Some(step) = stack.pop() {
        let node = match step {
            Step::Enter(node) => node,
            Step::CopyTo(end) => {
                copy_to(end);
                continue;
            }
        };
        copy_to(node.span.start);
        stack.push(Step::CopyTo(node.span.end));
        match &node.value {
            Value::Array(items) => stack.extend(items.iter().rev().map(Step::Enter)),
            Value::Object(members) => {
                for member in members.iter().rev() {
                    stack.push(Step::Enter(&member.value));
                    stack.push(Step::CopyTo(member.key.span.end));
                    stack.push(Step::CopyTo(member.key.span.start));
                }
            }
            _ => {}
        }
    }
    copy_to(u32::try_from(source.len()).unwrap_or(u32::MAX));
    out
}

enum Step<'a> {
    Enter(&'a Node),
    CopyTo(u32),
}

//! Text in the syntax of HCL, laid out as `terraform fmt` does. No library writes this layout: hcl-rs aligns nothing, puts
//! each element of a list on a line of its own, and brings a parser along.

use crate::invisible::is_unsafe;

/// A list or an object that needs more columns than these is written on several lines.
const WIDTH: usize = 100;

/// What stands to the right of a `=`.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// A reference, a text, a number: all that has no line end.
    Line(String),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `{ a = b }`, with its keys as they are written.
    Object(Vec<(String, Expression)>),
    /// `jsonencode(…)`
    Json(Box<Expression>),
}

/// A block, such as a resource.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Its type and labels, as they are written.
    pub(super) head: String,
    /// Its arguments, with their names as they are written.
    pub(super) arguments: Vec<(String, Expression)>,
    /// The blocks inside.
    pub(super) blocks: Vec<Block>,
}

/// Whether a word can stand without quotes as a name or as a key. `for` begins an expression of its own.
pub(super) fn is_identifier(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && word != "for"
}

/// A text as it is written between quotes, where `before_expression` says whether `${` follows: HCL specification,
/// "Quoted templates".
pub(super) fn escape(text: &str, before_expression: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = rest.next() {
        let next = rest.peek().copied();
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if next == Some('{') => out.extend([character, character]),
            // `$${` is no expression but the sign itself; and marks with `##` act on the logs of some CI systems.
            '$' if next.is_none() && before_expression => unicode(character, &mut out),
            '#' if before == '#' => unicode(character, &mut out),
            _ if is_unsafe(character) => unicode(character, &mut out),
            _ => out.push(character),
        }
        before = character;
    }
    out
}

fn unicode(character: char, out: &mut String) {
    match u32::from(character) {
        code @ 0..=0xffff => out.push_str(&format!("\\u{code:04x}")),
        code => out.push_str(&format!("\\U{code:08x}")),
    }
}

/// A text as a comment.
pub(super) fn comment(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.lines() {
        out.push_str(if line.is_empty() { "#" } else { "# " });
        let mut before = ' ';
        for character in line.chars() {
            match is_unsafe(character) || character == '\t' || (character == '#' && before == '#') {
                true => out.extend(character.escape_unicode()),
                false => out.push(character),
            }
            before = character;
        }
        out.push('\n');
    }
    out
}

impl Expression {
    /// The expression on one line, if it is one that is written so.
    fn on_one_line(&self) -> Option<String> {
        match self {
            Expression::Line(text) => Some(text.clone()),
            Expression::List(items) => {
                let items = items.iter().map(|item| match item {
                    Expression::Line(text) => Some(text.as_str()),
                    _ => None,
                });
                Some(format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(", ")))
            }
            Expression::Object(members) => match members.as_slice() {
                [] => Some("{}".to_owned()),
                [(name, value)] => Some(format!("{{ {name} = {} }}", value.on_one_line()?)),
                _ => None,
            },
            Expression::Json(value) => Some(format!("jsonencode({})", value.on_one_line()?)),
        }
    }

    /// The expression, where `column` columns are taken and lines begin with `indent` spaces.
    fn text(&self, column: usize, indent: usize) -> String {
        let fits =
            |line: &String| matches!(self, Expression::Line(_)) || column + line.chars().count() <= WIDTH;
        if let Some(line) = self.on_one_line().filter(fits) {
            return line;
        }
        let inner = " ".repeat(indent + 2);
        let outer = " ".repeat(indent);
        match self {
            Expression::Line(text) => text.clone(),
            Expression::List(items) => {
                let items =
                    items.iter().map(|item| format!("{inner}{},\n", item.text(indent + 2, indent + 2)));
                format!("[\n{}{outer}]", items.collect::<String>())
            }
            Expression::Object(members) => format!("{{\n{}{outer}}}", aligned(members, indent + 2)),
            Expression::Json(value) => format!("jsonencode({})", value.text(column + 11, indent)),
        }
    }
}

/// Names with their values, a line each. The signs `=` of successive lines are below one another, save where a value goes
/// on over several lines.
fn aligned(members: &[(String, Expression)], indent: usize) -> String {
    let written: Vec<(&str, String)> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.text(indent + name.chars().count() + 3, indent)))
        .collect();
    let mut out = String::new();
    for run in written.chunk_by(|(_, before), (_, value)| !before.contains('\n') && !value.contains('\n')) {
        let width = run.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in run {
            out.push_str(&format!("{:indent$}{name:width$} = {value}\n", ""));
        }
    }
    out
}

impl Block {
    /// The block, with lines that begin with `indent` spaces.
    pub(super) fn text(&self, indent: usize) -> String {
        let outer = " ".repeat(indent);
        let mut parts = vec![aligned(&self.arguments, indent + 2)];
        parts.extend(self.blocks.iter().map(|block| block.text(indent + 2)));
        let inner = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
        match inner.is_empty() {
            true => format!("{outer}{} {{}}\n", self.head),
            false => format!("{outer}{} {{\n{inner}{outer}}}\n", self.head),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HCL specification, "Quoted templates"; Terraform language, "Strings and templates".
    #[test]
    fn texts_are_escaped() {
        for (text, written) in [
            ("a \"b\" \\ c\n\td", r#"a \"b\" \\ c\n\td"#),
            ("${aws:username} %{if} $ % {} $x", "$${aws:username} %%{if} $ % {} $x"),
            ("$${a}", "$$${a}"),
            ("é\r\u{1f600}\u{200b}\u{e0041}", "é\\u000d\u{1f600}\\u200b\\U000e0041"),
            ("##[x]###", "#\\u0023[x]#\\u0023\\u0023"),
            ("a$", "a$"),
        ] {
            assert_eq!(escape(text, false), written);
        }
        assert_eq!(escape("a$", true), "a\\u0024");
        assert_eq!(escape("a%", true), "a%");
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(comment("a\n\nb\r\nc\rd\u{2028}e"), "# a\n#\n# b\n# c\\u{d}d\\u{2028}e\n");
        assert_eq!(comment("##[x]"), "# #\\u{23}[x]\n");
    }

    /// Terraform language, "Style conventions".
    #[test]
    fn the_layout_is_that_of_terraform_fmt() {
        let line = |text: &str| Expression::Line(text.to_owned());
        let named = |name: &str, value: Expression| (name.to_owned(), value);
        let action = Expression::List(vec![line("\"a\""), line("\"b\"")]);
        let statement = Expression::Object(vec![
            named("Effect", line("\"Allow\"")),
            named("Principal", Expression::Object(vec![named("Service", line("var.x"))])),
            named("Action", action),
            named(
                "Condition",
                Expression::Object(vec![
                    named("ArnEquals", Expression::Object(vec![named("\"aws:SourceArn\"", line("a.b"))])),
                    named("Bool", Expression::Object(vec![named("\"aws:SecureTransport\"", line("true"))])),
                ]),
            ),
            named("Resource", line("\"*\"")),
        ]);
        let policy = Expression::Json(Box::new(Expression::Object(vec![
            named("Version", line("\"2012-10-17\"")),
            named("Statement", Expression::List(vec![statement])),
        ])));
        let block = Block {
            head: "resource \"r\" \"n\"".to_owned(),
            arguments: vec![
                named("a", line("1")),
                named("long_name", line("[]")),
                named("policy", policy),
                named("b", line("2")),
            ],
            blocks: vec![Block { head: "empty".to_owned(), arguments: Vec::new(), blocks: Vec::new() }],
        };
        let written = r#"resource "r" "n" {
  a         = 1
  long_name = []
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = var.x }
        Action    = ["a", "b"]
        Condition = {
          ArnEquals = { "aws:SourceArn" = a.b }
          Bool      = { "aws:SecureTransport" = true }
        }
        Resource = "*"
      },
    ]
  })
  b = 2

  empty {}
}
"#;
        assert_eq!(block.text(0), written);
        let many = Expression::List(vec![line(&format!("\"{}\"", "x".repeat(40))); 3]);
        let item = format!("  \"{}\",\n", "x".repeat(40));
        assert_eq!(many.text(4, 0), format!("[\n{item}{item}{item}]"));
    }
}

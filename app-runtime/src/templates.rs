//! Texts with places to fill, a careful part of Mustache: `{{name}}`, `{{#name}}…{{/name}}` if there is a value,
//! `{{^name}}…{{/name}}` if there is none, `{{! remarks }}`.
//!
//! Pages and mails are made with it. In HTML every value is escaped, `{{{name}}}` and `{{&name}}` included: the
//! values come out of links and user names (CVE-2025-68115). Values are never read as templates.

use std::borrow::Cow;

/// What a text is, and so what must be escaped in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Html,
    Plain,
}

/// `template` with its places filled by `value`; unknown ones stay empty. Tags that do not fit together are text.
pub fn render<'v>(template: &str, medium: Medium, value: &dyn Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut out = String::with_capacity(template.len() + 256);
    // Sections that are open, each with whether its content is shown.
    let mut sections: Vec<(&str, bool)> = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        let shown = sections.iter().all(|(_, shown)| *shown);
        push(&mut out, &rest[..start], shown);
        let Some((tag, after)) = split_tag(&rest[start..]) else {
            rest = &rest[start..];
            break;
        };
        rest = after;
        let filled = |name: &str| value(name).filter(|text| !text.is_empty());
        match tag.split_at_checked(1) {
            Some(("#", name)) => sections.push((name.trim(), filled(name.trim()).is_some())),
            Some(("^", name)) => sections.push((name.trim(), filled(name.trim()).is_none())),
            Some(("/", name)) => {
                if sections.last().is_some_and(|(open, _)| *open == name.trim()) {
                    sections.pop();
                }
            }
            Some(("!", _)) => {}
            _ => {
                let name = tag.trim_start_matches('&').trim();
                if let (true, Some(text)) = (shown, filled(name)) {
                    push_value(&mut out, &text, medium);
                }
            }
        }
    }
    let shown = sections.iter().all(|(_, shown)| *shown);
    push(&mut out, rest, shown);
    out
}

/// The inside of the tag at the start of `text`, and what follows it.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let (open, close) = if text.starts_with("{{{") {
        ("{{{", "}}}")
    } else {
        ("{{", "}}")
    };
    let inside = &text[open.len()..];
    let end = inside.find(close)?;
    Some((inside[..end].trim(), &inside[end + close.len()..]))
}

fn push(out: &mut String, text: &str, shown: bool) {
    if shown {
        out.push_str(text);
    }
}

fn push_value(out: &mut String, text: &str, medium: Medium) {
    match medium {
        Medium::Html => out.push_str(&escape(text)),
        Medium::Plain => out.push_str(text),
    }
}

/// Text as it stands in HTML, between tags or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '/' => out.push_str("&#x2F;"),
            '`' => out.push_str("&#x60;"),
            '=' => out.push_str("&#x3D;"),
            character if character.is_control() && !matches!(character, '\n' | '\r' | '\t') => {
                out.push('\u{fffd}')
            }
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(template: &str) -> String {
        render(template, Medium::Html, &|name| match name {
            "who" => Some("<b>\"Anna\"</b>".into()),
            "nested" => Some("{{who}}".into()),
            "empty" => Some("".into()),
            _ => None,
        })
    }

    #[test]
    fn values_are_escaped_however_they_are_asked_for() {
        let escaped = "&lt;b&gt;&quot;Anna&quot;&lt;&#x2F;b&gt;";
        for template in ["{{who}}", "{{ who }}", "{{{who}}}", "{{&who}}", "{{& who }}"] {
            assert_eq!(html(template), escaped, "{template}");
        }
        assert_eq!(html("[{{nested}}]"), "[{{who}}]");
        assert_eq!(html("[{{missing}}{{empty}}]"), "[]");
    }

    #[test]
    fn sections_show_what_has_a_value() {
        assert_eq!(html("{{#who}}yes{{/who}}{{^who}}no{{/who}}"), "yes");
        assert_eq!(html("{{#empty}}yes{{/empty}}{{^empty}}no{{/empty}}"), "no");
        assert_eq!(html("{{#missing}}{{#who}}x{{/who}}{{/missing}}."), ".");
        assert_eq!(html("a{{! remark }}b"), "ab");
    }

    #[test]
    fn broken_templates_end() {
        assert_eq!(html("a {{who"), "a {{who");
        assert_eq!(html("a {{/who}} b"), "a  b");
        assert_eq!(html("{{#who}}a"), "a");
        assert_eq!(html("{{}}{{#}}é{{/}}"), "");
    }
}

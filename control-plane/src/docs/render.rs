//! Markdown to HTML: headings get ids, links get addresses of this server, wide things scroll by themselves. Pure.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::links;

/// A rendered page.
#[derive(Debug)]
pub struct Rendered {
    /// Its first heading; plain text, escaped for HTML.
    pub title: String,
    /// What stands inside `<main>`.
    pub body: String,
}

/// Renders one page of our own, trusted Markdown.
pub fn markdown(text: &str) -> Rendered {
    let events: Vec<_> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let title = events
        .iter()
        .position(|event| {
            matches!(
                event,
                Event::Start(Tag::Heading {
                    level: HeadingLevel::H1,
                    ..
                })
            )
        })
        .map(|start| text_of_heading(&events[start..]))
        .unwrap_or_default();
    let mut body = String::with_capacity(text.len() * 2);
    html::push_html(&mut body, adapt(events).into_iter());
    let mut escaped = String::new();
    html::push_html(&mut escaped, [Event::Text(title.into())].into_iter());
    Rendered { title: escaped, body }
}

fn adapt(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut adapted = Vec::with_capacity(events.len() + 16);
    let (mut unlinked, mut in_diagram) = (false, false);
    for (index, event) in events.iter().enumerate() {
        match event {
            // Drawn by a script elsewhere, and there are none here; the text says the same.
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &**language == "mermaid" => {
                in_diagram = true;
            }
            Event::End(TagEnd::CodeBlock) if in_diagram => in_diagram = false,
            _ if in_diagram => {}
            Event::Start(Tag::Heading { level, .. }) => adapted.push(heading(*level, &events[index..])),
            Event::Start(Tag::Link { dest_url, .. }) => match links::resolve(dest_url) {
                Some(address) => adapted.push(link(address)),
                None => unlinked = true,
            },
            Event::End(TagEnd::Link) if unlinked => unlinked = false,
            Event::Start(Tag::Table(_) | Tag::CodeBlock(_)) => {
                adapted.extend([raw("<div class=\"wide\" tabindex=\"0\">"), event.clone()]);
            }
            Event::End(TagEnd::Table | TagEnd::CodeBlock) => adapted.extend([event.clone(), raw("</div>\n")]),
            _ => adapted.push(event.clone()),
        }
    }
    adapted
}

fn heading<'a>(level: HeadingLevel, from_here: &[Event<'a>]) -> Event<'a> {
    let id = links::heading_id(&text_of_heading(from_here));
    Event::Start(Tag::Heading {
        level,
        id: Some(id.into()),
        classes: Vec::new(),
        attrs: Vec::new(),
    })
}

fn link<'a>(address: String) -> Event<'a> {
    Event::Start(Tag::Link {
        link_type: pulldown_cmark::LinkType::Inline,
        dest_url: address.into(),
        title: CowStr::Borrowed(""),
        id: CowStr::Borrowed(""),
    })
}

fn raw(html: &'static str) -> Event<'static> {
    Event::Html(CowStr::Borrowed(html))
}

/// The words of the heading that begins `events`.
fn text_of_heading(events: &[Event<'_>]) -> String {
    let inside = events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let words = inside.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        _ => None,
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_can_be_linked_to() {
        let page = markdown("# Keys & `<ids>`\n\n## app_limit_reached\n\n## What `make` does\n");
        assert_eq!(page.title, "Keys &amp; &lt;ids&gt;");
        assert!(
            page.body
                .contains("<h2 id=\"app_limit_reached\">app_limit_reached</h2>"),
            "{}",
            page.body
        );
        assert!(page.body.contains("<h2 id=\"what-make-does\">"), "{}", page.body);
    }

    #[test]
    fn what_is_not_served_is_no_link() {
        let page = markdown("[here](running.md#settings) and [there](decisions/)");
        assert_eq!(
            page.body,
            "<p><a href=\"/docs/running#settings\">here</a> and there</p>\n"
        );
    }

    #[test]
    fn wide_things_scroll_and_diagrams_are_left_out() {
        let page = markdown("| a |\n|---|\n| b |\n\n```mermaid\nflowchart LR\n```\n");
        assert!(
            page.body
                .starts_with("<div class=\"wide\" tabindex=\"0\"><table>"),
            "{}",
            page.body
        );
        assert!(page.body.ends_with("</table>\n</div>\n"), "{}", page.body);
    }
}

//! `docs/settings.md` lists the owner's options as they are. `UPDATE_DOCS=1 cargo test -p runtime-settings --test documented`
//! writes the list.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::Path;

use runtime_settings::owner::{OPTIONS, OwnerOption, SECTIONS};

const BEGIN: &str = "<!-- generated: options -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn the_guide_lists_every_option_of_the_owner() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let guide = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = guide.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}{}{END}{after}", tables());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
        return;
    }
    assert!(
        guide == wanted,
        "docs/settings.md is stale: run UPDATE_DOCS=1 cargo test -p runtime-settings --test documented"
    );
}

fn tables() -> String {
    let mut text = String::new();
    for section in SECTIONS {
        let _ = write!(
            text,
            "\n### {}\n\n{}\n\n| option | default | meaning |\n|---|---|---|\n",
            section.title, section.about
        );
        let options = OPTIONS.iter().filter(|option| option.section == section.id);
        options.for_each(|option| row(option, &mut text));
    }
    text.push('\n');
    text
}

fn row(option: &OwnerOption, text: &mut String) {
    let spec = option.spec();
    let default = match option.name {
        // The platform's own; see `regions::runtime_settings` of the control plane.
        "privateByDefault" => "true",
        "stage" => "building",
        "allowClientClassCreation" => "true while building",
        _ => spec.default,
    };
    let shown = match default {
        "" | "{}" | "[]" => "–".to_owned(),
        default => format!("`{default}`"),
    };
    let fields: Vec<_> = option
        .fields
        .iter()
        .map(|field| format!("`{}`", field.name))
        .collect();
    let fields = match fields.as_slice() {
        [] => String::new(),
        fields => format!(" Fields: {}.", fields.join(", ")),
    };
    let _ = writeln!(text, "| `{}` | {shown} | {}{fields} |", option.name, spec.help);
}

//! The book and the READMEs say what the code says.

use std::{env, fs};

use omni_tck_tests::book;

#[test]
fn generated_parts_are_up_to_date() {
    let bless = env::var_os("TCK_BLESS").is_some();
    let mut stale = Vec::new();
    for page in book::pages().unwrap() {
        let text = fs::read_to_string(&page).unwrap();
        let rendered =
            book::render(&text).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        if rendered != text {
            if bless {
                fs::write(&page, rendered).unwrap();
            }
            stale.push(page);
        }
    }
    assert!(
        bless || stale.is_empty(),
        "out of date: {stale:?}\nwrite them anew: TCK_BLESS=1 cargo test -p omni-tck-tests --test book"
    );
}

#[test]
fn all_rust_code_is_an_example_that_is_compiled_and_run() {
    for page in book::pages().unwrap() {
        let text = fs::read_to_string(&page).unwrap();
        let blocks = text.matches("```rust").count();
        let examples = text.matches("<!-- generated: example ").count();
        assert_eq!(
            blocks,
            examples,
            "{}: Rust that nothing compiles",
            page.display()
        );
    }
}

#[test]
fn every_example_is_shown_somewhere_and_run() {
    let pages: String = book::pages()
        .unwrap()
        .iter()
        .map(|page| fs::read_to_string(page).unwrap())
        .collect();
    let manifest = fs::read_to_string(book::root().join("tests/Cargo.toml")).unwrap();
    for entry in fs::read_dir(book::root().join("docs/examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            pages.contains(&format!("generated: example {name}")),
            "{name} is shown nowhere"
        );
        assert!(
            manifest.contains(&format!("docs/examples/{name}")),
            "{name} is not a test of tests/Cargo.toml"
        );
    }
}
